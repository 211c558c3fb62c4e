"""Processes and threads: fork, spawn, exec, wait, exit; threads are watched from their first moment on."""

import _posixsubprocess
import _thread
import atexit
import itertools
import os
import sys

from servers.runtime import bootstrap, ring
from servers.runtime.event_kinds import EXEC, EXIT, FORK, PAUSE, REAP, UNKNOWN
from servers.runtime.probe import recorder, sockets, waits
from servers.runtime.probe.recorder import NOBODY, failed, hidden, hide, leave, mine, note, now, replace, stands_for, write

PYTHON = sys.executable
LONG_PAUSE = 10_000_000  # nanoseconds: shorter pauses are not recorded; half of ring.LONG, so that a pause that showed also gets its end
TRACKER = b"multiprocessing.resource_tracker"
# Positions of fork_exec's arguments; the preexec function is the last one from Python 3.14 on.
KEPT, ENVIRONMENT, PREPARED, PREEXEC = 3, 5, slice(6, 12), slice(-2, None)


# ---------------------------------------------------------------- children


def print_at_once(log: str) -> None:
    """Print line by line, as on a terminal, if standard output is the log: output shows at once."""
    if sys.stdout and _file(1) == log:
        sys.stdout.reconfigure(line_buffering=True)
        if not os.environ.get("PYTHONUNBUFFERED"):  # for a Python started by a shell, say. The script's os.environ does not show it
            os.putenv("PYTHONUNBUFFERED", "1")


def the_log() -> str:
    """Identify the log among open files; called in the first process that prints to it."""
    return _file(1)


def _file(descriptor):
    return str(sockets.file_at(descriptor))


def note_fork(parent: int, thread: int, start: int, what: int = ring.HEIR, child: int = 0) -> None:
    """Record a fork, in the child: it knows both pids. The parent's pid and thread take the place of a peer's address, and what
    the child is takes the place of the port.

    child   pid of a child that cannot record it, because it runs a program without the probe
    """
    origin = parent.to_bytes(8, "little") + thread.to_bytes(8, "little")
    note(FORK, start, child or os.getpid(), ring.PEER.pack(origin, what, 0))


def _watch_forks():
    def before():
        _watch_pauses()
        mine.me.forks = now()

    def in_child():
        parent = mine.me
        recorder.claim()
        note_fork(parent.pid, parent.tid, parent.forks)

    os.register_at_fork(before=before, after_in_child=in_child)


def watch_programs(path: str | None, watch: bool, allow_any_address: bool, log: str) -> None:
    """Make sure that every Python that this process starts, or becomes, is watched from its first moment on.

    What any child prints into the log appears while it runs, even if the script gives the child an environment of its own.
    """

    def environment(program, words, given, output=1):
        """Return the environment for a program to which the script gives this one; None means this process's own.

        output   the descriptor that it gets as its standard output
        """
        is_python, prints_there = _is_python(program, words), _file(output) == log
        if given is None and not is_python and prints_there:
            return None
        given = os.environb if given is None else {os.fsencode(name): os.fsencode(value) for name, value in given.items()}
        if not is_python:
            return {b"PYTHONUNBUFFERED": b"1", **given} if prints_there else given
        if bootstrap.SETTINGS in given:  # the script calls launch() itself
            return given
        me = mine.me
        return bootstrap.environment(given, "joins", path, watch, allow_any_address, log, me.pid, me.tid, now())

    def tells(words, found, runs_code=False):
        """Whether a child records itself: it runs our code or code of the script first. Python's own helper need not be recorded."""
        is_led = found is not None and found.get(bootstrap.SETTINGS, b"").startswith(b"joins")
        return runs_code or is_led or any(TRACKER in os.fsencode(word) for word in words)

    def leading(function, program, words):
        """Return a function to run in a child before its program: the given one, which may change the child's environment, and ours."""

        def prepare():
            function()
            found = environment(program, words, None)
            if found is not None and b"PYTHONUNBUFFERED" not in found:
                os.unsetenv("PYTHONUNBUFFERED")
            if found is not None and bootstrap.SETTINGS in found:
                for name in bootstrap.SETTINGS, b"PYTHONPATH":
                    os.putenv(name, found[name])

        return prepare

    def for_fork_exec(*arguments):
        words, programs, given = arguments[0], arguments[1], arguments[ENVIRONMENT]
        program = next(filter(os.path.exists, programs), "")
        runs_code = any(map(callable, arguments[PREEXEC]))
        if given is None and runs_code:
            run = [leading(one, program, words) if callable(one) else one for one in arguments[PREEXEC]]
            return (*arguments[: PREEXEC.start], *run), True
        given = None if given is None else dict(entry.split(b"=", 1) for entry in given)
        found = environment(program, words, given, _output(*arguments))
        entries = None if found is None else [b"%b=%b" % entry for entry in found.items()]
        return (*arguments[:ENVIRONMENT], entries, *arguments[ENVIRONMENT + 1 :]), tells(words, found, runs_code)

    def for_program(program, words, given, *others, **options):
        found = environment(program, words, given, _output(**options))
        return (program, words, found, *others), tells(words, found)

    def for_execve(program, words, given):
        arguments, tells = for_program(program, words, given)
        before_exec(program, tells)
        return arguments, tells

    def before_exec(program, tells=False):
        """Record that an exec is about to replace this program, and what ends with it; `tells`: the next one records itself."""
        if watch and isinstance(program, (str, bytes, os.PathLike)) and os.access(program, os.X_OK):
            serves_unseen = sockets.before_exec() and not tells
            note(EXEC, peer=ring.PEER.pack(b"", ring.SERVES_UNSEEN if serves_unseen else ring.PROGRAM, 0))
            recorder.end_threads()

    def make_execv(original):
        def execv(*arguments, **options):
            with hidden:
                if len(arguments) == 2 and not options and _is_python(*arguments):
                    return os.execve(*arguments, os.environb)
                if arguments:
                    before_exec(arguments[0])
                return original(*arguments, **options)

        return execv

    replace(_posixsubprocess, "fork_exec", _after(for_fork_exec, watch))
    replace(os, "posix_spawn", _after(for_program, watch))  # used by subprocess from Python 3.15 on
    replace(os, "posix_spawnp", _after(for_program, watch))
    replace(os, "execve", _after(for_execve, False))
    replace(os, "execv", make_execv)


