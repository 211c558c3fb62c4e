"""The state of the processes in a server's tree, as psutil reports it, in a table for a learner."""

import re
from typing import NamedTuple

import psutil

from servers.runtime import process_tree

STATES = {
    psutil.STATUS_RUNNING: "running",
    psutil.STATUS_ZOMBIE: "zombie",
    psutil.STATUS_DEAD: "zombie",
    psutil.STATUS_STOPPED: "stopped",
    psutil.STATUS_TRACING_STOP: "stopped",
}
ASKED = ["ppid", "status", "num_threads", "num_fds", "memory_full_info", "memory_info", "cpu_times"]
HELPERS = re.compile(r"from multiprocessing\.(resource_tracker|forkserver) import")  # processes that end soon after their parent


class Process(NamedTuple):
    """One process as the operating system sees it. What it does not report (for a zombie, say) is None."""

    pid: int
    parent: int
    state: str  # running, waiting, zombie, stopped
    threads: int | None
    descriptors: int | None
    memory: int | None  # bytes: the proportional set size (PSS) where the system has it, else the resident set
    cpu: float | None  # seconds, user and system


class ProcessTable(list):
    """A list of Process that prints as a table; the server's own process comes first."""

    def __repr__(self):
        head = "role    pid      parent   state    threads  descriptors  memory     cpu"
        rows = [head]
        for number, one in enumerate(self):
            role = "server" if number == 0 else "child"
            cells = ["-" if value is None else value for value in (one.threads, one.descriptors)]
            memory = "-" if one.memory is None else f"{one.memory / 2**20:.1f} MB"
            cpu = "-" if one.cpu is None else f"{one.cpu:.2f} s"
            rows.append(f"{role:<7} {one.pid:<8} {one.parent:<8} {one.state:<8} {cells[0]:<8} {cells[1]:<12} {memory:<10} {cpu}")
        return "\n".join(rows) if self else "no process is left"


def outlives_its_parent(process):
    """Whether a process that its program has left behind goes on: not if it has ended, or is one of multiprocessing's helpers."""
    try:
        return not HELPERS.search(" ".join(process.cmdline()))
    except psutil.Error:
        return False


def members(supervisor, server):
    """Return the psutil.Process of each process below the supervisor, the server's own first."""
    found = []
    for pid in process_tree.pids(supervisor, server):
        try:
            found.append(psutil.Process(pid))
        except psutil.NoSuchProcess:  # ended meanwhile
            pass
    return found


def describe(process):
    """Return the Process for a psutil.Process, or None if it has ended meanwhile."""
    try:
        told = process.as_dict(ASKED)  # None for what this user may not know
    except (psutil.NoSuchProcess, OSError):
        return None
    pid, parent, state = process.pid, told["ppid"], STATES.get(told["status"], "waiting")
    if state == "zombie":
        return Process(pid, parent, state, None, None, None, None)
    memory = told["memory_full_info"] or told["memory_info"]
    memory = memory and getattr(memory, "pss", memory.rss)  # only Linux has PSS
    cpu = told["cpu_times"] and told["cpu_times"].user + told["cpu_times"].system
    return Process(pid, parent, state, told["num_threads"], told["num_fds"], memory, cpu)
