"""The process between a notebook and its server: it becomes the server by a fork, passes on what the server notes, and sees to its end.

    notebook's kernel  ->  supervisor  ->  server  ->  its children

It is the server's parent, not its child, so the server's own shape stays as its author made it. It ends the whole process tree when
it is told to, or when its standard input closes: that is how the death of the kernel shows, by SIGKILL too.

One interpreter is started, not two: it forks when all of us is loaded (later, each page that loading touches would be copied),
and the child runs the script. What the child inherits is standard input, output and error; no other descriptor, no thread, no
changed signal.
"""

import _signal  # not signal: see ending.py
import os
import select
import struct
import sys
import time

from servers.runtime import ending, event_kinds, probe, process_tree, ring

FRAME = struct.Struct("<cQI")  # what it is, a number, how many bytes follow
EVENTS, DROPPED, STARTED, ENDED, SYNCED, TROUBLE, REFUSED = b"E", b"D", b"P", b"X", b"S", b"!", b"R"
SYNC, STOP = b"sync", b"stop"  # what the notebook says on our standard input
SETTLING = 0.005  # seconds: a call's note comes a moment after the call, and its peer may be faster to ask for it
SETTLED = 0.3  # seconds, at most, in which a thread of the server that has no turn on a busy machine may still come to its note
SHORTEST, LONGEST = 0.0005, 0.015  # seconds between two looks at the rings: when it has just been woken; then ever longer
AWAKE = 0.1  # seconds for which it looks after something has happened; then it sleeps until it is woken. Much shorter than the
# half second after which an idle socketserver looks around: beside one, it would never sleep.
ASLEEP = 1  # seconds after which it looks all the same: for a process that was killed, and for one that could not wake it
SELDOM = 30  # seconds, at most, between two looks at all of the machine's listeners: each costs more, the more servers there are
MOST_UNSENT = 4 << 20  # bytes kept for a notebook that does not read; then the rings fill up, and count what they drop


def main(events, watch, allow_any_address, folder, first_on_path):
    """Returns in the server's process only, where the interpreter goes on to run the script: what is to be first on its path.

    events          the descriptor on which the notebook reads what the server does
    folder          what to remove at the end: it holds a cell's code
    first_on_path   what the script finds first on its path; "": its own folder, as Python does it
    """
    events = int(events)
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)  # a kernel that is idle ignores it, and so would we
    memory, descriptor, path_of_memory = ring.create()
    adopted, tell = os.pipe()
    console, keyboard = os.pipe()
    server = os.fork()
    if server == 0:
        become_server(events, console)
        os.close(keyboard)
        os.close(tell)
        if descriptor is not None:
            os.close(descriptor)
        probe.install(memory, path_of_memory, bool(watch), bool(allow_any_address))
        if first_on_path:
            del os.environ["PYTHONSAFEPATH"]
        os.read(adopted, 1)
        os.close(adopted)
        return first_on_path
    try:
        os.close(adopted)
        os.close(console)
        adopt_orphans()
        os.close(tell)
        Supervisor(memory, server, events, bool(allow_any_address)).run()
        if folder:  # a cell's code, written there; a notebook that was killed cannot remove it
            import shutil

            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os._exit(0)  # whatever comes: the script is the server's to run


def adopt_orphans():
    """From now on orphans of this process tree become its children, so that none escapes (Linux: prctl(2), PR_SET_CHILD_SUBREAPER).

    The server waits for it. This comes after the fork, since from version 3.5 on libffi opens a descriptor of its own when it is
    loaded: a script would see it.
    """
    if sys.platform == "linux":
        from servers.runtime import libc

        libc.call("prctl", 36, 1, 0, 0, 0)


def become_server(events, console):
    os.setpgid(0, 0)  # a group of its own, as a shell would give it: it may signal its whole group
    os.close(events)
    os.dup2(console, 0)  # a console at which nobody types: silent, not at its end, as long as the supervisor holds its keyboard
    os.close(console)
    sys.stdout.reconfigure(line_buffering=True)  # as on a terminal: what is printed shows
    if not os.environ.get("PYTHONUNBUFFERED"):  # what a child prints shows, too. The script's own os.environ does not have it
        os.putenv("PYTHONUNBUFFERED", "1")


