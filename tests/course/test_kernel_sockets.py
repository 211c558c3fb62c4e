"""A kernel answers over Unix sockets, if the OS allows paths as long as those of its sockets."""

import os
import sys
import tempfile
from pathlib import Path

import nbval.kernel
import pytest
from traitlets.config.loader import PyFileConfigLoader

from clients.course import kernel_sockets, workspace

CONFIGURATION = workspace.REPOSITORY / "clients/course/jupyter_server_config.py"
LONGEST_FOLDER = 103 - len("/kernel-01234567-89ab-cdef-0123-456789abcdef-ipc-1")


@pytest.fixture
def runtime_folder(monkeypatch):
    """Return a function that moves Jupyter's runtime folder to a path of so many bytes."""
    with tempfile.TemporaryDirectory(dir="/tmp") as base:

        def of_length(length):
            folder = base + "/" + "x" * (length - len(base) - 1)
            monkeypatch.setenv("JUPYTER_RUNTIME_DIR", folder)
            return folder

        yield of_length


def test_a_kernel_answers_where_the_path_is_as_long_as_it_may_be(runtime_folder):
    folder = runtime_folder(LONGEST_FOLDER)
    kernel, client = nbval.kernel.start_new_kernel(kernel_name="python3")
    assert kernel.transport == "ipc"
    assert len([name for name in os.listdir(folder) if "-ipc-" in name]) == 5
    client.stop_channels()
    kernel.shutdown_kernel(now=True)
    assert os.listdir(folder) == []


def test_a_path_that_is_too_long_leaves_tcp(runtime_folder):
    runtime_folder(LONGEST_FOLDER + 1)
    assert kernel_sockets.transport() == "tcp"


def test_jupyter_is_told_the_same():
    told = PyFileConfigLoader(str(CONFIGURATION)).load_config()
    assert told.ConnectionFileMixin.transport == kernel_sockets.transport()


@pytest.mark.parametrize("name", ["jupyter/jupyter_server_config.py", "ipython/ipython_kernel_config.py"])
def test_every_server_and_every_kernel_is_told(name):
    written = workspace.REPOSITORY / "clients/course" / Path(name).name
    assert Path(sys.prefix, "etc", name).read_bytes() == written.read_bytes()
