"""What Jupyter is told in the course's environment: the installation puts this file into its etc/jupyter/.

Kernels talk to their page's server over Unix sockets. A TCP port could be taken: Jupyter looks for five free ones, and the kernel
binds them half a second later, when any connection on this machine may have been given one of them. The kernel then never answers.
"""

import os

from jupyter_core.paths import jupyter_runtime_dir

LONGEST_PATH = 103  # bytes, of a Unix socket on macOS: sun_path in unix(4); Linux allows 107
SOCKET = "/kernel-01234567-89ab-cdef-0123-456789abcdef-ipc-1"

c = get_config()  # noqa: F821  traitlets defines it for a configuration file
if len(os.fsencode(jupyter_runtime_dir() + SOCKET)) <= LONGEST_PATH:
    c.ConnectionFileMixin.transport = "ipc"
c.ServerApp.kernel_websocket_connection_class = "clients.course.nodelay.Connection"
c.ServerApp.jpserver_extensions = {"clients.course.proxy": True}
