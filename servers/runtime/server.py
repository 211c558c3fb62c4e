"""launch(), and Server: a running server in a notebook's hands."""

import contextlib
import fcntl
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from servers.catalogue import UnknownServer, catalogue
from servers.runtime import (
    bootstrap,
    ending,
    event_kinds,
    launch_diagnostics,
    listening,
    process_table,
    process_tree,
    ring,
    running,
    supervisor,
    tcp_listeners,
)
from servers.runtime.events import Log, settled, written
from servers.runtime.output import Output
from servers.runtime.server_address import ServerAddress

LOOK = 0.5  # seconds until the system is asked where the server listens, and between two such questions
COME_TO_REST = 3  # seconds in which a server that ends right after it has begun to listen is noticed, at most
ASLEEP = 0.02  # seconds: a process that has slept so long waits for something
BUSY = 0.2  # seconds of running: it is at work, and not at its end
NAPS = 10  # as is one that has slept and run so often: its loop looks around without waiting, time.sleep(0.01) and again
TO_TELL = 2  # seconds, at most, in which a process tells where it is
MOST_NAMED = 4  # addresses in a remark; of more, the number
HERE = Path(__file__).parents[1]
ROOT = str(HERE.parent)
# In a file; a cell is text, and that means nothing there.
NAMES_AN_ENCODING = re.compile(r"\A((?:.*\n)?[ \t\f]*#.*?coding)(?=[:=])")
ADDRESSES = {event_kinds.BIND, event_kinds.LISTEN}  # the kinds of events that tell where a server is


class LaunchError(RuntimeError):
    """The server did not start; the text says what happened, why, and what to do next."""


def launch(what, *arguments, name=None, timeout=10, watch=True, allow_any_address=False, host=None):
    """Start a server as a process of its own and return its Server once it listens (TCP) or is bound (UDP).

    what       a name of the catalogue, the path of any script (or a folder with a __main__.py), or source text (several lines)
    arguments  its command line, as in launch("tcp_loop", "--backlog", "1")
    name       what to call it; a server launched before under this name in this notebook is stopped first
               (without a name: one launched before from this file)
    timeout    seconds until it has to listen
    watch      False: run it bare, and learn no more than its address
    allow_any_address   True lets it bind addresses that other machines can reach
    host       a Host of servers.runtime.hosts: start it there, where nothing from outside reaches it

    Raises LaunchError when it does not get there, UnknownServer for a name that is not in the catalogue.
    """
    server = Server(what, arguments, name, timeout, watch, allow_any_address, host)
    server.start()
    return server


