"""The server's side of the wire: one application, many models, and the runtime that starts and watches them.

    from servers import launch, catalogue
    server = launch("tcp_loop")

Both names are looked up at first use: a server process, which only wants `servers.app`, does not load the runtime.
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
