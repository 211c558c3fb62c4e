"""Where a server listens (TCP) or is bound (UDP): its probe tells at once, and the operating system whatever the probe does not see."""

import time

from servers.runtime import listening, tcp_listeners
from servers.runtime.probe.addresses import is_loopback

FOLLOW = 0.1  # seconds between two looks whether the server still listens there

strangers: set[int] = set()  # listeners that belong to no server, see tcp_listeners


class ServerAddress:
    """The address of one server, from its start on.

    kind      "tcp" or "udp"; None as long as it has no address
    now       (host, port), or None
    refused   (host, port) at which it listens though other machines can reach it there, or None
    """

    def __init__(self, anywhere):
        """anywhere: it may listen where other machines can reach it."""
        self.kind = self.now = self.refused = None
        self._anywhere = anywhere
        self._noted = []  # (kind, address) of all that the probe has told of while it started
        self._probe_sees_it = True
        self._follow_at = 0

    def note(self, event, has_started):
        """Take an event of the probe; False if it does not tell of an address. UDP: the first one that stays counts.

        A TCP server may have a UDP socket beside, and open it long before its listener: so a listener counts at any time.
        """
        where, is_udp = event.detail.removesuffix("/udp"), event.detail.endswith("/udp")
        if not (event.kind == "listen" or event.kind == "bind" and is_udp) or not where or " " in where:
            return False
        host, _, port = where.rpartition(":")
        noted = "udp" if is_udp else "tcp", (host.strip("[]"), int(port))
        if not has_started:
            self._noted.append(noted)
        if self.now is None or (self.kind == "udp" and not is_udp):
            self.kind, self.now = noted
        elif int(port) == self.now[1]:  # the system has told of it before the probe had its turn to note it
            self._probe_sees_it = True
        return True

    def ask_the_system(self, supervisor, pid, sync):
        """Take the address that the process tree has bound, whoever has done it: C code, or another program.

        sync   waits for the probe's own note of it, which may still be on its way
        """
        found = listening.addresses(supervisor, pid)
        allowed = [(kind, address) for kind, address in found if self._is_allowed(address)]
        # A UDP socket that only sends is bound, too: to every address.
        if refused := [address for kind, address in found if kind == "tcp" and (kind, address) not in allowed]:
            self.refused = refused[0]
            return
        if allowed:
            sync()
            if not self.now:
                self.kind, self.now = _tcp_before_udp(allowed)
                self._probe_sees_it = False

    def forget_what_is_closed(self, pid):
        """What it has begun to listen at since, if anything, takes its place."""
        while self.now and not listening.is_open(pid, self.kind, self.now[1]):
            self._noted = [noted for noted in self._noted if noted != (self.kind, self.now)]
            self.kind, self.now = _tcp_before_udp(self._noted)

    def refuse_what_others_reach(self, pids):
        """Set `refused` where it listens for other machines, though it may not: C code binds in a way that the probe does not see."""
        if self._anywhere:
            return
        self.refused = self.refused or tcp_listeners.open_to_others(pids, strangers)
        if not self.refused and self.now and not self._is_allowed(self.now):
            self.refused = self.now

    def follow(self, supervisor, pid):
        """Of a server that has moved (a reloader's): take where it is now."""
        if time.monotonic() <= self._follow_at:
            return
        self._follow_at = time.monotonic() + FOLLOW
        if self.now and not listening.is_open(supervisor, self.kind, self.now[1]):
            for kind, address in listening.addresses(supervisor, pid):
                if kind == self.kind and self._is_allowed(address):
                    self.now = address
                    return

    def is_watchable(self, strangers):
        """False where who listens is C code, a sub-interpreter, or one of these: programs that the probe is not in."""
        self._probe_sees_it = self._probe_sees_it and not any(any(listening.bound(sockets)) for _, sockets in strangers)
        return self._probe_sees_it

    def _is_allowed(self, address):
        return self._anywhere or is_loopback(address[0])


def _tcp_before_udp(noted):
    return min(noted, key=lambda one: one[0], default=(None, None))
