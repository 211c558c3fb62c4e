"""A server's process tree: its process and all that descend from it. Who they are, how they are, and how they end."""

import contextlib
import glob
import itertools
import os
import socket
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from servers.runtime.events import IPV4

TELLS_ACTIVITY = os.path.exists("/proc/self/schedstat")  # Linux, see activity()
LISTS_CHILDREN = os.path.exists("/proc/thread-self/children")  # Linux, where the supervisor adopts orphans
STATES = {
    psutil.STATUS_RUNNING: "running",
    psutil.STATUS_ZOMBIE: "zombie",
    psutil.STATUS_DEAD: "zombie",
    psutil.STATUS_STOPPED: "stopped",
    psutil.STATUS_TRACING_STOP: "stopped",
}


class Process(NamedTuple):
    """One process as the operating system sees it. What it does not tell (of a zombie, say) is None."""

    pid: int
    parent: int
    state: str  # running, waiting, zombie, stopped
    threads: int | None
    descriptors: int | None
    memory: int | None  # bytes: its proportional share (PSS) where the system knows that, else its resident set
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


def members(supervisor, server):
    """The psutil.Process of everyone below the supervisor."""
    found = _listed(supervisor) if LISTS_CHILDREN else {}
    if not found:  # a supervisor that was killed has no children any more, but still its session
        found = _in_the_whole_table(supervisor)
    return sorted(found.values(), key=lambda one: (one.pid != server, one.pid))


def _listed(supervisor):
    """By the children of each thread, see proc_tid_children(5): to read the whole table costs more the more there is on the machine."""
    found, ahead = {}, [supervisor]
    while ahead:
        for children in glob.glob(f"/proc/{ahead.pop()}/task/*/children"):
            try:
                pids = Path(children).read_text(encoding="ascii").split()
            except OSError:  # the thread has gone meanwhile
                continue
            for pid in map(int, pids):
                with contextlib.suppress(psutil.NoSuchProcess):
                    found[pid] = psutil.Process(pid)
                    ahead.append(pid)
    return found


def _in_the_whole_table(supervisor):
    """Also those in its session: where orphans are not adopted, they are there."""
    found = {}
    with contextlib.suppress(psutil.NoSuchProcess):
        found = {one.pid: one for one in psutil.Process(supervisor).children(recursive=True)}
    for pid in psutil.pids():
        with contextlib.suppress(OSError, psutil.NoSuchProcess):
            if pid not in found and os.getsid(pid) == supervisor:
                found[pid] = psutil.Process(pid)
    found.pop(supervisor, None)
    return found


def describe(one):
    """The Process of a psutil.Process, or None when it has gone meanwhile."""

    def ask(question):
        try:
            return question()
        except (psutil.AccessDenied, psutil.ZombieProcess, OSError):
            return None

    def memory():
        try:
            return one.memory_full_info().pss
        except (psutil.AccessDenied, AttributeError):  # only Linux knows a proportional share
            return one.memory_info().rss

    try:
        with one.oneshot():
            state = state_of(one)
            parent = one.ppid()
            if state == "zombie":
                return Process(one.pid, parent, state, None, None, None, None)
            times = one.cpu_times()
            cpu = times.user + times.system
            threads, descriptors = ask(one.num_threads), ask(one.num_fds)
            return Process(one.pid, parent, state, threads, descriptors, ask(memory), cpu)
    except psutil.NoSuchProcess:
        return None


def state_of(process):
    """In words: running, waiting, stopped or zombie. Raises psutil.NoSuchProcess."""
    return STATES.get(process.status(), "waiting")


def is_idle(process):
    """Whether all its threads wait, or it has ended. (A process's own state is its main thread's: proc(5).)"""
    try:
        return state_of(process) in ("waiting", "zombie") and all(fields[0] != b"R" for fields in threads(process.pid))
    except psutil.NoSuchProcess:
        return True
    except OSError:  # a thread that has just ended
        return False


