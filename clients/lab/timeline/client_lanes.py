"""The clients' side of a timeline: which client is connecting, in the backlog, waiting for an answer, or idle.

A panel's client is drawn from its own records, any other client from the server's events alone and labelled by its address.
The backlog shows only with both: a client is in it from its own connect() to the server's accept().
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from clients.lab.timeline.spans import NOBODY, Sheet, Span, remember
from clients.lab.ui.durations import MS

LONG_QUEUE_NS = 50 * MS  # see ClientLanes._was_in_the_backlog


@dataclass
class _Client:
    lane: int | None
    named: bool  # has a name in a panel
    state: str | None = None  # the kind of its open span
    since: int = 0
    address: str = ""
    accepted: bool = False
    asked: list[int] = field(default_factory=list)  # times of its unanswered questions
    holders: set[int] = field(default_factory=set)  # pids of the processes that have its connection open
    past: set[int] = field(default_factory=set)  # pids of the processes that have closed it


class ClientLanes:
    """The lanes of the clients. names: clients that have a lane from the start. kind: "tcp" or "udp"."""

    def __init__(self, sheet: Sheet, names: Iterable[str] = (), kind: str = "tcp"):
        self._sheet = sheet
        self._tcp = kind == "tcp"
        self.listening = False  # from then on a client that is connected but not accepted is in the backlog
        self._names: dict[str, _Client] = {}
        self._addresses: dict[str, _Client] = {}
        for name in names:
            self._named(name)

    def lane_at(self, address: str) -> int:
        """Return the lane of the client at an address, NOBODY for an empty address; a new client gets a lane."""
        lane = self._at(address).lane if address else None
        return NOBODY if lane is None else lane

    def knows(self, address: str) -> bool:
        return address in self._addresses

    # Called for the server's events

    def accepted(self, address: str, pid: int, at: int, ready: int, talked: int) -> None:
        """Note that a process has accepted the client at this address.

        ready, talked: when the accepting thread began to wait for clients, and when it last received or sent.
        """
        client = self._at(address)
        if client.holders and not client.named:  # an earlier client had this address
            remember(self._addresses, address, _Client(client.lane, False, address=address))
            client = self._at(address)
        client.holders, client.past = {pid}, set()
        client.accepted = True
        if client.state == "queued" and self._was_in_the_backlog(client, at, ready, talked):
            self._switch(client, self._rest(client), at)
            self._sheet.mark(client.lane, "accepted", at, client.lane)
        elif client.state == "queued":
            client.state = "idle"  # since it connected
            if client.asked:
                self._switch(client, "waiting", client.asked[0])
        elif not client.named:
            self._sheet.mark(client.lane, "accepted", at, client.lane)
            self._switch(client, "idle", at)

    @staticmethod
    def _was_in_the_backlog(client, at, ready, talked):
        """Return whether the client waited in the backlog; a short delay does not count.

        It did if the accepting thread was not yet waiting for clients when this one connected, and then either talked to
        another client or took long. Time alone could not tell a quick lesson from a slow machine.
        """
        return ready > client.since and (talked > client.since or at - client.since > LONG_QUEUE_NS)

    def server_received(self, address: str, at: int, size: int) -> None:
        """Note that the server has received: a client outside the panel has sent something or closed."""
        client = self._at(address)
        if client.named:
            return
        if size or not self._tcp:  # over TCP, 0 bytes mean that the peer has closed; a datagram may be empty
            client.asked = [at]
            self._sheet.mark(client.lane, "asks", at, client.lane, size)
            self._switch(client, "waiting", at)
        elif client.state:  # a file object on a socket may read the end twice
            self._sheet.mark(client.lane, "closes", at, client.lane)
            self._switch(client, None, at)

    def server_sent(self, address: str, at: int, size: int) -> None:
        """Note that the server has sent: a client outside the panel that has asked is now answered."""
        client = self._at(address)
        if client.named or not client.asked:
            return
        client.asked = []
        self._sheet.mark(client.lane, "answered", at, client.lane, size)
        self._switch(client, self._rest(client), at)

    def forked(self, pid: int, child: int) -> None:
        """Note that a child has inherited copies of all its parent's connections."""
        for client in self._addresses.values():
            if pid in client.holders:
                client.holders.add(child)

    def closed(self, address: str, pid: int, at: int) -> None:
        """Note that a process has closed its copy of a connection; the connection ends with the last copy."""
        client = self._addresses[address]
        if pid not in client.holders | client.past:  # its accept was missed, or another process passed it the connection
            client.holders = {pid}
        self._let_go(client, pid, at)

    def process_ended(self, pid: int, at: int) -> None:
        """Close all copies of connections that an ended process held."""
        for client in list(self._addresses.values()):
            self._let_go(client, pid, at)

    def _let_go(self, client, pid, at):
        if pid not in client.holders:
            return
        client.holders.discard(pid)
        client.past.add(pid)
        if not client.holders and not client.named:
            if client.state:
                self._sheet.mark(client.lane, "closed by server", at, client.lane)
            self._switch(client, None, at)
            del self._addresses[client.address]

    # Called for the clients' records

    def moments(self, record) -> list[tuple[int, tuple]]:
        """Return the one or two moments in a client's record: [(when, (method of this class, record))]."""
        match record.kind:
            case "connecting":
                return [(record.start, (self._connecting, record))]
            case "connect":
                return [(record.start, (self._connecting, record)), (record.end, (self._connected, record))]
            case "send":
                return [(record.start, (self._asks, record))]
            case "answer":
                return [(record.end, (self._answered, record))]
            case "failed":
                return [(record.end, (self._failed, record))]
            case "close" | "closed by server":
                return [(record.start, (self._closes, record))]
        return []

    def _connecting(self, at, record):
        client = self._named(record.client)
        if client.state in ("connecting", "queued") and client.address == record.local:
            return  # a provisional record has reported this connection already
        earlier = self._addresses.get(record.local)
        client.address, client.accepted, client.asked, client.holders, client.past = record.local, False, [], set(), set()
        if earlier and not earlier.named and earlier.since >= at:  # this record is late: the server's event came first
            client.accepted, client.holders, client.past = True, earlier.holders, earlier.past
            self._switch(earlier, None, earlier.since)
        remember(self._addresses, record.local, client)
        if self._tcp:  # UDP has nothing to connect to
            self._sheet.mark(client.lane, "connects", at, client.lane)
            self._switch(client, "connecting", at)

    def _connected(self, at, record):
        client = self._named(record.client)
        queued = self._tcp and self.listening and not client.accepted
        self._switch(client, "queued" if queued else self._rest(client), at)

    def _asks(self, at, record):
        client = self._named(record.client)
        client.asked.append(at)
        self._sheet.mark(client.lane, "asks", at, client.lane, record.bytes)
        if client.state != "queued":
            self._switch(client, "waiting", at)

    def _answered(self, at, record):
        """Settle questions. An answer's record starts with its question: it settles the first one from then on, and all earlier ones."""
        client = self._named(record.client)
        settled = next((asked for asked in client.asked if asked >= record.start), at)
        client.asked = [asked for asked in client.asked if asked > settled]
        self._sheet.mark(client.lane, "answered", at, client.lane, record.bytes)
        self._switch(client, self._rest(client), at)

    def _failed(self, at, record):
        client = self._named(record.client)
        if client.state is None and self._tcp:  # it failed to connect
            self._sheet.mark(client.lane, "connects", record.start, client.lane)
            self._switch(client, "connecting", record.start)
        self._sheet.mark(client.lane, "failed", at, client.lane)
        client.asked = client.asked[1:] if not self._tcp else []
        self._switch(client, "waiting" if client.asked else None, at)

    def _closes(self, at, record):
        client = self._named(record.client)
        self._sheet.mark(client.lane, "closes" if record.kind == "close" else record.kind, at, client.lane)
        client.asked = []
        self._switch(client, None, at)

    # Common to both

    def interrupt(self, at: int) -> None:
        """End the spans of clients outside the panel: the server's events, their only source, are missing from this moment on."""
        for client in self._all():
            if not client.named:
                client.asked = []
                self._switch(client, None, at)

    def finish(self, at: int) -> None:
        """End all open spans: the server has ended at this moment."""
        for client in self._all():
            self._switch(client, None, at)

    def open(self) -> list[Span]:
        return [Span(client.lane, client.state, client.lane, client.since, None) for client in self._all() if client.state]

    def _all(self):
        return {id(client): client for client in [*self._names.values(), *self._addresses.values()]}.values()

    def _named(self, name):
        if name not in self._names:
            self._names[name] = _Client(self._sheet.new_lane("client", name, "client"), True)
        return self._names[name]

    def _at(self, address):
        if address not in self._addresses:
            lane = self._sheet.new_lane("client", address, "peer")
            remember(self._addresses, address, _Client(lane, False, address=address))
        return self._addresses[address]

    def _rest(self, client):
        """Return the state of a client that is not in the backlog. One never accepted may speak UDP to a TCP server, as DNS does."""
        is_connected = self._tcp and (client.named or client.accepted)
        return "waiting" if client.asked else "idle" if is_connected else None

    def _switch(self, client, state, at):
        if state == client.state:
            return
        if client.state:
            self._sheet.span(Span(client.lane, client.state, client.lane, client.since, at))
        client.state, client.since = state, at
