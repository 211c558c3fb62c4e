"""The server's side of the wire: one application, many models, and the runtime that starts and watches them.

    from servers import launch, catalogue
    server = launch("tcp_loop")

Both names are looked up at first use: a server process, which only wants `servers.app`, does not load the runtime.

    app             the application that every model serves, and what its models share
    tcp_*, udp_*    one model a file: its architecture and nothing else
    socketserver_*  the standard library's models
    http_files      files over HTTP
    web_app         a web application
    mail            a mail server
    ftp             an FTP server
    balancer        a load balancer in front of several servers
    folder          the folder that a file server or a mail server keeps
    names           the names that launch() knows
    runtime         starts any server as a real process, watches it, ends it
"""

__all__ = ["LaunchError", "catalogue", "launch"]


def __getattr__(name):
    if name == "catalogue":
        from servers.names import catalogue

        return catalogue
    if name in ("launch", "LaunchError"):
        from servers import runtime

        return getattr(runtime, name)
    raise AttributeError(f"module 'servers' has no attribute {name!r}")
