"""The process between a notebook and its server: it forks the server, forwards the records that the server writes, and ends it.

    notebook's kernel  ->  supervisor  ->  server  ->  its children

It is the server's parent, not its child, so the server's process tree stays as its author designed it. It ends the whole tree on
request, or when its standard input closes, which reveals the death of the kernel, even by SIGKILL.

One interpreter is started, not two: it forks once all our modules are loaded (loaded later, each page that they touch would be
copied), and the child runs the script. The child inherits standard input, output and error; no other descriptor, no thread, no
changed signal handling.
"""

import _signal  # not signal, see ending.py
import os
import select
import struct
import sys
import time

from servers.runtime import ending, event_kinds, probe, process_tree, ring

FRAME = struct.Struct("<cQI")  # kind, a number, count of the bytes that follow
EVENTS, DROPPED, STARTED, ENDED, SYNCED, TROUBLE, REFUSED = b"E", b"D", b"P", b"X", b"S", b"!", b"R"
SYNC, STOP = b"sync", b"stop"  # what the notebook sends to our standard input
SETTLING = 0.005  # seconds: a call is recorded just after it returns, and its peer may ask for the record before that
SETTLED = 0.3  # most seconds to wait for a runnable thread of the server, short of CPU time, to write its record
SHORTEST, LONGEST = 0.0005, 0.015  # seconds between two looks at the rings: just after waking, then doubling
AWAKE = 0.1  # seconds to keep looking after the last record; then it sleeps until woken. Much shorter than the half second of an
# idle socketserver's poll: otherwise it would never sleep beside one.
ASLEEP = 1  # seconds after which it looks anyway: for a process that was killed, or that could not wake it
SELDOM = 30  # most seconds between two looks at all listeners of the machine, whose cost grows with the number of servers
MOST_UNSENT = 4 << 20  # bytes kept for a notebook that does not read; after that the rings overflow, and dropped records are counted


def main(events, watch, allow_any_address, folder, first_on_path):
    """Fork the server. Only its process returns, to let the interpreter run the script; the result is the first entry of sys.path.

    events          descriptor of the pipe on which the notebook reads what the server does
    folder          folder to remove at the end: it holds a cell's code
    first_on_path   first entry of the script's sys.path; "" for its own folder, Python's default
    """
    events = int(events)
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)  # an idle kernel ignores it, and we would inherit that
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
        if folder:  # it holds a cell's code; a killed notebook cannot remove it
            import shutil

            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os._exit(0)  # whatever happens: only the server may run the script


def adopt_orphans():
    """Make orphans of this process tree our children, so that none escapes (Linux: prctl(2), PR_SET_CHILD_SUBREAPER).

    The server waits for this. It happens after the fork because libffi, from version 3.5 on, opens a descriptor when it is loaded,
    which a script would see.
    """
    if sys.platform == "linux":
        from servers.runtime import libc

        libc.call("prctl", 36, 1, 0, 0, 0)


def become_server(events, console):
    os.setpgid(0, 0)  # its own process group, as from a shell: it may signal the whole group
    os.close(events)
    os.dup2(console, 0)  # a console without input, but not at end-of-file, as long as the supervisor keeps `keyboard` open
    os.close(console)


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
        os.dup2(nothing, 1)  # so that the log ends when the server's processes have, not only when we do
        os.dup2(nothing, 2)
        os.set_blocking(self.events, False)
        self.woken = hear_signals()
        try:
            with open("/proc/self/comm", "w") as name:  # our name in `ps` and `top`
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
        """Forward records until no child is left, or the notebook says stop or is gone; then end the process tree."""
        pause, look_for_dead, awake_until = SHORTEST, 0, 0
        look_for_listeners, between = time.monotonic() + ASLEEP, ASLEEP / 2  # before that, launch() checks
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
        """Return a forbidden address where the tree listens, or None: C code, or another program, binds without the probe."""
        if not self.allow_any_address:
            from servers.runtime import tcp_listeners  # not needed for a launch

            return tcp_listeners.open_to_others(lambda: process_tree.pids(os.getpid(), self.server), self.strangers)

    def fall_asleep(self):
        """Announce that we sleep, and return for how long: only briefly if something was recorded just before."""
        self.sleeper[0] = os.getpid()
        return LONGEST if self.drain() else ASLEEP

    def listen_to_notebook(self, pause):
        """Wait up to `pause` seconds. Return the grace time if the process tree has to end now, else None."""
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
        """Forward the records, waiting briefly for those of calls that have just ended: longer while the server is running."""
        end = time.monotonic() + SETTLED
        time.sleep(SETTLING)
        self.drain()
        while any(process_tree.runs(reader.pid) for reader in self.readers.values()) and time.monotonic() < end:
            time.sleep(SHORTEST)
            self.drain()
        self.drain()

    def reap(self):
        """Reap children that have ended: the server and orphans. Return False when no child is left."""
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
        """Forward all records since the last look. Return True if there were any."""
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
        """Free the rings of processes that have ended, and record the exit of those that could not, being killed by a signal."""
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
        """Write what the pipe takes; with `patient`, wait for the reader, up to a second at a time."""
        while self.unsent:
            try:
                del self.unsent[: os.write(self.events, self.unsent[: 1 << 18])]
            except BlockingIOError:
                if not patient or not select.select([], [self.events], [], 1)[1]:
                    return
            except OSError:  # the notebook is gone
                self.unsent.clear()


def hear_signals():
    """Return a descriptor that becomes readable when a child has ended or a writer wakes us."""
    heard, bell = os.pipe()
    os.set_blocking(heard, False)
    os.set_blocking(bell, False)
    for number in _signal.SIGCHLD, ring.WAKE:
        _signal.signal(number, lambda *_: None)
    _signal.set_wakeup_fd(bell, warn_on_full_buffer=False)
    return heard
