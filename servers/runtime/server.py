"""launch(), and Server: a running server in a notebook's hands."""

import atexit
import contextlib
import fcntl
import ipaddress
import os
import re
import select
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from servers.catalogue import UnknownServer, catalogue
from servers.runtime import launch_diagnostics, process_tree, supervisor
from servers.runtime.events import Log

LOOK = 0.5  # seconds until the system is asked where the server listens, and between two such questions
HERE = Path(__file__).parents[1]
ROOT = str(HERE.parent)
START = str(HERE / "runtime" / "start.py")
LOG_SIZE = 200_000  # bytes of output kept for each server
PIPE = 65_536  # bytes that a pipe holds, pipe(7): one read of so many takes all that is there
COLOURS = re.compile(r"\x1b\[[0-9;]*m")  # a notebook asks programs for them: FORCE_COLOR is set in its kernel
PROBE_FRAMES = re.compile(
    r'^  File ".*servers.runtime.(?:probe.\w+|script|supervisor|start)\.py", line .*\n(?:    .*(?:\n|$))*', re.MULTILINE
)
GRACE = 1.0  # seconds between SIGTERM and SIGKILL

running: dict[str, "Server"] = {}  # key -> Server: who launches a name, or a file, again, replaces its server
replacing = threading.Lock()
launcher = os.getpid()  # a forked child has a copy of `running`, and of the pipes, but the servers are not its own


class LaunchError(RuntimeError):
    """The server did not start; the text says what happened, why, and what to do next."""


