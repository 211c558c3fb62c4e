"""A kernel answers over Unix sockets, where the system allows a path as long as its sockets have here."""

import os
import sys
import tempfile
from pathlib import Path

import pytest
from jupyter_client import KernelManager
from traitlets.config.loader import PyFileConfigLoader

from clients.course import workspace

FILE = workspace.REPOSITORY / "clients/course/jupyter_server_config.py"
LONGEST_FOLDER = 103 - len("/kernel-01234567-89ab-cdef-0123-456789abcdef-ipc-1")


@pytest.fixture
def runtime_folder(monkeypatch):
    """Makes Jupyter's runtime folder one whose path has so many bytes."""
    with tempfile.TemporaryDirectory(dir="/tmp") as base:

        def of_length(length):
            folder = base + "/" + "x" * (length - len(base) - 1)
            os.mkdir(folder)
            monkeypatch.setenv("JUPYTER_RUNTIME_DIR", folder)
            return folder

        yield of_length


def config():
    return PyFileConfigLoader(str(FILE)).load_config()


def test_a_kernel_answers_where_the_path_is_as_long_as_it_may_be(runtime_folder):
    folder = runtime_folder(LONGEST_FOLDER)
    file = f"{folder}/kernel-01234567-89ab-cdef-0123-456789abcdef.json"
    kernel = KernelManager(config=config(), connection_file=file)
    assert kernel.transport == "ipc"
    kernel.start_kernel()
    client = kernel.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)
    assert not [name for name in os.listdir(folder) if "ipc" in name]


def test_a_path_that_is_too_long_leaves_tcp(runtime_folder):
    runtime_folder(LONGEST_FOLDER + 1)
    assert KernelManager(config=config()).transport == "tcp"


def test_the_environment_has_the_file_as_it_stands_here():
    installed = Path(sys.prefix, "etc/jupyter/jupyter_server_config.py")
    assert installed.read_bytes() == FILE.read_bytes()