def bound(connections):
    """(kind, address) of the psutil connections that listen (TCP) or wait for anybody's datagrams (UDP)."""
    for connection in connections:
        address = connection.laddr and (connection.laddr.ip.removeprefix(IPV4), connection.laddr.port)
        if connection.status == psutil.CONN_LISTEN:
            yield "tcp", address
        elif connection.type == socket.SOCK_DGRAM and address and not connection.raddr:
            yield "udp", address


def addresses(supervisor, server):
    """(kind, address) of whatever any process of the tree has bound so, the server's own first (proc(5), /proc/PID/net)."""
    found = []
    for process in members(supervisor, server):
        with contextlib.suppress(psutil.Error, OSError):
            found += bound(process.net_connections(kind="inet"))
    return found


def others_listen(supervisor, server, memory, settings):
    """Whether a process of the tree listens that has no memory of this name mapped; False where the system does not tell (not Linux).

    A Python that has just been started with these settings in its environment is about to map it; before, that is empty for a moment.
    """
    for process in members(supervisor, server):
        with contextlib.suppress(psutil.Error, OSError):
            if memory in Path(f"/proc/{process.pid}/maps").read_text():
                continue
            environment = Path(f"/proc/{process.pid}/environ").read_bytes()
            if environment and settings not in environment and list(bound(process.net_connections(kind="tcp"))):
                return True
    return False


def is_open(pid, kind, port):
    """Whether anybody has bound this port so, in the network of that process or in ours; True where the system does not tell (not Linux).

    A process that enters another network (setns(2)) keeps the sockets that it has made in ours.
    """
    wanted = {"tcp": "0A", "udp": "07"}[kind]  # TCP_LISTEN, and of UDP: no peer (proc(5))
    known = False
    for network, table in itertools.product((pid, "self"), (kind, kind + "6")):
        with contextlib.suppress(OSError), open(f"/proc/{network}/net/{table}", encoding="ascii") as lines:
            next(lines)  # the names of the columns
            for line in lines:
                _, local, _, state, *_ = line.split(maxsplit=4)
                if state != wanted and kind == "tcp":
                    break  # listeners come first; the connections that follow may be thousands
                if state == wanted and int(local.rpartition(":")[2], 16) == port:
                    return True
            known = True
    return not known


def threads(pid):
    """What Linux tells of each thread of a process: the fields of its stat file from the state on (proc(5)). Elsewhere nothing.

    Raises OSError for a thread that has just ended.
    """
    for stat in glob.iglob(f"/proc/{pid}/task/*/stat"):
        with open(stat, "rb") as file:
            yield file.read().rpartition(b")")[2].split()


def activity(pid):
    """(whether all threads of a process sleep, seconds for which they have run); None where the system does not tell (not Linux),
    and of one that has just ended, or a thread of it."""
    try:
        asleep = all(fields[0] == b"S" for fields in threads(pid))
        ran = sum(int((thread / "schedstat").read_bytes().split()[0]) for thread in Path(f"/proc/{pid}/task").iterdir())
    except (OSError, ValueError, IndexError):
        return None
    return asleep, ran / 1e9  # of nanoseconds: proc(5), sched-stats.rst


def to_end(supervisor, server):
    """Who is still to be ended: all members but zombies whose parent is a stranger, which are not ours to reap."""
    tree = members(supervisor, server)
    pids = {supervisor, *(process.pid for process in tree)}
    found = []
    for process in tree:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE or process.ppid() in pids:
                found.append(process)
    return found


def end(supervisor, server, grace, reap=lambda: None):
    """End them all: SIGTERM, parents before their children; `grace` seconds; SIGKILL. Returns when none is left.

    `reap` is called again and again: the supervisor is the parent of the orphans, and a zombie counts as left.
    """
    deadline = time.monotonic() + grace
    asked = set()
    while left := to_end(supervisor, server):
        late = time.monotonic() > deadline
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                if late:
                    process.kill()
                elif process.pid not in asked:
                    process.terminate()
            asked.add(process.pid)
        reap()
        if late and time.monotonic() > deadline + 5:
            break  # in the kernel's hands (uninterruptible sleep): nothing more can be done
        time.sleep(0.005)
