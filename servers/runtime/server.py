"""launch(), and Server: the object by which a notebook controls a running server."""

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

LOOK = 0.5  # seconds before asking the system where the server listens, and between two such queries
COME_TO_REST = 3  # most seconds to watch for a server that ends right after it has begun to listen
ASLEEP = 0.02  # seconds: a process asleep for this long is waiting for something
BUSY = 0.2  # seconds of CPU time that show it at work, not about to end
NAPS = 10  # so does sleeping and running this many times: its loop polls, with time.sleep(0.01) say
TO_TELL = 2  # most seconds to wait for a process to print where it is
MOST_NAMED = 4  # addresses named in a remark; the rest are only counted
MOST_SUSPECTS = 4  # clients searched for in the records at each look, which takes a while
HERE = Path(__file__).parents[1]
ROOT = str(HERE.parent)
# An encoding declaration: it has a meaning in a file, but none in a cell, which is text.
NAMES_AN_ENCODING = re.compile(r"\A((?:.*\n)?[ \t\f]*#.*?coding)(?=[:=])")
ADDRESSES = {event_kinds.BIND, event_kinds.LISTEN}  # the kinds of events that show where a server listens


class LaunchError(RuntimeError):
    """The server did not start; the message says what happened, why, and what to do next."""


def launch(what, *arguments, name=None, timeout=10, watch=True, allow_any_address=False, host=None):
    """Start a server in its own process and return its Server once it listens (TCP) or is bound (UDP).

    what       a name of the catalogue, the path of any script (or a folder with a __main__.py), or source text (several lines)
    arguments  its command line, as in launch("tcp_loop", "--backlog", "1")
    name       its name; a server that this notebook launched before under this name is stopped first
               (without a name: one launched before from the same file)
    timeout    seconds within which it has to listen
    watch      False: run it unwatched, and learn only its address
    allow_any_address   True lets it bind addresses that other machines can reach
    host       a Host of servers.runtime.hosts to start it on, which cannot be reached from outside

    Raises LaunchError if it fails to get that far, UnknownServer for a name that is not in the catalogue.
    """
    server = Server(what, arguments, name, timeout, watch, allow_any_address, host)
    server.start()
    return server