def _after(prepare, notes):
    """Return a maker of a replacement that passes its arguments through `prepare`; wrong ones go unchanged to the original, whose
    error message is better. With `notes`, it records a child that does not record itself.
    """

    def make(original):
        def call(*arguments, **options):
            start, tells = now(), True
            with hidden:
                try:
                    arguments, tells = prepare(*arguments, **options)
                except (TypeError, ValueError, AttributeError, IndexError, OSError):
                    pass
                result = original(*arguments, **options)
            if notes and not tells:
                peers = map(sockets.peer_at, _handed(*arguments, **options))
                serves = any(peer not in (None, NOBODY) for peer in peers)
                note_fork(mine.me.pid, mine.me.tid, start, ring.SERVES_UNSEEN if serves else ring.PROGRAM, result)
            return result

        return call

    return make


def _handed(*arguments, file_actions=(), **options):
    """Return the descriptors that posix_spawn or fork_exec passes to a child, mostly as its standard input or output."""
    if len(arguments) > PREPARED.stop:
        return *arguments[KEPT], *arguments[PREPARED]
    return [action[1] for action in file_actions or () if action[0] == os.POSIX_SPAWN_DUP2]


def _output(*arguments, file_actions=(), **options):
    """Return the descriptor that a child gets as its standard output; -1 for one that this process does not have."""
    if len(arguments) > PREPARED.stop:
        return arguments[PREPARED][3] if arguments[PREPARED][3] >= 0 else 1
    for kind, *descriptors in reversed(file_actions or ()):
        if kind == os.POSIX_SPAWN_DUP2 and descriptors[1] == 1:
            return descriptors[0]
        if descriptors[0] == 1:  # opened, or closed
            return -1
    return 1


def _is_python(program, words):
    """Whether it is the Python that runs here, started for the script's purposes: not a helper of multiprocessing.

    Nor one whose options make it ignore its environment, by which it would load our code.
    """
    if not (isinstance(program, (str, bytes, os.PathLike)) and isinstance(words, (list, tuple)) and words):
        return False
    try:
        words = list(map(os.fsencode, words))
        interpreter = [PYTHON] if os.path.samefile(program, PYTHON) else _interpreter_of(program)
        if not os.path.samefile(interpreter[0], PYTHON) or any(TRACKER in word for word in words):
            return False
        options = itertools.takewhile(lambda word: word[:1] == b"-" and word[1:2] not in b"cm-", [*interpreter[1:], *words[1:]])
        return not any(option[1:2] not in b"WX" and set(b"IES").intersection(option) for option in options)
    except (OSError, TypeError, ValueError):
        return False


def _interpreter_of(program):
    """Return the interpreter of a script and its option, as named in its #! line: gunicorn, say, is such a script."""
    with open(program, "rb") as file:
        line = file.readline(512)
    return line.startswith(b"#!") and line[2:].split(None, 1) or [b""]


# ---------------------------------------------------------------- ends