class Server:
    """A server process and its process tree. Made by `launch`; usable as a context manager, which stops it.

    name, title      what the caller calls it; what was launched
    path, source     the file that was launched, or the text
    pid              of the server's own process
    environment      of its next start; None: the notebook's own
    exit_status      of that process, once it has ended; negative for a signal
    dropped          events that were lost: overwritten before they could be read. (Of those that came, the last half million are kept.)
    watch            whether the caller wants it watched
    """

    def __init__(self, what, arguments, name, timeout, watch, allow_any_address, host=None):
        self.title, self.path, options = _identify(what)
        self.source = str(what) if self.path is None else None
        self.name = re.sub(r"[^\w.+-]", "_", name or self.title)
        # Two files called server.py are two servers, unless the caller names them alike.
        self.key = self.name, None if name or self.source else self.path.resolve()
        if self.source:
            self.title = self.name
        self._arguments = [*options, *map(str, arguments)]
        self._timeout, self.watch, self._anywhere = timeout, watch, allow_any_address or host is not None
        self._enter = host.namespace.enter if host else []  # the command that takes it to its host
        self.environment: dict[str, str] | None = None
        self.changed = threading.Condition()  # notified whenever anything here has changed
        self._ending = threading.Lock()
        self._forget()

    def _forget(self):
        """The state before a start."""
        self._supervisor = self.pid = self.exit_status = self._folder = None
        self._address = ServerAddress(self._anywhere)
        self._trouble = ""  # what its supervisor met
        self.dropped = self._syncs_asked = self._syncs_done = self._looked = 0
        self._log, self._output = Log(), Output(None, self._tell)
        self._stopped = self._is_closed = self._is_at_rest = self._exits = False
        self._readers = []
        self._handed_to = set()  # names of programs without the probe that have had a client's connection

    # ------------------------------------------------------------ start

    def start(self):
        """Start it, and wait until it listens. Raises LaunchError. An interrupt, at whatever moment, leaves nothing of it."""
        try:
            with interrupts_deferred(self._tell) as interrupts:
                with running.replacing(self):
                    self._forget()
                    self._spawn()
                self._wait(interrupts)
        except BaseException:
            self.stop()
            raise

    def _wait(self, interrupts):
        """Until it listens and has come to rest. Raises LaunchError."""
        deadline = time.monotonic() + self._timeout
        while not (self._is_settled or interrupts) and time.monotonic() < deadline:
            self._wait_for(lambda: self._is_settled or interrupts, min(LOOK, deadline - time.monotonic()))
            if not self._is_settled:
                self._address.ask_the_system(self._supervisor.pid, self.pid, self.sync)
            if self._address.now:
                self._wait_until_at_rest(interrupts)
                if not (self._is_at_rest or self._exits or self.over):
                    self._address.forget_what_is_closed(self.pid)
        if not self.over:
            self._address.refuse_what_others_reach(self.pids)
        if self._address.refused:
            raise LaunchError(self._refused_in_words())
        if not interrupts and (self.over or not self._address.now):
            raise LaunchError(self._what_went_wrong())
        self._is_at_rest = True  # it has started: what it closes from now on, at its end too, is no try at a port

    @property
    def _is_settled(self):
        """It has an address, or will not get one."""
        return self._address.now or self._address.refused or self.over

    def _wait_until_at_rest(self, interrupts):
        """Wait until its main thread waits for something: what ends right after it has begun to listen is no server.

        The probe tells that it waits. Of what it does not see, the system knows: a process that has slept for a while waits.
        """
        first = before = None
        naps = set()
        begun = asleep_since = time.monotonic()
        most = COME_TO_REST if process_tree.TELLS_ACTIVITY else BUSY
        while not (self._is_at_rest or self.over or interrupts) and time.monotonic() < begun + most:
            self._wait_for(lambda: self._is_at_rest or self.over or interrupts, 0.002)
            activity = process_tree.activity(self.pid)
            first = first or activity
            if activity is None or not activity[0] or activity != before:
                asleep_since = time.monotonic()
            elif not self._exits and time.monotonic() > asleep_since + ASLEEP:
                return
            if activity and activity[0]:
                naps.add(activity[1])
            if not self._exits and activity and first and (activity[1] > first[1] + BUSY or len(naps) > NAPS):
                return
            before = activity

    def _wait_for(self, condition, timeout):
        with self.changed:
            self.changed.wait_for(condition, max(0, timeout))

    def _what_went_wrong(self):
        address, status, interrupted = self._address.now, None, ""
        if not self.over:
            events = self.events()  # of its time, not of what it does when it is ended
            if self.pid:
                self._ask_where_it_is()
            log = self.log
            if launch_diagnostics.runs_a_loop(log):
                self._interrupt_it()
            self.stop()
            interrupted = self.log.removeprefix(log)
        else:
            daemons = self.pids()
            self.stop()  # and all that it has said has come
            events, log, status = self.events(), self.log, self.exit_status
            if daemons and status == 0:
                return launch_diagnostics.left_a_daemon(self.name, daemons) + launch_diagnostics.indented(log)
        told = launch_diagnostics.explain(self.name, events, status, log, self._timeout, address, interrupted)
        return told + launch_diagnostics.indented(self._trouble)

    def _ask_where_it_is(self):
        """Let it print that: see probe.processes. Another program does not, nor one that blocks signals or has redirected its stderr."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, ring.WAKE)
            self._wait_for(lambda: launch_diagnostics.PLACES.search(self._output.text()) or self.over, TO_TELL)

    def _interrupt_it(self):
        """As Ctrl-C does it: its main coroutine is told, and says where it was."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGINT)
            self._wait_for(lambda: self.over, TO_TELL)

    def _refused_in_words(self):
        address = written(self._address.refused)
        return f"{self.name} listens at {address}, where other machines can reach it. It was ended. Let it bind 127.0.0.1."

    def _spawn(self):
        script, first_on_path = self._script()
        folder = self._folder and self._folder.name
        environment = {os.fsencode(name): os.fsencode(value) for name, value in (self.environment or os.environ).items()}
        if first_on_path:
            environment[b"PYTHONSAFEPATH"] = b"1"  # Python puts no folder of its own there
        events_out, events_in = os.pipe()
        try:
            _make_roomy(events_in)
            self._supervisor = subprocess.Popen(
                [*self._enter, sys.executable, script, *self._arguments],
                stdin=subprocess.PIPE,  # its end-of-file means: the notebook is gone
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # "Interrupt kernel" and the end of the kernel's group do not reach it
                pass_fds=[events_in],
                env=bootstrap.environment(
                    environment, "supervisor", events_in, self.watch, self._anywhere, folder, first_on_path
                ),
            )
        except BaseException:
            os.close(events_out)
            raise
        finally:
            os.close(events_in)
        os.set_blocking(self._supervisor.stdout.fileno(), False)
        self._output = Output(self._supervisor.stdout, self._tell)
        events = open(events_out, "rb", buffering=0)
        self._readers = [
            threading.Thread(target=self._read_events, args=(events,), daemon=True),
            threading.Thread(target=self._output.read, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _script(self):
        """(path of the file to run, first entry of its sys.path: None as Python does it); source text gets a file of its own."""
        if self.source is None:
            is_model = self.path.parent == HERE  # as `python -m servers.MODEL` from the project's folder
            return str(self.path), ROOT if is_model else None
        self._folder = tempfile.TemporaryDirectory(prefix="server-")
        path = Path(self._folder.name, f"{self.name}.py")
        path.write_text(NAMES_AN_ENCODING.sub(r"\1 ", self.source), encoding="utf-8")
        return str(path), os.getcwd()

    # ------------------------------------------------------------ what its supervisor says (in a thread)

    def _read_events(self, file):
        with file:
            while head := _read_exactly(file, supervisor.FRAME.size):
                kind, number, length = supervisor.FRAME.unpack(head)
                data = _read_exactly(file, length)
                if len(data) < length:
                    break
                self._take(kind, number, data)
        if self.pid and self.exit_status is None:  # the supervisor was killed; without it nobody would end them with the notebook
            ending.end(self._supervisor.pid, self.pid, 0)
        self._tell()

    def _take(self, kind, number, data):
        if kind == supervisor.EVENTS:
            self._log.add(number, data)
            if not self._is_at_rest or self._address.kind == "udp" and not ADDRESSES.isdisjoint(data[ring.KIND :: ring.SIZE]):
                self._look_at_its_start()
        elif kind == supervisor.DROPPED:
            self.dropped = number
        elif kind == supervisor.SYNCED:
            self._syncs_done += number
        elif kind == supervisor.STARTED:
            self.pid = number
        elif kind == supervisor.ENDED:
            self.exit_status = int.from_bytes(number.to_bytes(4, "little"), "little", signed=True)
        elif kind == supervisor.REFUSED:
            self._address.refused = data.decode(), number
        elif kind == supervisor.TROUBLE:
            self._trouble = data.decode()
        self._tell()

    def _look_at_its_start(self):
        """Its address first. Then: that its main thread waits, or ends."""
        events, self._looked = self._log.since(self._looked)
        for event in events:
            if self._address.note(event, self._is_at_rest) or self._is_at_rest:
                continue
            if event.kind == "exit" and event.pid == self.pid:
                self._exits = True
            elif event.kind in ("close", "exit") and not event.peer:  # of a listener, perhaps: it has only tried that port
                self._address.forget_what_is_closed(self.pid)
            elif event.pid == event.tid == self.pid and event.end is None:
                self._is_at_rest |= self._address.now is not None

    def _tell(self):
        with self.changed:
            self.changed.notify_all()

    # ------------------------------------------------------------ what it is and does

    @property
    def kind(self):
        """What it speaks: "tcp" or "udp"; None as long as it has no address."""
        return self._address.kind

    @property
    def address(self):
        """(host, port) where it listens (TCP) or is bound (UDP); follows a server that moves."""
        if self.running:
            self._address.follow(self._supervisor.pid, self.pid)
        return self._address.now

    @property
    def host(self):
        return self.address[0]

    @property
    def port(self):
        return self.address[1]

    @property
    def watchable(self):
        """False: C code, a sub-interpreter, or a program that the probe is not in, has the listener, and the timeline stays empty."""
        return self._address.is_watchable(self._strangers())

    def _strangers(self):
        """The programs in its tree that the probe is not in, see listening."""
        return listening.strangers(self._supervisor.pid, self.pid, ring.NAME, bootstrap.SETTINGS) if self.running else []

    @property
    def unseen(self):
        """What of it no timeline shows, in words; empty where all shows."""
        if not (self.watch and self.running and self._address.now):
            return ""
        strangers = self._strangers()
        if not self._address.is_watchable(strangers):
            return (
                "it cannot be watched, and its timeline stays empty: C code, a library's own sockets (gevent's, say), "
                "a sub-interpreter, or another program listens"
            )
        self._handed_to |= {name for name, sockets in strangers if any(one.raddr and one.laddr.port == self.port for one in sockets)}
        if self._handed_to:
            programs = " and ".join(sorted(self._handed_to))
            return f"it hands connections to another program ({programs}), and what that receives and sends does not show"
        if listening.has_interpreters(self.pids()):
            return "it makes interpreters inside its process (sub-interpreters), and what those do does not show"
        return ""

    @property
    def remarks(self):
        """Sentences on what neither its address nor its timeline tells."""
        if not self.running or not self._address.now:
            return []
        found = []
        if others := [one for one in tcp_listeners.held_by(self.pids(), tcp_listeners.listeners() or ()) if one != self.address]:
            named = [*map(written, sorted(others))]
            if len(named) > MOST_NAMED:
                named[MOST_NAMED - 1 :] = [f"{len(named) - MOST_NAMED + 1} more addresses"]
            found.append(f"It listens at {' and '.join(named)}, too.")
        if unseen := self.unseen:
            found.append(f"{unseen[0].upper()}{unseen[1:]}.")
        return found

    @property
    def over(self):
        """Its process has ended, by itself or because it was stopped."""
        return self.exit_status is not None or self._supervisor is None or not (self._readers and self._readers[0].is_alive())

    @property
    def running(self):
        return not self.over and not self._stopped

    @property
    def stopping(self):
        """Somebody has asked it to stop, or it was never started."""
        return self._supervisor is None or self._supervisor.stdin.closed

    @property
    def state(self):
        """In words: running; stopped; exited with code 1; ended by signal SIGKILL."""
        if self._stopped:
            return "stopped"
        if self.exit_status is not None:
            return launch_diagnostics.ending(self.exit_status)
        return "stopped" if self.over else "running"

    @property
    def log(self):
        """What it has printed up to now, to standard output and standard error; the last 200 kB. A cell's code is named for the cell."""
        text = self._output.text()
        if self._address.refused:
            text = f"{text}\n{self._refused_in_words()}".lstrip()
        return text.replace(str(Path(self._folder.name, f"{self.name}.py")), f"%%server {self.name}") if self._folder else text

    def events(self):
        """All events so far, by time, but pauses: those only `events_since` has. A call that is still going on has end=None."""
        self.sync()
        return settled(event for event in self._log.since(0)[0] if event.kind != "pause")

    def sync(self, timeout=20):
        """Wait until all that the server has noted by now is here: who has an answer may look at how it came about."""
        with self.changed:
            if not self.running:
                return
            self._syncs_asked += 1
            wanted = self._syncs_asked
            try:
                self._supervisor.stdin.write(supervisor.SYNC + b"\n")
                self._supervisor.stdin.flush()
            except (OSError, ValueError):
                return  # it is just ending
            self.changed.wait_for(lambda: self._syncs_done >= wanted or self.over, timeout)

    def events_since(self, cursor=0):
        """(events that came after `cursor`, the next cursor); a call that blocks comes twice, see Event."""
        return self._log.since(cursor)

    def pids(self):
        """The process IDs of everyone in its process tree, its own first."""
        return process_tree.pids(self._supervisor.pid, self.pid) if self.pid else []

    def members(self):
        """The psutil.Process of everyone in its process tree, its own first."""
        return process_table.members(self._supervisor.pid, self.pid) if self.pid else []

    def processes(self):
        """The process tree as it stands now: a list of Process, the server's own first; prints as a table."""
        return process_table.ProcessTable(filter(None, map(process_table.describe, self.members())))

    @property
    def supervisor_pid(self):
        """The process that has started the server, and ends it."""
        return self._supervisor.pid

    def __repr__(self):
        where = f" at {written(self._address.now)}, PID {self.pid}" if self.running and self._address.now else ""
        return " ".join([f"Server {self.name}: {self.state}{where}{'.' * bool(remarks := self.remarks)}", *remarks])

    # ------------------------------------------------------------ the end

    def stop(self, grace=ending.GRACE):
        """End the whole process tree: SIGTERM, `grace` seconds, SIGKILL. Returns when none is left, and so the port is free.

        An interrupt comes when all this is done.
        """
        with interrupts_deferred(), self._ending:
            if self._supervisor is not None and not self._is_closed:
                self._end(grace)
            running.remove(self)
            if self._folder:
                self._folder.cleanup()

    def _end(self, grace):
        was_over = self.exit_status is not None and not self.stopping
        with contextlib.suppress(OSError, ValueError):  # the supervisor has gone, with all its children, or was killed
            self._supervisor.stdin.write(supervisor.STOP + b" %f\n" % grace)
            self._supervisor.stdin.close()
        try:
            self._supervisor.wait(grace + 10)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()
        if self.pid:
            ending.end(self._supervisor.pid, self.pid, 0 if was_over else grace)
        for reader in self._readers:
            if reader.ident:  # it has been started
                reader.join(10)
        self._stopped, self._is_closed = not was_over, True
        self._tell()

    def restart(self):
        """Stop it and start it anew, with a log and events of its own. A port that the kernel picked will be another."""
        self.stop()
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()


@contextlib.contextmanager
def interrupts_deferred(tell=lambda: None):
    """Ctrl-C, or "Interrupt kernel", is delivered at the end of this block, so that nothing in it is left half done.

    Gives a list that is no longer empty once an interrupt has come; `tell` is called then, too. Only the main thread is interrupted.
    """
    interrupts = []
    deliver = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(deliver):
        yield interrupts
        return

    def defer(*interrupt):
        interrupts.append(interrupt)
        tell()

    signal.signal(signal.SIGINT, defer)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, deliver)
        if interrupts:
            deliver(*interrupts[0])


def _identify(what):
    """(title, path, options) of what to launch; the path of source text is None. Raises UnknownServer, LaunchError."""
    text = str(what)
    if "\n" in text:
        return "script", None, ()
    if not isinstance(what, Path) and text in catalogue:
        entry = catalogue[text]
        return text, entry.path, entry.arguments
    path = Path(what)
    if path.is_file() or (path / "__main__.py").is_file():  # a folder, as `python folder` runs it
        return path.stem, path, ()
    if isinstance(what, Path) or text.endswith(".py") or os.sep in text:
        words, near = text.split(), next(filter(os.path.isfile, (f"{text}.py", os.path.expanduser(text))), None)
        hint = f". Did you mean {near!r}?" if near else ""
        if words and os.path.isfile(words[0]):
            hint = f". Its arguments stand by themselves: launch({', '.join(map(repr, words))})"
        raise LaunchError(f"there is no file {text!r} (looked from {Path.cwd().name}/, the folder of this notebook){hint}")
    catalogue[text]  # raises UnknownServer, which names the near misses
    raise UnknownServer(text)


def _make_roomy(pipe):
    """Room in it for all the records of one look at the rings: in the usual 64 KiB, a busy server's wait for turns."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux, fcntl(2)
        with contextlib.suppress(OSError):  # this user's pipes hold enough already
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 18)


def _read_exactly(file, size):
    """That many bytes, or fewer at the end of the file."""
    parts = []
    while size and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
