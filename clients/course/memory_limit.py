"""Keeps a learner of the hub within their memory, and says when it ends something: an extension of Jupyter.

The hub gives each JupyterLab a limit (jupyterhub_config.py; MEM_LIMIT, in bytes). A container or systemd keeps it by ending a
process without a word, and a machine may have neither. So JupyterLab looks each second: when it, its kernels and their servers take
more than that together, it ends the largest kernel, or what the largest terminal runs, and the page says why. This is for accidents:
what takes gigabytes within a second is not stopped in time, and whoever wants to can leave the process tree.
"""

import os
from signal import SIGKILL

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.ioloop import PeriodicCallback

from servers.runtime import process_tree

EVERY = 1000  # milliseconds
PAGE = os.sysconf("SC_PAGE_SIZE")
FROM_HERE = {"msg_id": "memory limit"}  # labextension/static/stored_pictures.js shows what has this for its parent
# JupyterLab shows 140 characters.
ENDED = "{used} MB used, {limit} MB allowed: {what} ended. Shut down what you no longer need (third tab on the left)."


def _jupyter_server_extension_points():
    return [{"module": "clients.course.memory_limit"}]


def _load_jupyter_server_extension(app):
    if limit := int(os.environ.get("MEM_LIMIT") or 0):
        PeriodicCallback(lambda: keep(limit, os.getpid(), app.kernel_manager), EVERY).start()


def keep(limit, lab, kernels):
    """Ends the largest kernel or terminal of a JupyterLab when all of them and itself take more bytes than the limit."""
    if resident(family(lab)) <= limit:  # never too little, and quick: nearly always the end of it
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
            os.kill(pid, SIGKILL)  # the servers of a kernel end with it: servers/runtime/ sees to that
        except ProcessLookupError:
            pass


def say(kernel, words):
    """Shows words on the pages of a kernel; on all pages, where it is None."""
    for page in list(ZMQChannelsWebsocketConnection._open_sockets):
        if kernel in (None, page.kernel_id):
            page.write_stderr(words, FROM_HERE)


def family(pid):
    """A process and all below it."""
    return [pid, *process_tree.descendants(pid)]


def resident(pids):
    """Bytes; a page that several of them share counts for each."""
    return sum(int(pages.split()[1]) * PAGE for pid in pids if (pages := _read(f"/proc/{pid}/statm")))


def memory(pids):
    """Bytes, each page shared out among those who share it (PSS, proc_pid_smaps(5))."""
    lines = (line for pid in pids for line in _read(f"/proc/{pid}/smaps_rollup").splitlines())
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Pss:"))


def _read(path):
    """What a file of /proc says; nothing, once its process has ended."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except OSError:
        return b""
