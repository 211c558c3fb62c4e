"""Unix sockets between a kernel and its page, or nbval: a TCP port could be taken.

Jupyter picks five free ports, and the kernel binds them half a second later. By then any connection on this machine may have been
given one of them, and the kernel never answers. Used by jupyter_server_config.py, `make store` and, as a pytest plugin, nbval.
"""

import os
import sys
import uuid

from jupyter_client import KernelManager
from jupyter_core.paths import jupyter_runtime_dir
from traitlets.config import Config

# pytest loads this before nbval, whose jsonschema would spend a second on a grammar for addresses that occur in no notebook.
sys.modules.setdefault("rfc3987_syntax", None)

LONGEST_PATH = 103  # bytes, of a Unix socket on macOS: sun_path in unix(4); Linux allows 107


def connection_file():
    """Return the path of a new kernel's connection file; the names of its sockets begin with the same words."""
    return os.path.join(jupyter_runtime_dir(), f"kernel-{uuid.uuid4()}.json")


def transport():
    """Return Jupyter's name for this transport: "ipc", or "tcp" where the path of a socket would be too long."""
    socket = connection_file().removesuffix(".json") + "-ipc-1"
    return "ipc" if len(os.fsencode(socket)) <= LONGEST_PATH else "tcp"


def configuration():
    """Return a configuration for one KernelManager, or for an object that makes one, whose kernel then uses Unix sockets."""
    os.makedirs(jupyter_runtime_dir(), mode=0o700, exist_ok=True)
    return Config(ConnectionFileMixin={"transport": transport(), "connection_file": connection_file()})


def manager(**options):
    """Return a KernelManager whose kernel uses Unix sockets."""
    return KernelManager(config=configuration(), **options)


def pytest_configure():
    """Make nbval, which reads no Jupyter configuration, use Unix sockets."""
    import nbval.kernel  # here, since Jupyter imports this module, too, and does not need nbval

    nbval.kernel.KernelManager = manager
