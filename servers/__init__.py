"""The server's side of the wire: one application, many models, and the runtime that watches them.

    from servers import launch, catalogue
    server = launch("tcp_loop")

    app             the application that every model serves: answers, framing, a conversation
    sockets         listeners, their backlog, the limit on descriptors, signals, the lingering close
    main            a model's command line: options, "is ready", Ctrl-C
    cannot_bind     why an address cannot be bound, in plain words
    catalogue       the names that launch() knows
    tcp_*, udp_*    one model a file: its architecture and nothing else
    socketserver_*  the standard library's models
    http_files      files over HTTP
    web_app         a web application
    mail            a mail server
    ftp             an FTP server
    balancer        a load balancer in front of several servers: HAProxy, with haproxy.cfg
    control         the balancer's control socket
    folder          the folder in which a file server or a mail server keeps its files
    runtime         starts any server as a real process, watches it, and ends it
"""

from servers.catalogue import catalogue  # eagerly, or the submodule takes this name

__all__ = ["LaunchError", "catalogue", "launch"]


def __getattr__(name):
    """Load the runtime on first use: a server process needs only its model."""
    if name in ("launch", "LaunchError"):
        from servers import runtime

        return getattr(runtime, name)
    raise AttributeError(f"module 'servers' has no attribute {name!r}")