class Server:
    """A server process and its process tree. Created by `launch`; usable as a context manager, which stops it.

    name, title      its name; what was launched
    path, source     the file that was launched, or the source text
    pid              process ID of the server's own process
    environment      environment for its next start; None for the notebook's own
    exit_status      exit status of that process, once it has ended; negative for a signal
    dropped          number of events lost, overwritten before they could be read. (The log keeps the last half million that arrived.)
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
        self._enter = host.namespace.enter if host else []  # command prefix that runs it on its host
        self.environment: dict[str, str] | None = None
        self.changed = threading.Condition()  # notified whenever anything here has changed
        self._ending = threading.Lock()
        self._forget()

    def _forget(self):
        """Set the state before a start."""
        self._supervisor = self.pid = self.exit_status = self._folder = None
        self._address = ServerAddress(self._anywhere)
        self._trouble = ""  # the traceback of an error in its supervisor
        self.dropped = self._syncs_asked = self._syncs_done = self._looked = 0
        self._log, self._output = Log(), Output(None, self._tell)
        self._stopped = self._is_closed = self._is_at_rest = self._exits = False
        self._readers = []
        self._serves_unseen = False  # a program without the probe has been given a client's connection
        self._accepts_unseen, self._suspects = False, set()  # whether it accepts clients unrecorded; their addresses at the last look

    # ------------------------------------------------------------ start

    def start(self):
        """Start it, and wait until it listens. Raises LaunchError. An interrupt at any moment leaves no process behind."""
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
        """Wait until it listens and has come to rest. Raises LaunchError."""
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
        self._is_at_rest = True  # it has started: from now on, closing a listener does not mean that it is still trying ports

    @property
    def _is_settled(self):
        """Whether it has an address or will not get one."""
        return self._address.now or self._address.refused or self.over

    def _wait_until_at_rest(self, interrupts):
        """Wait until its main thread waits for something: a program that ends right after listen() is not a server.

        The probe reports that it waits; where the probe sees nothing, the system shows it, as a process asleep for a while.
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
            events = self.events()  # up to now, without what happens when we end it
            if self.pid:
                self._ask_where_it_is()
            log = self.log
            if launch_diagnostics.runs_a_loop(log):
                self._interrupt_it()
            self.stop()
            interrupted = self.log.removeprefix(log)
        else:
            daemons = [process.pid for process in self.members() if process_table.outlives_its_parent(process)]
            self.stop()  # by now all its output has arrived
            events, log, status = self.events(), self.log, self.exit_status
            if daemons and status == 0:
                return launch_diagnostics.left_a_daemon(self.name, daemons) + launch_diagnostics.indented(log)
        told = launch_diagnostics.explain(self.name, events, status, log, self._timeout, address, interrupted)
        return told + launch_diagnostics.indented(self._trouble)

    def _ask_where_it_is(self):
        """Make it print that, see probe.processes. It cannot without the probe, with signals blocked, or with stderr redirected."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, ring.WAKE)
            self._wait_for(lambda: launch_diagnostics.PLACES.search(self._output.text()) or self.over, TO_TELL)

    def _interrupt_it(self):
        """Interrupt it like Ctrl-C: its main coroutine gets the exception, and the traceback shows where it was."""
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
            environment[b"PYTHONSAFEPATH"] = b"1"  # keeps Python from adding its default first entry
        events_out, events_in = os.pipe()
        try:
            _make_roomy(events_in)
            self._supervisor = subprocess.Popen(
                [*self._enter, sys.executable, script, *self._arguments],
                stdin=subprocess.PIPE,  # end-of-file on it means that the notebook is gone
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # "Interrupt kernel" and a signal to the kernel's group do not reach it
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
        """Return (path of the file to run, first entry of its sys.path, None for Python's default); write source text to a file."""
        if self.source is None:
            is_model = self.path.parent == HERE  # run it like `python -m servers.MODEL` in the project's folder
            return str(self.path), ROOT if is_model else None
        self._folder = tempfile.TemporaryDirectory(prefix="server-")
        path = Path(self._folder.name, f"{self.name}.py")
        path.write_text(NAMES_AN_ENCODING.sub(r"\1 ", self.source), encoding="utf-8")
        return str(path), os.getcwd()

    # ------------------------------------------------------------ what its supervisor sends (in a thread)

    def _read_events(self, file):
        with file:
            while head := _read_exactly(file, supervisor.FRAME.size):
                kind, number, length = supervisor.FRAME.unpack(head)
                data = _read_exactly(file, length)
                if len(data) < length:
                    break
                self._take(kind, number, data)
        if self.pid and self.exit_status is None:  # the supervisor was killed, and can no longer end them with the notebook
            ending.end(self._supervisor.pid, self.pid, 0)
        self._tell()

    def _take(self, kind, number, data):
        if kind == supervisor.EVENTS:
            self._log.add(number, data)
            kinds = data[ring.KIND :: ring.SIZE]
            for started in event_kinds.FORK, event_kinds.EXEC:
                if started in kinds:
                    self._serves_unseen |= (started, ring.SERVES_UNSEEN) in zip(kinds, data[ring.PORT :: ring.SIZE], strict=True)
            if not self._is_at_rest or self._address.kind == "udp" and not ADDRESSES.isdisjoint(kinds):
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
        """Look first for its address, then for its main thread waiting or ending."""
        events, self._looked = self._log.since(self._looked)
        for event in events:
            if self._address.note(event, self._is_at_rest) or self._is_at_rest:
                continue
            if event.kind == "exit" and event.pid == self.pid:
                self._exits = True
            elif event.kind in ("close", "exit") and not event.peer:  # perhaps of a listener: it was only trying that port
                self._address.forget_what_is_closed(self.pid)
            elif event.pid == event.tid == self.pid and event.end is None:
                self._is_at_rest |= self._address.now is not None

    def _tell(self):
        with self.changed:
            self.changed.notify_all()

    # ------------------------------------------------------------ its state

    @property
    def kind(self):
        """Its transport: "tcp" or "udp"; None as long as it has no address."""
        return self._address.kind

    @property
    def address(self):
        """(host, port) where it listens (TCP) or is bound (UDP), also after it has moved to another."""
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
        """False if C code, a sub-interpreter, or a program without the probe has the listener, so that the timeline stays empty."""
        return self._address.is_watchable(self._strangers())

    def _strangers(self):
        """Return the programs in its tree that run without the probe, see listening."""
        return listening.strangers(self._supervisor.pid, self.pid, ring.NAME, bootstrap.SETTINGS) if self.running else []

    @property
    def unseen(self):
        """What no timeline shows of it, in words; empty if everything shows."""
        if not (self.watch and self.running and self._address.now):
            return ""
        strangers = self._strangers()
        if not self._address.is_watchable(strangers):
            return (
                "it cannot be watched, and its timeline stays empty: C code, a library's own sockets (gevent's, say), "
                "a sub-interpreter, or another program listens"
            )
        self._serves_unseen |= any(one.raddr and one.laddr.port == self.port for sockets in strangers for one in sockets)
        if self._serves_unseen:
            return "it passes connections to another program, and what that receives and sends is not shown"
        if self._accepts_unseen or self._finds_unseen_clients():
            return "C code, or a library's own sockets (uvloop's, gevent's), accept clients, and what these send and get is not shown"
        if listening.has_interpreters(self.pids()):
            return "it starts sub-interpreters inside its process, and what they do is not shown"
        return ""

    def _finds_unseen_clients(self):
        """Whether it had a client at the last look whose accept() is still not recorded: the record comes just after the accept()."""
        clients = tcp_listeners.clients(self.port) if self.kind == "tcp" else []
        if self.dropped or not (clients or self._suspects):
            return False
        self.sync()
        self._accepts_unseen = not all(map(self._log.knows, self._suspects))
        unknown = [client for client in clients[:MOST_SUSPECTS] if not self._log.knows(client[0])]
        self._suspects = {peer for peer, _ in tcp_listeners.held_by(self.pids(), unknown)}
        return self._accepts_unseen

    @property
    def remarks(self):
        """Sentences on what neither its address nor its timeline shows."""
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
        """Whether its process has ended, on its own or because it was stopped."""
        return self.exit_status is not None or self._supervisor is None or not (self._readers and self._readers[0].is_alive())

    @property
    def running(self):
        return not self.over and not self._stopped

    @property
    def stopping(self):
        """Whether it has been asked to stop, or was never started."""
        return self._supervisor is None or self._supervisor.stdin.closed

    @property
    def state(self):
        """Its state in words: running; stopped; exited with code 1; ended by signal SIGKILL."""
        if self._stopped:
            return "stopped"
        if self.exit_status is not None:
            return launch_diagnostics.ending(self.exit_status)
        return "stopped" if self.over else "running"

    @property
    def log(self):
        """Its output so far, standard output and standard error, the last 200 kB. A cell's file shows as %%server NAME."""
        text = self._output.text()
        if self._address.refused:
            text = f"{text}\n{self._refused_in_words()}".lstrip()
        return text.replace(str(Path(self._folder.name, f"{self.name}.py")), f"%%server {self.name}") if self._folder else text

    def events(self):
        """Return all events so far in time order, without pauses (see `events_since`). A call in progress has end=None."""
        self.sync()
        return settled(event for event in self._log.since(0)[0] if event.kind != "pause")

    def sync(self, timeout=20):
        """Wait until all records that the server has written are here: with an answer in hand, a caller finds the events behind it."""
        with self.changed:
            if not self.running:
                return
            self._syncs_asked += 1
            wanted = self._syncs_asked
            try:
                self._supervisor.stdin.write(supervisor.SYNC + b"\n")
                self._supervisor.stdin.flush()
            except (OSError, ValueError):
                return  # it is ending
            self.changed.wait_for(lambda: self._syncs_done >= wanted or self.over, timeout)

    def events_since(self, cursor=0):
        """Return (events that arrived after `cursor`, the next cursor); a blocking call appears twice, see Event."""
        return self._log.since(cursor)

    def pids(self):
        """Return the IDs of all processes in its tree, its own first."""
        return process_tree.pids(self._supervisor.pid, self.pid) if self.pid else []

    def members(self):
        """Return the psutil.Process of each process in its tree, its own first."""
        return process_table.members(self._supervisor.pid, self.pid) if self.pid else []

    def processes(self):
        """Return its process tree as it is now: a list of Process, the server's own first, that prints as a table."""
        return process_table.ProcessTable(filter(None, map(process_table.describe, self.members())))

    @property
    def supervisor_pid(self):
        """ID of the process that started the server and will end it."""
        return self._supervisor.pid

    def __repr__(self):
        where = f" at {written(self._address.now)}, PID {self.pid}" if self.running and self._address.now else ""
        return " ".join([f"Server {self.name}: {self.state}{where}{'.' * bool(remarks := self.remarks)}", *remarks])

    # ------------------------------------------------------------ the end

    def stop(self, grace=ending.GRACE):
        """End the whole process tree: SIGTERM, `grace` seconds, SIGKILL. Returns when none is left, so that the port is free.

        An interrupt is deferred until all this is done.
        """
        with interrupts_deferred(), self._ending:
            if self._supervisor is not None and not self._is_closed:
                self._end(grace)
            running.remove(self)
            if self._folder:
                self._folder.cleanup()

    def _end(self, grace):
        was_over = self.exit_status is not None and not self.stopping
        with contextlib.suppress(OSError, ValueError):  # the supervisor has ended, with all its children, or was killed
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
        """Stop it and start it again, with a new log and new events. If the kernel picked its port, the port will change."""
        self.stop()
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()


@contextlib.contextmanager
def interrupts_deferred(tell=lambda: None):
    """Defer Ctrl-C, or "Interrupt kernel", to the end of this block, so that nothing in it is left half done.

    Yields a list that is no longer empty once an interrupt has come; then `tell` is called too. Only the main thread is interrupted.
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
    """Return (title, path, options) of what to launch; path is None for source text. Raises UnknownServer, LaunchError."""
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
            hint = f". Pass its arguments separately: launch({', '.join(map(repr, words))})"
        raise LaunchError(f"there is no file {text!r} (looked from {Path.cwd().name}/, the folder of this notebook){hint}")
    catalogue[text]  # raises UnknownServer, which suggests similar names
    raise UnknownServer(text)


def _make_roomy(pipe):
    """Enlarge a pipe to hold all records of one look at the rings: in the usual 64 KiB, those of a busy server have to queue."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux, fcntl(2)
        with contextlib.suppress(OSError):  # this user's pipes are at their limit
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 18)


def _read_exactly(file, size):
    """Read that many bytes, or fewer at the end of the file."""
    parts = []
    while size and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
