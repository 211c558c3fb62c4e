"""A balancer's control socket: a Unix socket in a folder that only its user can enter."""

import contextlib
import errno
import os
import socket
import stat
import tempfile


def path(pid: int) -> str:
    """Return the path of the socket where the balancer with this process id takes commands.

    Raises PermissionError if others may enter the folder: the socket could be anyone's.
    """
    folder = os.path.join(tempfile.gettempdir(), f"balancers-{os.getuid()}")
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder, 0o700)
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(errno.EPERM, "this folder is not yours alone: remove it", folder)
    return os.path.join(folder, f"{pid}.sock")


def listener() -> socket.socket:
    """Return this process's listener. A later balancer removes the socket file it leaves behind."""
    own = path(os.getpid())
    folder = os.path.dirname(own)
    for left in (os.path.join(folder, name) for name in os.listdir(folder)):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
            if left == own or probe.connect_ex(left) == errno.ECONNREFUSED:
                os.unlink(left)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(own)
    listening.listen()
    return listening
