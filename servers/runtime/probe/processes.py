"""Processes and threads: fork, spawn, exec, wait, exit; and how a thread is noticed from its first moment on."""

import _posixsubprocess
import _thread
import atexit
import os
import sys

from servers.runtime import ring
from servers.runtime.event_kinds import EXIT, FORK, REAP, UNKNOWN
from servers.runtime.probe import recorder
from servers.runtime.probe.recorder import NOBODY, failed, hide, mine, note, now, replace, write

ROOT = os.path.abspath(__file__).rpartition(f"{os.sep}servers{os.sep}")[0]
JOIN = "import sys; sys.path.insert(0, "  # so begins what we put before the program of a spawned child
ENVIRONMENT = 5  # which argument of _posixsubprocess.fork_exec
SPAWNED = "from multiprocessing.spawn import spawn_main", "from multiprocessing.forkserver import main"


# ---------------------------------------------------------------- children


def note_fork(parent: int, thread: int, start: int) -> None:
    """The child tells of the fork: it knows both pids. Its parent's thread goes where a peer's address would."""
    origin = parent.to_bytes(8, "little") + thread.to_bytes(8, "little")
    note(FORK, start, os.getpid(), ring.PEER.pack(origin, 0, 0))


def _watch_forks():
    def before():
        mine.me.forks = now()

    def in_child():
        parent = mine.me
        recorder.claim()
        note_fork(parent.pid, parent.tid, parent.forks)

    os.register_at_fork(before=before, after_in_child=in_child)


def watch_spawned(path: str | None, watch: bool, allow_any_address: bool) -> None:
    """Hand the memory to children that multiprocessing spawns, and to its forkserver: they are started as programs.

    What any child prints appears while it runs, also where the script gives it an environment of its own.
    """

    def make(original):
        def fork_exec(*arguments, **options):
            try:
                me = mine.me
                settings = path, watch, allow_any_address, me.pid, me.tid, now()
                joining = f"{JOIN}{ROOT!r}); from servers.runtime import probe; sys.path.remove({ROOT!r}); probe.join{settings!r}\n"
                if arguments and isinstance(arguments[0], list):
                    arguments = [_joining(word, joining) for word in arguments[0]], *arguments[1:]
                if len(arguments) > ENVIRONMENT and isinstance(arguments[ENVIRONMENT], list):
                    arguments = [*arguments[:ENVIRONMENT], _unbuffered(arguments[ENVIRONMENT]), *arguments[ENVIRONMENT + 1 :]]
                return original(*arguments, **options)
            except BaseException as error:
                hide(error)
                raise

        return fork_exec

    def make_spawn(original):
        def spawn(*arguments, **options):
            try:
                if len(arguments) > 2 and isinstance(arguments[2], (dict, type(os.environ))):
                    arguments = [*arguments[:2], {"PYTHONUNBUFFERED": "1", **arguments[2]}, *arguments[3:]]
                return original(*arguments, **options)
            except BaseException as error:
                hide(error)
                raise

        return spawn

    replace(_posixsubprocess, "fork_exec", make)
    replace(os, "posix_spawn", make_spawn)  # what subprocess uses from Python 3.15 on
    replace(os, "posix_spawnp", make_spawn)


def _unbuffered(environment):
    if any(word.startswith(b"PYTHONUNBUFFERED=") for word in environment):
        return environment
    return [*environment, b"PYTHONUNBUFFERED=1"]


def _joining(word, joining):
    is_program = isinstance(word, str) and any(program in word[:100] for program in SPAWNED)  # 3.14.8 imports sys before it
    return joining + word if is_program else word


def _watch_execs():
    from servers.runtime.probe import sockets

    def make(original):
        def call(*arguments, **options):
            try:
                if arguments and isinstance(arguments[0], (str, bytes, os.PathLike)):
                    sockets.before_exec(arguments[0])
                return original(*arguments, **options)
            except BaseException as error:
                hide(error)
                raise

        return call

    replace(os, "execv", make)
    replace(os, "execve", make)


# ---------------------------------------------------------------- ends


def _watch_exits():
    def make(original):
        def _exit(*arguments, **options):
            try:
                status = arguments[0] if arguments else options.get("status")
                if isinstance(status, int) and len(arguments) + len(options) == 1:
                    recorder.note_end(EXIT, status)
                original(*arguments, **options)
            except BaseException as error:
                hide(error)
                raise

        return _exit

    replace(os, "_exit", make)
    atexit.register(recorder.note_end, EXIT, UNKNOWN)  # the status is not known here; who reaps the process knows


def _first_two(found):
    if found[0] and (os.WIFEXITED(found[1]) or os.WIFSIGNALED(found[1])):
        return found[0], os.waitstatus_to_exitcode(found[1])
    return found[0], 0


def _id_and_status(found):
    if found is None:
        return 0, 0
    return found.si_pid, found.si_status if found.si_code == os.CLD_EXITED else -found.si_status


def _reaping(options_at, pid_and_status=_first_two):
    """A replacement for a wait whose argument number `options_at` may say WNOHANG."""

    def make(original):
        def wait(*arguments, **options):
            me, start = mine.me, now()
            flags = arguments[options_at] if len(arguments) > options_at else options.get("options", 0)
            blocks = isinstance(flags, int) and not flags & os.WNOHANG
            if blocks:
                me.calls[REAP] = start
            try:
                found = original(*arguments, **options)
            except BaseException as error:
                me.calls[REAP] = 0
                if blocks:
                    failed(me, REAP, start, NOBODY, error)
                else:
                    hide(error)
                raise
            me.calls[REAP] = 0
            pid, status = pid_and_status(found)
            if pid:
                write(me, REAP, start, pid, ring.PEER.pack((status & 0xFFFFFFFF).to_bytes(4, "little"), 0, 0))
            return found

        return wait

    return make


def _watch_reaping():
    for name, options_at in ("wait", 99), ("waitpid", 1), ("wait3", 0), ("wait4", 1):
        replace(os, name, _reaping(options_at))
    replace(os, "waitid", _reaping(2, _id_and_status))


# ---------------------------------------------------------------- threads


class _Started:
    """What a thread of _thread.start_new_thread runs; looks like the function in the message about an exception."""

    __slots__ = ("function",)

    def __init__(self, function):
        self.function = function

    def __call__(self, *arguments, **options):
        try:
            mine.me  # noqa: B018  its first use notes that the thread has begun
            return self.function(*arguments, **options)
        except BaseException as error:
            hide(error)
            raise

    def __repr__(self):
        return repr(self.function)


def _watch_threads():
    """All threads begin with a function of _thread, those of threading too: it takes them from there when it is imported."""

    def make(original):
        def start(*arguments, **options):
            try:
                if arguments and callable(arguments[0]):
                    arguments = _Started(arguments[0]), *arguments[1:]
                return original(*arguments, **options)
            except BaseException as error:
                hide(error)
                raise

        return start

    threading = sys.modules.get("threading")  # not imported here: it takes a part of each launch, and most servers do without
    for name in ("start_new_thread", "start_joinable_thread"):  # from Python 3.13 on, threading uses the second
        replace(_thread, name, make)
        if hasattr(threading, f"_{name}"):
            setattr(threading, f"_{name}", getattr(_thread, name))
    _thread.start_new = _thread.start_new_thread


def watch() -> None:
    """Note how this process, its threads and its children begin and end."""
    _watch_forks()
    _watch_execs()
    _watch_exits()
    _watch_reaping()
    _watch_threads()
