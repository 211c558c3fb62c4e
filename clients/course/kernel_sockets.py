"""Kernels talk to their page, or to nbval, over Unix sockets: a TCP port could be taken.

Jupyter looks for five free ports, and the kernel binds them half a second later, when any connection on this machine may have been
given one of them. The kernel then never answers. jupyter_server_config.py, `make store` and, as a plugin of pytest, nbval take this.
"""

import os
import sys
import uuid

from jupyter_client import KernelManager
from jupyter_core.paths import jupyter_runtime_dir
from traitlets.config import Config

# pytest loads this before nbval, whose jsonschema would spend a second on a grammar of addresses that no notebook has.
sys.modules.setdefault("rfc3987_syntax", None)

LONGEST_PATH = 103  # bytes, of a Unix socket on macOS: sun_path in unix(4); Linux allows 107


def connection_file():
    """The path of a new kernel's connection file; its sockets' names begin with the same words."""
    return os.path.join(jupyter_runtime_dir(), f"kernel-{uuid.uuid4()}.json")


def transport():
    """What Jupyter calls this way: "ipc", or "tcp" where the path of a socket would be too long."""
    socket = connection_file().removesuffix(".json") + "-ipc-1"
    return "ipc" if len(os.fsencode(socket)) <= LONGEST_PATH else "tcp"


def configuration():
    """For one KernelManager, or what makes one: its kernel, once started, is reached this way."""
    os.makedirs(jupyter_runtime_dir(), mode=0o700, exist_ok=True)
    return Config(ConnectionFileMixin={"transport": transport(), "connection_file": connection_file()})


def manager(**options):
    """A KernelManager whose kernel, once started, is reached this way."""
    return KernelManager(config=configuration(), **options)


def pytest_configure():
    """nbval reads no configuration of Jupyter."""
    import nbval.kernel  # not for Jupyter, which takes this module, too

    nbval.kernel.KernelManager = manager