def _watch_exits():
    def make(original):
        def _exit(*arguments, **options):
            with hidden:
                status = arguments[0] if arguments else options.get("status")
                if isinstance(status, int) and len(arguments) + len(options) == 1:
                    recorder.note_end(EXIT, status)
                original(*arguments, **options)

        return _exit

    replace(os, "_exit", make)
    atexit.register(recorder.note_end, EXIT, UNKNOWN)  # the status is not known here; whoever reaps the process learns it


def _first_two(found):
    if found[0] and (os.WIFEXITED(found[1]) or os.WIFSIGNALED(found[1])):
        return found[0], os.waitstatus_to_exitcode(found[1])
    return found[0], 0


def _id_and_status(found):
    if found is None:
        return 0, 0
    return found.si_pid, found.si_status if found.si_code == os.CLD_EXITED else -found.si_status


def _reaping(options_at, pid_and_status=_first_two):
    """Return a maker of a replacement for a wait whose argument number `options_at` may contain WNOHANG."""

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
    """The function that a thread of _thread.start_new_thread runs; its repr in error messages is that of the original."""

    __slots__ = ("function",)

    def __init__(self, function):
        self.function = function

    def __call__(self, *arguments, **options):
        with hidden:
            mine.me  # noqa: B018  its first use records the start of the thread
            return self.function(*arguments, **options)

    def __repr__(self):
        return repr(self.function)


def _watch_threads():
    """Replace the functions of _thread through which all threads start; threading copies them from there when it is imported."""

    def make(original):
        def start(*arguments, **options):
            with hidden:
                _watch_pauses()
                if arguments and callable(arguments[0]):
                    arguments = _Started(arguments[0]), *arguments[1:]
                return original(*arguments, **options)

        return start

    threading = sys.modules.get("threading")  # not imported here: that would slow each launch, and most servers do without
    for name in ("start_new_thread", "start_joinable_thread"):  # from Python 3.13 on, threading uses the second
        replace(_thread, name, make)
        if hasattr(threading, f"_{name}"):
            setattr(threading, f"_{name}", getattr(_thread, name))
    _thread.start_new = _thread.start_new_thread


def _pausing(original):
    """Return a replacement for threading.Condition.wait, in which a thread waits for another, also for a queue.Queue or an Event."""

    @stands_for(original, "threading")
    def wait(*arguments, **options):
        me, start, woken = mine.me, now(), None
        if (arguments[1] if len(arguments) > 1 else options.get("timeout")) is None:
            me.calls[PAUSE] = start
        try:
            woken = original(*arguments, **options)
            return woken
        except BaseException as error:
            hide(error)
            raise
        finally:
            me.calls[PAUSE] = 0
            if woken is not False and (end := now()) - start > LONG_PAUSE:  # False: a timeout, as of a polling loop
                leave(me, PAUSE, start, end)

    return wait


def _ending_in_a_pause(original):
    """Return a replacement for the run() of a ThreadPoolExecutor's job: after it, the thread waits for the next one in C code."""

    @stands_for(original, original.__module__)
    def run(*arguments, **options):
        try:
            with hidden:
                return original(*arguments, **options)
        finally:
            end = now()
            leave(mine.me, PAUSE, end, end)

    return run


def _for_its_own(plain):
    """Return a class for the selector by which multiprocessing waits for its pipes and children: a pause, not a wait for clients."""
    select = waits.waiting(plain.select.__wrapped__, 1, "selectors", len, PAUSE)
    return type(plain.__name__, (plain,), {"select": select})


_pauses = {  # module -> (name, replacement) of its pauses that are not watched yet: it is imported late, if at all
    "threading": ("Condition.wait", _pausing),
    "concurrent.futures.thread": ("_WorkItem.run", _ending_in_a_pause),
    "multiprocessing.connection": ("_WaitSelector", _for_its_own),
}


def _watch_pauses():
    """Watch the pauses in modules loaded by now; called when a thread or a child is started."""
    for module, (path, make) in tuple(_pauses.items()):
        if (place := sys.modules.get(module)) is None:
            continue
        *owner, name = path.split(".")
        place = getattr(place, owner[0], None) if owner else place
        plain = getattr(place, name, None)
        if plain and _pauses.pop(module, None):  # it is loaded, and no other thread got here first
            setattr(place, name, make(plain))


def tell_where_it_is_when_asked() -> None:
    """Print where each thread is, on standard error, at the signal of Server._ask_where_it_is.

    C code does it, so that no thread of this process has to run. The script cannot see it: signal.getsignal() returns SIG_DFL.
    """
    is_new = "faulthandler" not in sys.modules
    import faulthandler

    faulthandler.register(ring.WAKE, file=2)
    if is_new:
        del sys.modules["faulthandler"]


def watch() -> None:
    """Record how this process, its threads and its children begin and end."""
    _watch_forks()
    _watch_exits()
    _watch_reaping()
    _watch_threads()
