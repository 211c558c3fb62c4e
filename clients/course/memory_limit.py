"""A Jupyter extension that keeps a learner of the hub within a memory limit, and reports what it ends.

The hub gives each JupyterLab a limit (jupyterhub_config.py; MEM_LIMIT, in bytes). A container or systemd enforces it by silently
killing a process, and a machine may have neither. So JupyterLab checks every second: when it, its kernels and their servers together
use more, it ends the largest kernel, or what the largest terminal runs, and the page says why. This guards against accidents only:
a process that takes gigabytes within a second is not stopped in time, and a learner who wants to can leave the process tree.
"""

import os
from signal import SIGKILL

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.ioloop import PeriodicCallback

from servers.runtime import process_tree

EVERY = 1000  # milliseconds
PAGE = os.sysconf("SC_PAGE_SIZE")
FROM_HERE = {"msg_id": "memory limit"}  # labextension/static/stored_pictures.js shows messages with this parent
# JupyterLab shows 140 characters.
ENDED = "{used} MB used, {limit} MB allowed: {what} ended. Shut down what you no longer need (third tab on the left)."


def _jupyter_server_extension_points():
    return [{"module": "clients.course.memory_limit"}]


def _load_jupyter_server_extension(app):
    if limit := int(os.environ.get("MEM_LIMIT") or 0):
        PeriodicCallback(lambda: keep(limit, os.getpid(), app.kernel_manager), EVERY).start()


def keep(limit, lab, kernels):
    """End the largest kernel or terminal of a JupyterLab if it and all of them together use more bytes than the limit."""
    if resident(family(lab)) <= limit:  # quick, and never below the true figure: usually this is enough
        return
    used = memory(family(lab))
    below = {pid: family(pid) for pid in process_tree.children(lab)}
    if used <= limit or not below:
        return
    largest = max(below, key=lambda pid: memory(below[pid]))
    names = {kernels.get_kernel(name).provisioner.pid: name for name in kernels.list_kernel_ids()}
    what = "this kernel and its servers were" if largest in names else "what ran in a terminal was"
    say(names.get(largest), ENDED.format(what=what, used=used // 2**20, limit=limit // 2**20))
    for pid in {largest, max(below[largest], key=lambda pid: memory([pid]))}:
        try:
            os.kill(pid, SIGKILL)  # servers/runtime/ ends a kernel's servers with it
        except ProcessLookupError:
            pass


def say(kernel, words):
    """Show words on the pages of a kernel, or on all pages if `kernel` is None."""
    for page in list(ZMQChannelsWebsocketConnection._open_sockets):
        if kernel in (None, page.kernel_id):
            page.write_stderr(words, FROM_HERE)


def family(pid):
    """Return the IDs of a process and of all its descendants."""
    return [pid, *process_tree.descendants(pid)]


def resident(pids):
    """Return bytes; a page of memory that several of the processes share counts for each of them."""
    return sum(int(pages.split()[1]) * PAGE for pid in pids if (pages := _read(f"/proc/{pid}/statm")))


def memory(pids):
    """Return bytes; a shared page counts in equal parts for the processes that share it (PSS, proc_pid_smaps(5))."""
    lines = (line for pid in pids for line in _read(f"/proc/{pid}/smaps_rollup").splitlines())
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Pss:"))


def _read(path):
    """Return the contents of a file in /proc; empty if its process has ended."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except OSError:
        return b""