def launch(what, *arguments, name=None, timeout=10, watch=True, allow_any_address=False, host=None):
    """Start a server as a process of its own and return its Server once it listens (TCP) or is bound (UDP).

    what       a name of the catalogue, the path of any script, or source text (more than one line)
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
    """A server process and its process tree. Made by `launch`; usable as a context manager, which stops it."""

    def __init__(self, what, arguments, name, timeout, watch, allow_any_address, host=None):
        self.source = None  # the text, if that is what was launched
        self.title, self.path, options = identify(what)
        if self.path is None:
            self.source = str(what)
        self.name = re.sub(r"[^\w.+-]", "_", name or self.title)
        # Two files called server.py are two servers, unless the caller names them alike.
        self.key = self.name, None if name or self.source else self.path.resolve()
        if self.source:
            self.title = self.name
        self.arguments = [*options, *map(str, arguments)]
        self.timeout, self.watch, self.allow_any_address = timeout, watch, allow_any_address or host is not None
        self.enter = host.namespace.enter if host else []  # the command that takes it to its host
        self.changed = threading.Condition()
        self.stopping, self.taking = threading.Lock(), threading.Lock()
        self.forget()

    def forget(self):
        """The state before a start."""
        self.process = self.pid = self.exit_status = self.address = self.kind = self.folder = None
        self.trouble = ""
        self.watchable = True  # False: C code, or another program than the script, listens, and the timeline stays empty
        self.dropped_on_the_way = self.asked_to_sync = self.synced = self.looked = 0
        self.event_log, self.output = Log(), bytearray()
        self.stopped = self.ended = False
        self.readers = []

    # ------------------------------------------------------------ start

    def start(self):
        """Start it, and wait until it listens. Raises LaunchError."""
        with replacing:
            if before := running.get(self.key):
                before.stop()
            self.forget()
            try:
                self.spawn()
                running[self.key] = self
            except BaseException:  # the learner interrupts the cell: what has started by now ends
                self.stop()
                raise
        try:
            self.wait_until_found()
        except BaseException:  # the learner interrupts the cell
            self.stop()
            raise
        if self.address:
            return
        too_late = not self.over
        daemons = [] if too_late else [process.pid for process in process_tree.members(self.process.pid, self.pid)]
        self.stop()  # and all that it has said has come
        status = None if too_late else self.exit_status
        if daemons and status == 0:
            raise LaunchError(launch_diagnostics.left_a_daemon(self.name, daemons) + launch_diagnostics.indented(self.log))
        raise LaunchError(
            launch_diagnostics.explain(self.name, self.events(), status, self.log, self.timeout) + launch_diagnostics.indented(self.trouble)
        )

    def wait_until_found(self):
        """Wait until it listens: the probe tells at once, and the system knows of what the probe does not see."""
        deadline = time.monotonic() + self.timeout
        while not (self.address or self.over) and time.monotonic() < deadline:
            with self.changed:
                self.changed.wait_for(lambda: self.address or self.over, min(LOOK, max(0, deadline - time.monotonic())))
            if not (self.address or self.over):
                self.ask_the_system()

    def ask_the_system(self):
        """Take the address at which the process tree listens, whoever called listen(): C code, or another program.

        Raises LaunchError where that is an address that other machines can reach.
        """
        found = process_tree.listening(self.process.pid, self.pid)
        loopback = [address for address in found if ipaddress.ip_address(address[0]).is_loopback]
        if found and not (loopback or self.allow_any_address):
            raise LaunchError(
                f"{self.name} listens at %s:%d, where other machines can reach it. It was ended. Let it bind 127.0.0.1." % found[0]
            )
        with self.changed:  # on a busy machine the probe's own note of it may still be on its way
            self.changed.wait_for(lambda: not found or self.address or self.over, LOOK)
        if found and not self.address:
            self.kind, self.address, self.watchable = "tcp", (loopback or found)[0], False

    def spawn(self):
        events_out, events_in = roomy_pipe()
        script, first_on_path = self.script()
        told = events_in, self.watch, self.allow_any_address, self.folder and self.folder.name, first_on_path, script
        self.process = subprocess.Popen(
            [*self.enter, sys.executable, START, ROOT, *(str(one or "") for one in told), *self.arguments],
            stdin=subprocess.PIPE,  # its end-of-file means: the notebook is gone
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # "Interrupt kernel" and the end of the kernel's group do not reach it
            pass_fds=[events_in],
        )
        os.close(events_in)
        os.set_blocking(self.process.stdout.fileno(), False)
        threads = (self.read_events, open(events_out, "rb", buffering=0)), (self.read_output, self.process.stdout)
        self.readers = [threading.Thread(target=target, args=(file,), daemon=True) for target, file in threads]
        for reader in self.readers:
            reader.start()

    def script(self):
        """(path of the file to run, first entry of its sys.path); source text gets a file of its own."""
        if self.source is None:
            is_model = self.path.parent == HERE  # as `python -m servers.MODEL` from the project's folder
            return str(self.path), ROOT if is_model else str(self.path.resolve().parent)
        self.folder = tempfile.TemporaryDirectory(prefix="server-")
        path = Path(self.folder.name, f"{self.name}.py")
        path.write_text(self.source, encoding="utf-8")
        return str(path), os.getcwd()

    # ------------------------------------------------------------ reading what it says (threads)

    def read_output(self, file):
        more = select.poll()
        more.register(file, select.POLLIN)
        while self.take_output(file):
            more.poll()
        with self.taking:
            file.close()

    def take_output(self, file):
        """Take what it has printed by now. False when nobody is left who could print."""
        with self.taking:
            try:
                data = b"" if file.closed else os.read(file.fileno(), PIPE)
            except BlockingIOError:
                return True
            self.output += data
            if len(self.output) > 2 * LOG_SIZE:
                del self.output[:-LOG_SIZE]
        self.tell()
        return bool(data)

    def read_events(self, file):
        with file:
            while head := read_exactly(file, supervisor.FRAME.size):
                kind, number, length = supervisor.FRAME.unpack(head)
                data = read_exactly(file, length)
                if len(data) < length:
                    break
                self.take(kind, number, data)
        if self.pid and self.exit_status is None:  # the supervisor was killed; without it nobody would end them with the notebook
            process_tree.end(self.process.pid, self.pid, 0)
        self.tell()

    def take(self, kind, number, data):
        if kind == supervisor.EVENTS:
            self.event_log.add(number, data)
            if not self.address:
                self.look_for_address()
        elif kind == supervisor.DROPPED:
            self.dropped_on_the_way = number
        elif kind == supervisor.SYNCED:
            self.synced += number
        elif kind == supervisor.STARTED:
            self.pid = number
        elif kind == supervisor.ENDED:
            self.exit_status = int.from_bytes(number.to_bytes(4, "little"), "little", signed=True)
        elif kind == supervisor.TROUBLE:
            self.trouble = data.decode()
        self.tell()

    def look_for_address(self):
        """TCP: where it listens. UDP: where it is bound. The first one that stays counts."""
        events, self.looked = self.event_log.since(self.looked)
        for event in events:
            where, is_udp = event.detail.removesuffix("/udp"), event.detail.endswith("/udp")
            if (event.kind == "listen" or event.kind == "bind" and is_udp) and where and " " not in where:
                host, _, port = where.rpartition(":")
                if event.kind == "listen" and not process_tree.port_is_open(self.pid, int(port)):
                    continue  # it only tried whether the port is free, and has closed it again
                self.kind, self.address = "udp" if is_udp else "tcp", (host.strip("[]"), int(port))
                return

    def tell(self):
        with self.changed:
            self.changed.notify_all()

    # ------------------------------------------------------------ what it is and does

    @property
    def over(self):
        """Its process has ended, by itself or because it was stopped."""
        return self.exit_status is not None or self.process is None or not (self.readers and self.readers[0].is_alive())

    @property
    def running(self):
        return not self.over and not self.stopped

    @property
    def state(self):
        """In words: running; stopped; exited with code 1; ended by signal SIGKILL."""
        if self.stopped:
            return "stopped"
        if self.exit_status is not None:
            return launch_diagnostics.ending(self.exit_status)
        return "stopped" if self.over else "running"

    @property
    def host(self):
        return self.address[0]

    @property
    def port(self):
        return self.address[1]

    @property
    def log(self):
        """What it has printed up to now, to standard output and standard error; the last 200 kB."""
        process = self.process
        if process:  # who has seen it end finds its last words, also when the thread that reads them had no turn yet
            self.take_output(process.stdout)
        kept = bytes(self.output)
        if len(kept) > LOG_SIZE:
            kept = b"(what was printed before is not kept)\n" + kept[-LOG_SIZE:].partition(b"\n")[2]
        return self.clean(kept.decode(errors="replace").rstrip("\n"))

    def clean(self, text):
        """A traceback as `python script.py` gives it: without the probe's frames. A cell's code is named for the cell."""
        text = PROBE_FRAMES.sub("", COLOURS.sub("", text))
        return text.replace(str(Path(self.folder.name, f"{self.name}.py")), f"%%server {self.name}") if self.folder else text

    def events(self):
        """All events so far, by time. A call that is still going on has end=None."""
        self.sync()
        return self.event_log.settled()

    def sync(self, timeout=2):
        """Wait until all that the server has noted by now is here: who has an answer may look at how it came about."""
        with self.changed:
            if not self.running:
                return
            self.asked_to_sync += 1
            wanted = self.asked_to_sync
            try:
                self.process.stdin.write(supervisor.SYNC + b"\n")
                self.process.stdin.flush()
            except (OSError, ValueError):
                return  # it is just ending
            self.changed.wait_for(lambda: self.synced >= wanted or self.over, timeout)

    def events_since(self, cursor=0):
        """(events that came after `cursor`, the next cursor); a call that blocks comes twice, see Event."""
        return self.event_log.since(cursor)

    @property
    def dropped(self):
        """Events that were lost: overwritten before they could be read. (Of those that came, the last half million are kept.)"""
        return self.dropped_on_the_way

    def processes(self):
        """The process tree as it stands now: a list of Process, the server's own first; prints as a table."""
        if self.process is None or self.pid is None:
            return process_tree.ProcessTable()
        return process_tree.table(self.process.pid, self.pid)

    def __repr__(self):
        where = f" at {self.host}:{self.port}, PID {self.pid}" if self.running and self.address else ""
        return f"Server {self.name}: {self.state}{where}"

    # ------------------------------------------------------------ the end

    def stop(self, grace=GRACE):
        """End the whole process tree: SIGTERM, `grace` seconds, SIGKILL. Returns when none is left, and so the port is free."""
        with self.stopping:
            if self.process is not None and not self.ended:  # an interrupted stop() left it so: begin again
                self.end(grace)
            elif running.get(self.key) is self:  # interrupted before there was a process
                del running[self.key]

    def end(self, grace):
        was_over = self.exit_status is not None and not self.process.stdin.closed
        try:
            self.process.stdin.write(supervisor.STOP + b" %f\n" % grace)
            self.process.stdin.close()
        except (OSError, ValueError):
            pass  # the supervisor has gone, with all its children, or was killed
        try:
            self.process.wait(grace + 10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.pid:
            process_tree.end(self.process.pid, self.pid, 0 if was_over else grace)
        for reader in self.readers:
            if reader.ident:  # it has been started
                reader.join(2)
        self.stopped = not was_over
        if running.get(self.key) is self:
            del running[self.key]
        if self.folder:
            self.folder.cleanup()
        self.ended = True
        self.tell()

    def restart(self):
        """Stop it and start it anew, with a log and events of its own. A port that the kernel picked will be another."""
        self.stop()
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()


def identify(what):
    """(title, path, options) of what to launch; the path of source text is None. Raises UnknownServer, LaunchError."""
    text = str(what)
    if "\n" in text:
        return "script", None, ()
    if not isinstance(what, Path) and text in catalogue:
        entry = catalogue[text]
        return text, entry.path, entry.arguments
    path = Path(what)
    if path.is_file():
        return path.stem, path, ()
    if isinstance(what, Path) or text.endswith(".py") or os.sep in text:
        raise LaunchError(f"there is no file {text!r} (looked from {Path.cwd().name}/, the folder of this notebook)")
    catalogue[text]  # raises UnknownServer, which names the near misses
    raise UnknownServer(text)


def roomy_pipe():
    """A pipe in which all the records of one look at the rings have room: in the usual 64 KiB, a busy server's wait for turns."""
    ends = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux, fcntl(2)
        with contextlib.suppress(OSError):  # this user's pipes hold enough already
            fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, 1 << 18)
    return ends


def read_exactly(file, size):
    """That many bytes, or fewer at the end of the file."""
    parts = []
    while size and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


@atexit.register
def stop_all():
    """At the end of a plain Python program; a notebook's kernel is killed, and the supervisors notice that themselves."""
    if os.getpid() != launcher:  # a forked child inherits this handler, not the servers
        return
    for server in list(running.values()):
        server.stop(grace=0.2)
