"""Settings for Jupyter in the course's environment: the installation puts this file into its etc/jupyter/."""

from clients.course.kernel_sockets import transport

c = get_config()  # noqa: F821  traitlets defines it for a configuration file
c.ConnectionFileMixin.transport = transport()
c.ServerApp.kernel_websocket_connection_class = "clients.course.nodelay.Connection"
c.ServerApp.jpserver_extensions = {"clients.course.proxy": True, "clients.course.memory_limit": True}
