"""The server's side of a timeline: what each thread does, derived from that thread's own events.

A blocked call is a wait; the time between two blocked calls is work for the client of the call.
"""

from dataclasses import dataclass

from clients.lab.timeline.client_lanes import ClientLanes
from clients.lab.timeline.spans import MARK_KINDS, NOBODY, Sheet, Span, remember
from clients.lab.ui.durations import MS
from servers.runtime.events import Event

# Blocking call -> kind of span. In a TLS handshake the server waits for the client.
WAITS = {"accept": "accepting", "wait": "selecting", "receive": "receiving", "handshake": "receiving"}
LONG_SEND_NS = 20 * MS  # a shorter send is part of serving
LONG_ZOMBIE_NS = 5 * MS  # a child reaped sooner is not shown as a zombie
LONG_REAP_NS = 20 * MS  # a shorter wait for a child is part of the parent's work
LONG_CALL_NS = 20 * MS  # a thread that selects does not block in accept or receive, but they may take this long on a slow machine


@dataclass
class _Thread:
    """A thread of the server: blocked in a call, or working since its last one."""

    lane: int | None
    pid: int
    blocked: Span | None = None
    work: Span | None = None
    ready: int = 0  # when it last began to wait for clients
    selects: bool = False  # it waits for several descriptors at once before it accepts
    talked: int = 0  # when it last received or sent


@dataclass
class _Process:
    lane: int | None
    main: int | None = None  # tid of its first thread, which has no "thread start" event
    exited: int | None = None
    zombie: bool = False  # seen as a zombie in the process table