class Supervisor:
    def __init__(self, memory, server, events, allow_any_address=False):
        self.memory, self.server, self.events, self.allow_any_address = memory, server, events, allow_any_address
        self.strangers = set()  # see tcp_listeners
        self.owners, self.sleeper = ring.owners(memory), ring.sleeper(memory)
        self.readers, self.seen_owners = {}, b""  # index of a ring -> its Reader; the owners at the last look
        self.unsent = bytearray()
        self.dropped = self.told_dropped = 0
        self.kernel = os.getppid()

    def run(self):
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 1)  # the log ends when the process tree ends, not when we do
        os.dup2(nothing, 2)
        os.set_blocking(self.events, False)
        self.woken = hear_signals()
        try:
            with open("/proc/self/comm", "w") as name:  # what `ps` and `top` call us
                name.write("supervisor")
        except OSError:
            pass
        self.frame(STARTED, self.server)
        try:
            self.watch()
        except Exception:
            import traceback

            self.frame(TROUBLE, 0, traceback.format_exc().encode())
            raise
        finally:
            self.flush(patient=True)

    def watch(self):
        """Until no child is left, or the notebook wants it, or the notebook is gone."""
        pause, look_for_dead, awake_until = SHORTEST, 0, 0
        look_for_listeners, between = time.monotonic() + ASLEEP, ASLEEP / 2  # until then, launch() looks
        while self.reap():
            if time.monotonic() > awake_until:
                pause = self.fall_asleep()
            words = self.listen_to_notebook(pause)
            self.sleeper[0] = 0
            if words is not None:
                ending.end(os.getpid(), self.server, words, self.reap)
                break
            if self.drain():
                awake_until = time.monotonic() + AWAKE
            pause = SHORTEST if pause == ASLEEP else min(2 * pause, LONGEST)
            if time.monotonic() > look_for_dead:
                look_for_dead = time.monotonic() + 0.25
                self.bury()
            if time.monotonic() > look_for_listeners:
                look_for_listeners, between = time.monotonic() + between, min(2 * between, SELDOM)
                if address := self.open_to_others():
                    self.frame(REFUSED, address[1], address[0].encode())
                    ending.end(os.getpid(), self.server, ending.GRACE_AFTER_DEATH, self.reap)
                    break
        self.drain()
        self.bury()
        self.tell_dropped()

    def open_to_others(self):
        """An address at which the tree listens though it may not: C code, or another program, binds without the probe."""
        if not self.allow_any_address:
            from servers.runtime import tcp_listeners  # no part of a launch

            return tcp_listeners.open_to_others(lambda: process_tree.pids(os.getpid(), self.server), self.strangers)

    def fall_asleep(self):
        """Say that we sleep, and return for how long: not at all if something was noted just before."""
        self.sleeper[0] = os.getpid()
        return LONGEST if self.drain() else ASLEEP

    def listen_to_notebook(self, pause):
        """Wait a moment. Returns the grace time when the process tree has to end now, else None."""
        readable, _, _ = select.select([0, self.woken], [self.events] if self.unsent else [], [], pause)
        self.flush()
        if self.woken in readable:
            os.read(self.woken, 4096)
        if 0 in readable:
            words = os.read(0, 4096).split()
            if SYNC not in words or STOP in words:
                return float(words[-1]) if words else ending.GRACE_AFTER_DEATH
            self.settle()
            self.frame(SYNCED, words.count(SYNC))
        return ending.GRACE_AFTER_DEATH if os.getppid() != self.kernel else None

    def settle(self):
        """Pass on what the server has noted, and wait a moment for notes of calls that have ended: longer while it runs."""
        end = time.monotonic() + SETTLED
        time.sleep(SETTLING)
        self.drain()
        while any(process_tree.runs(reader.pid) for reader in self.readers.values()) and time.monotonic() < end:
            time.sleep(SHORTEST)
            self.drain()
        self.drain()

    def reap(self):
        """Take notice of children that have ended: the server, and orphans. False when there is none any more."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            status = os.waitstatus_to_exitcode(status)
            self.drain()
            self.bury({pid: status})
            if pid == self.server:
                self.frame(ENDED, status & 0xFFFFFFFF)

    def drain(self):
        """Pass on all that has been noted since the last look. True when there was anything."""
        if (owners := self.owners.tobytes()) != self.seen_owners:
            self.seen_owners = owners
            for index, pid in enumerate(self.owners[: ring.RINGS]):
                if pid and index not in self.readers:
                    self.readers[index] = ring.Reader(self.memory, index, pid)
        found = [self.pass_on(reader) for reader in self.readers.values()]
        self.tell_dropped()
        return any(found)

    def tell_dropped(self):
        dropped = sum(reader.dropped for reader in self.readers.values()) + self.dropped + self.owners[ring.RINGS]
        if dropped > self.told_dropped:
            self.told_dropped = dropped
            self.frame(DROPPED, dropped)

    def pass_on(self, reader):
        found, calls = False, reader.calls()
        while len(self.unsent) < MOST_UNSENT and (records := reader.read()):
            self.frame(EVENTS, reader.pid, records)
            reader.exited |= event_kinds.EXIT in records[ring.KIND :: ring.SIZE]
            found = True
        if calls and (going_on := reader.still(calls)):
            self.frame(EVENTS, reader.pid, going_on)
            found = True
        return found

    def bury(self, statuses=None):
        """Free the rings of processes that have ended; note the end of those that could not do it: a signal killed them."""
        statuses = statuses or {}
        for index, reader in list(self.readers.items()):
            if reader.pid in statuses or reader.pid != self.server and process_tree.has_ended(reader.pid):
                self.pass_on(reader)
                is_last = [other.pid for other in self.readers.values()].count(reader.pid) == 1  # an exec takes a ring of its own
                if is_last and (not reader.exited or reader.pid in statuses):
                    moment, status = time.monotonic_ns(), statuses.get(reader.pid, event_kinds.UNKNOWN)
                    end = ring.RECORD.pack(moment, moment, status, reader.pid, bytes(ring.PEER.size), event_kinds.EXIT, 0)
                    self.frame(EVENTS, reader.pid, end)
                if not reader.exited or len(self.unsent) >= MOST_UNSENT:
                    reader.give_up()
                self.dropped += reader.dropped
                reader.clear()
                self.owners[index] = 0
                del self.readers[index]

    def frame(self, kind, number, data=b""):
        self.unsent += FRAME.pack(kind, number, len(data)) + data
        self.flush()

    def flush(self, patient=False):
        """Write what the pipe takes; with `patient`, wait for a reader who reads, a second at most at a time."""
        while self.unsent:
            try:
                del self.unsent[: os.write(self.events, self.unsent[: 1 << 18])]
            except BlockingIOError:
                if not patient or not select.select([], [self.events], [], 1)[1]:
                    return
            except OSError:  # the notebook is gone
                self.unsent.clear()


def hear_signals():
    """A descriptor that can be read when a child has ended or a writer has woken us."""
    heard, bell = os.pipe()
    os.set_blocking(heard, False)
    os.set_blocking(bell, False)
    for number in _signal.SIGCHLD, ring.WAKE:
        _signal.signal(number, lambda *_: None)
    _signal.set_wakeup_fd(bell, warn_on_full_buffer=False)
    return heard
