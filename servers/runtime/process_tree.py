"""A server's process tree: its process and all its descendants, and whether they run.

Standard library only, where the system lists children (Linux): every supervisor loads this, and psutil would be half its start-up time.
"""

import os

TELLS_ACTIVITY = os.path.exists("/proc/self/schedstat")  # Linux, see activity()
LISTS_CHILDREN = os.path.exists("/proc/thread-self/children")  # Linux, where the supervisor also adopts orphans
ENDED, AT_WORK = (b"Z", b"X"), (b"R", b"T", b"t")  # states of a process or thread, proc(5); a stopped one may be at work
STATES = {"running": b"R", "zombie": b"Z", "dead": b"X", "stopped": b"T"}  # psutil's words for them


def pids(supervisor, server):
    """Return the IDs of all processes below the supervisor, the server's own first."""
    found = descendants(supervisor) if LISTS_CHILDREN else set()
    if not found and (not LISTS_CHILDREN or has_ended(supervisor)):
        found = _in_the_whole_table(supervisor)
    return sorted(found, key=lambda pid: (pid != server, pid))


def children(pid):
    """Return the children of all its threads, proc_tid_children(5): reading the whole process table would cost more on a busy machine."""
    found = set()
    for thread in _threads(pid):
        try:
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as listed:
                found.update(map(int, listed.read().split()))
        except OSError:  # it has gone meanwhile
            continue
    return found


def open_files(pid):
    """Yield what each of its descriptors refers to, proc(5): a path, or "socket:[4711]". Nothing if the process has ended."""
    try:
        descriptors = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return
    for descriptor in descriptors:
        try:
            yield os.readlink(f"/proc/{pid}/fd/{descriptor}")
        except OSError:  # it was closed meanwhile
            continue


def descendants(pid):
    """Return its children, their children, and so on, where the system lists them; elsewhere an empty set."""
    found, ahead = set(), [pid]
    while ahead:
        new = children(ahead.pop()) - found
        found |= new
        ahead += new
    return found


def _in_the_whole_table(supervisor):
    """Return its descendants and all of its session, which has the orphans if they are not adopted or the supervisor was killed."""
    import psutil

    found = set()
    try:
        found = {one.pid for one in psutil.Process(supervisor).children(recursive=True)}
    except psutil.NoSuchProcess:
        pass
    for pid in psutil.pids():
        try:
            if os.getsid(pid) == supervisor:
                found.add(pid)
        except OSError:
            pass
    return found - {supervisor}


def _threads(pid):
    """Return the IDs of a process's threads, as text; none if it has ended or the system does not list them (not Linux)."""
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def _fields(stat):
    """Return the fields of a Linux stat file from the state on (proc(5)). Raises OSError if the process or thread has ended."""
    with open(stat, "rb") as file:
        return file.read().rpartition(b")")[2].split()


def threads(pid):
    """Yield the stat fields of each thread of a process, from the state on (proc(5)). Nothing if this is not Linux.

    Raises OSError for a thread that has just ended.
    """
    for thread in _threads(pid):
        yield _fields(f"/proc/{pid}/task/{thread}/stat")


def runs(pid):
    """Whether a thread of the process is running or runnable. False if the system cannot tell (not Linux)."""
    try:
        return any(fields[0] == b"R" for fields in threads(pid))
    except OSError:  # it has just ended
        return False


def is_idle(pid):
    """Whether all its threads are waiting, or it has ended."""
    try:
        return not any(fields[0] in AT_WORK for fields in list(threads(pid)) or [state(pid)])
    except OSError:  # it has ended, or just one of its threads
        return not os.path.exists(f"/proc/{pid}")


def activity(pid):
    """Return (whether all threads of a process sleep, seconds that they have run). None if the system cannot tell (not Linux), or
    the process or one of its threads has just ended."""
    asleep, ran = True, 0
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            asleep = asleep and _fields(f"/proc/{pid}/task/{thread}/stat")[0] == b"S"
            with open(f"/proc/{pid}/task/{thread}/schedstat", "rb") as schedstat:
                ran += int(schedstat.read().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return asleep, ran / 1e9  # from nanoseconds: proc(5), sched-stats.rst


def has_ended(pid):
    """Whether the process is gone or a zombie."""
    try:
        return _fields(f"/proc/{pid}/stat")[0] in ENDED
    except OSError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def state(pid):
    """Return (state as in proc(5), parent) of a process. Raises OSError if it is gone."""
    if LISTS_CHILDREN:
        state, parent, *_ = _fields(f"/proc/{pid}/stat")
        return state, int(parent)
    import psutil

    try:
        process = psutil.Process(pid)
        return STATES.get(process.status(), b"S"), process.ppid()
    except psutil.NoSuchProcess:
        raise ProcessLookupError from None
