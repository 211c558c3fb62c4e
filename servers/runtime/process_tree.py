"""A server's process tree: its process and all that descend from it. Who they are, and whether they run.

Standard library only, where the system lists children (Linux): each supervisor loads this, and psutil would be half of its start.
"""

import os

TELLS_ACTIVITY = os.path.exists("/proc/self/schedstat")  # Linux, see activity()
LISTS_CHILDREN = os.path.exists("/proc/thread-self/children")  # Linux, where the supervisor adopts orphans
ENDED, AT_WORK = (b"Z", b"X"), (b"R", b"T", b"t")  # states of a process or thread, proc(5); one that is stopped may be at work
STATES = {"running": b"R", "zombie": b"Z", "dead": b"X", "stopped": b"T"}  # psutil's words for them


def pids(supervisor, server):
    """The process IDs of everyone below the supervisor, the server's own first."""
    found = descendants(supervisor) if LISTS_CHILDREN else set()
    if not found and (not LISTS_CHILDREN or has_ended(supervisor)):
        found = _in_the_whole_table(supervisor)
    return sorted(found, key=lambda pid: (pid != server, pid))


def children(pid):
    """The children of each of its threads, proc_tid_children(5): to read the whole table costs more the more there is on the machine."""
    found = set()
    for thread in _threads(pid):
        try:
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as listed:
                found.update(map(int, listed.read().split()))
        except OSError:  # it has gone meanwhile
            continue
    return found


def open_files(pid):
    """What each of its descriptors refers to, proc(5): a path, or "socket:[4711]". Nothing of a process that has gone."""
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
    """Its children, theirs, and so on, where the system lists them; elsewhere nothing."""
    found, ahead = set(), [pid]
    while ahead:
        new = children(ahead.pop()) - found
        found |= new
        ahead += new
    return found


def _in_the_whole_table(supervisor):
    """Those in its session, too: orphans are there where they are not adopted, and when the supervisor was killed."""
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
    """The numbers of a process's threads, as text. Where the system does not tell (not Linux), and of one that has gone, none."""
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def _fields(stat):
    """What a stat file of Linux tells from the state on (proc(5)). Raises OSError for a process or thread that has gone."""
    with open(stat, "rb") as file:
        return file.read().rpartition(b")")[2].split()


def threads(pid):
    """What Linux tells of each thread of a process: the fields of its stat file from the state on (proc(5)). Elsewhere nothing.

    Raises OSError for a thread that has just ended.
    """
    for thread in _threads(pid):
        yield _fields(f"/proc/{pid}/task/{thread}/stat")


def runs(pid):
    """Whether a thread of the process runs, or waits for its turn to. False where the system does not tell (not Linux)."""
    try:
        return any(fields[0] == b"R" for fields in threads(pid))
    except OSError:  # it has just ended
        return False


def is_idle(pid):
    """Whether all its threads wait, or it has ended."""
    try:
        return not any(fields[0] in AT_WORK for fields in list(threads(pid)) or [state(pid)])
    except OSError:  # it has ended, or only a thread of it
        return not os.path.exists(f"/proc/{pid}")


def activity(pid):
    """(whether all threads of a process sleep, seconds for which they have run); None where the system does not tell (not Linux),
    and of one that has just ended, or a thread of it."""
    asleep, ran = True, 0
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            asleep = asleep and _fields(f"/proc/{pid}/task/{thread}/stat")[0] == b"S"
            with open(f"/proc/{pid}/task/{thread}/schedstat", "rb") as schedstat:
                ran += int(schedstat.read().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return asleep, ran / 1e9  # of nanoseconds: proc(5), sched-stats.rst


def has_ended(pid):
    """True when the process is gone, or a zombie."""
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
    """(state as of proc(5), parent) of a process. Raises OSError when it has gone."""
    if LISTS_CHILDREN:
        state, parent, *_ = _fields(f"/proc/{pid}/stat")
        return state, int(parent)
    import psutil

    try:
        process = psutil.Process(pid)
        return STATES.get(process.status(), b"S"), process.ppid()
    except psutil.NoSuchProcess:
        raise ProcessLookupError from None