class ServerLanes:
    """Build the server's lanes from its events in order of time, and pass to the clients' side what it needs."""

    def __init__(self, sheet: Sheet, clients: ClientLanes, kind: str = "tcp"):
        self._sheet = sheet
        self._clients = clients
        self._tcp = kind == "tcp"
        self._asked: dict[str, bool] = {}  # addresses to which the server itself connects: its peer there is not its client
        self._threads: dict[tuple[int, int], _Thread] = {}  # (pid, tid)
        self._processes: dict[int, _Process] = {}  # pid
        self._gone: dict[int, bool] = {}  # pids that have exited and were reaped
        self._accepted: dict[int, int] = {}  # a client's lane -> when it was accepted; over UDP, first heard
        self._serves: dict[int, _Thread] = {}  # a client's lane -> the thread that last began to work for it

    def event(self, event: Event) -> None:
        if event.pid in self._gone or event.kind == "listen" and not event.detail:  # a Unix socket: not for clients
            return
        thread = self._thread(event)
        if event.kind == "connect" and self._tcp:
            if event.peer:  # not over a Unix socket
                remember(self._asked, event.peer, True)
        elif event.kind != "accept" and event.peer in self._asked:
            return  # a proxy talks to another server as part of its work for a client
        elif event.kind in WAITS:
            self._wait(thread, event)
        elif event.kind == "send":
            self._send(thread, event)
        elif event.kind == "reap":
            self._reap(thread, event)
        elif event.kind == "pause":
            self._pause(thread, event)
        elif event.end is not None:
            self._moment(thread, event)

    def unreaped(self, before: int) -> list[int]:
        """Return the pids that exited before a moment and are not known to be reaped: each may be a zombie."""
        return [pid for pid, process in self._processes.items() if process.exited and process.exited < before]

    def inspected(self, pid: int, is_zombie: bool, at: int) -> None:
        """Take in the process table's answer about an unreaped child: an exit alone does not prove a zombie (SIGCHLD, SIG_IGN)."""
        process = self._processes[pid]
        if is_zombie:
            process.zombie = True
        elif process.zombie:
            self._reaped(pid, at)
        else:
            self._forget(pid)

    def interrupt(self, at: int) -> None:
        """End what each thread was doing: events are missing from this moment on."""
        for thread in self._threads.values():
            self._end_thread(thread, at)

    def finish(self, at: int) -> None:
        """End all open spans and lanes: the server has ended at this moment."""
        self.interrupt(at)
        for process in self._processes.values():
            self._sheet.end_lane(process.lane, at)
        self._threads.clear()
        self._processes.clear()

    def open(self) -> list[Span]:
        doing = (thread.blocked or thread.work for thread in self._threads.values())
        spans = [span for span in doing if span and (span.kind != "serving" or span.client != NOBODY)]
        for process in self._processes.values():
            if process.zombie and process.exited:
                spans.append(Span(process.lane, "zombie", NOBODY, process.exited, None))
        return spans

    def _thread(self, event):
        key = event.pid, event.tid
        if key not in self._threads:
            process = self._process(event.pid, event.start)
            is_main = process.main in (None, event.tid) and event.kind != "thread start"
            if is_main or process.exited:
                process.main, lane = event.tid, process.lane
            else:
                label = f"thread {event.tid} of {event.pid}"
                lane = self._sheet.new_lane("server", label, "thread", process.lane, event.start)
            self._threads[key] = thread = _Thread(lane, event.pid)
            if lane is not None and self._sheet.lanes[lane].role != "server":  # a child or a thread starts working at once
                thread.work = Span(lane, "serving", NOBODY, self._sheet.lanes[lane].born, None)
        return self._threads[key]

    def _process(self, pid, at, parent=None):
        if pid not in self._processes:
            role = "child" if self._processes else "server"
            self._processes[pid] = _Process(self._sheet.new_lane("server", f"{role} {pid}", role, parent, at))
        return self._processes[pid]

    def _wait(self, thread, event):
        """Handle accept, receive, wait or handshake: work ends where such a call begins, and begins where it ends."""
        if event.kind == "wait" or (event.kind == "accept" and not thread.selects):
            thread.ready = event.start
        thread.selects |= event.kind == "wait"
        talks = event.kind == "receive" and event.peer
        client = self._clients.lane_at(event.peer) if talks or event.kind == "handshake" else NOBODY
        if thread.blocked and thread.blocked.start < event.start:  # a signal handler communicates in the middle of that wait
            self._sheet.span(thread.blocked._replace(end=event.start))
        start = max(event.start, thread.talked)  # a signal handler may have communicated in the middle of this call
        self._end_work(thread, start, client)
        received, span = event.bytes if talks else 0, None
        if event.kind == "receive" and not self._tcp:  # until a datagram arrives, the server waits for any client
            span = Span(thread.lane, "accepting", NOBODY, start, event.end)
        elif event.kind != "receive" or event.peer:  # else it waits for another thread or process of the server
            span = Span(thread.lane, WAITS[event.kind], client, start, event.end, received)
        thread.blocked = span if event.end is None else None
        if event.end is None:
            return
        if span and (event.kind == "wait" or not thread.selects or event.end - start > LONG_CALL_NS):
            self._sheet.span(span)
        if event.kind == "accept" and event.peer:
            self._asked.pop(event.peer, None)  # a client now has the port that another server had
            self._clients.accepted(event.peer, event.pid, event.end, thread.ready, thread.talked)
            client = self._clients.lane_at(event.peer)
            remember(self._accepted, client, event.end)
            self._begin_work(thread, client, event.end)
        elif event.kind == "handshake":
            self._begin_work(thread, client, event.end)
        elif talks and not event.detail:
            thread.talked = event.end
            if received or not self._tcp:
                self._begin_work(thread, client, event.end, received)
            if not self._tcp and client not in self._accepted:
                remember(self._accepted, client, event.end)
            self._clients.server_received(event.peer, event.end, received)

    def _send(self, thread, event):
        client = self._clients.lane_at(event.peer)
        if event.end is None:
            self._end_work(thread, event.start, client)
            thread.blocked = Span(thread.lane, "sending", client, event.start, None)
            return
        if thread.blocked or event.end - event.start > LONG_SEND_NS:
            thread.blocked = None
            self._end_work(thread, event.start, client)
            self._sheet.span(Span(thread.lane, "sending", client, event.start, event.end, 0, event.bytes))
            self._begin_work(thread, client, event.end)
        elif thread.work and thread.work.client != NOBODY:
            thread.work = thread.work._replace(sent=thread.work.sent + event.bytes)
        else:  # no data came from this client: the thread's work after this send may be for another client, or for none
            if not thread.work or thread.work.start < self._accepted.get(client, 0):  # nor was the thread started for it
                self._begin_work(thread, client, event.start)
            thread.work = thread.work._replace(sent=event.bytes)
            self._end_work(thread, event.end, client)
        thread.talked = event.end
        if event.peer:
            self._clients.server_sent(event.peer, event.end, event.bytes)

    def _pause(self, thread, event):
        """Handle a wait for a thread or signal. A thread then has work, client unknown; a main thread may just run a signal handler."""
        start = max(event.start, thread.talked)  # a signal handler may have communicated in the middle
        self._end_work(thread, start)
        span = Span(thread.lane, "pausing", NOBODY, start, event.end)
        thread.blocked = span if event.end is None else None
        if event.end is None:
            return
        self._sheet.span(span)
        if event.end > event.start and thread.lane is not None and self._sheet.lanes[thread.lane].role == "thread":
            thread.work = Span(thread.lane, "serving", NOBODY, event.end, None)

    def _reap(self, thread, event):
        """Handle waitpid(2) and the like: a thread that waits for a child to end works for no client."""
        waits = Span(thread.lane, "reaping", NOBODY, event.start, event.end)
        if event.end is None:
            self._end_work(thread, event.start)
            thread.blocked = waits
            return
        if thread.blocked and thread.blocked.kind == "reaping":  # else a signal handler reaps in the middle of a wait, which goes on
            thread.blocked = None
        if event.end - event.start > LONG_REAP_NS:
            self._end_work(thread, event.start)
            self._sheet.span(waits)
        if event.detail[:1].isdigit():
            child = int(event.detail.split()[0])
            self._reaped(child, event.end)
            self._sheet.mark(thread.lane, "reap", event.end, NOBODY, child)

    def _moment(self, thread, event):
        """Handle an event without duration."""
        kind, client, detail = event.kind, NOBODY, 0
        if kind == "fork":
            child, *program = event.detail.split()
            detail = int(child)
            self._process(detail, event.end, thread.lane)
            if not program:  # a new program keeps only the connections passed to it
                self._clients.forked(event.pid, detail)
        elif kind == "exit":
            if self._processes[event.pid].exited:
                return
            self._exited(event.pid, event.end)
        elif kind == "thread end":
            self._end_thread(thread, event.end)
            self._sheet.end_lane(thread.lane, event.end)
            self._threads.pop((event.pid, event.tid), None)
        elif kind in ("close", "shutdown"):
            if not self._clients.knows(event.peer):
                return
            client = self._clients.lane_at(event.peer)
            if kind == "close":
                for one in (thread, self._serves.pop(client, thread)):
                    if one.pid == event.pid and one.work and one.work.client == client:
                        self._end_work(one, event.end)  # its later work is for another client
                self._clients.closed(event.peer, event.pid, event.end)
        elif kind == "listen":
            self._clients.listening = True
        if kind in MARK_KINDS:
            self._sheet.mark(thread.lane, kind, event.end, client, detail)

    def _exited(self, pid, at):
        process = self._processes[pid]
        process.exited = at
        for key in [key for key in self._threads if key[0] == pid]:
            thread = self._threads.pop(key)
            self._end_thread(thread, at)
            self._sheet.end_lane(thread.lane, at)
        self._sheet.end_lane(process.lane, at)
        self._clients.process_ended(pid, at)

    def _reaped(self, pid, at):
        process = self._processes.get(pid)
        if process is None:
            return
        if process.exited is None:
            self._exited(pid, at)
        if at - process.exited > LONG_ZOMBIE_NS:
            self._sheet.span(Span(process.lane, "zombie", NOBODY, process.exited, at))
        self._forget(pid)

    def _forget(self, pid):
        del self._processes[pid]
        remember(self._gone, pid, True)

    def _begin_work(self, thread, client, at, received=0):
        thread.work = Span(thread.lane, "serving", client, at, None, received)
        remember(self._serves, client, thread)

    def _find_its_client(self, thread, client):
        """Assign work for an unknown client to the client of the next call, as for a new child or thread.

        A thread or child that existed before its client was accepted, as in a pool, was waiting until then.
        """
        if thread.work and thread.work.client == NOBODY:
            start = max(thread.work.start, self._accepted.get(client, 0))
            thread.work = thread.work._replace(client=client, start=start)
            remember(self._serves, client, thread)

    def _end_work(self, thread, at, client=NOBODY):
        self._find_its_client(thread, client)
        work, thread.work = thread.work, None
        if work and work.client != NOBODY:
            self._sheet.span(work._replace(end=at))

    def _end_thread(self, thread, at):
        self._end_work(thread, at)
        if thread.blocked:
            self._sheet.span(thread.blocked._replace(end=at))
            thread.blocked = None
