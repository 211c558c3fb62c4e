"""Where a server listens (TCP) or is bound (UDP): reported by its probe at once, and by the system where the probe sees nothing."""

import time

from servers.runtime import listening, tcp_listeners
from servers.runtime.probe.addresses import is_loopback

FOLLOW = 0.1  # seconds between two checks that the server still listens there
PICKED = 32_768  # ports from here on are mostly picked by the kernel (ip(7), ip_local_port_range); lower ones, by the script

strangers: set[int] = set()  # inodes of listeners that belong to no server, see tcp_listeners


class ServerAddress:
    """The address of one server, from its start on.

    kind      "tcp" or "udp"; None as long as it has no address
    now       (host, port), or None
    refused   (host, port) where it listens although other machines can reach it, or None
    """

    def __init__(self, anywhere):
        """anywhere: whether it may listen where other machines can reach it."""
        self.kind = self.now = self.refused = None
        self._anywhere = anywhere
        self._noted = []  # (kind, address) of all that the probe reported during the start
        self._probe_sees_it = True
        self._follow_at = 0

    def note(self, event, has_started):
        """Take an event from the probe; return False if it reports no address. For UDP, the first one that stays open counts.

        A TCP server may also have a UDP socket, opened long before its listener, so a listener takes precedence at any time.
        A helper in the same program, such as a back end or a manager, mostly has a port that the kernel picked.
        """
        where, is_udp = event.detail.removesuffix("/udp"), event.detail.endswith("/udp")
        if not (event.kind == "listen" or event.kind == "bind" and is_udp) or not where or " " in where:
            return False
        host, _, port = where.rpartition(":")
        noted = "udp" if is_udp else "tcp", (host.strip("[]"), int(port))
        if not has_started:
            self._noted.append(noted)
        if self.now is None or not is_udp and (self.kind == "udp" or not has_started and int(port) < PICKED <= self.now[1]):
            self.kind, self.now = noted
        elif int(port) == self.now[1]:  # the system reported it before the probe got to record it
            self._probe_sees_it = True
        return True

    def ask_the_system(self, supervisor, pid, sync):
        """Take the address that the process tree has bound, even by C code or another program.

        sync   waits for the probe's own record of it, which may still be on its way
        """
        found = listening.addresses(supervisor, pid)
        allowed = [(kind, address) for kind, address in found if self._is_allowed(address)]
        # A UDP socket that only sends is bound too: to every address.
        if refused := [address for kind, address in found if kind == "tcp" and (kind, address) not in allowed]:
            self.refused = refused[0]
            return
        if allowed:
            sync()
            if not self.now:
                self.kind, self.now = _tcp_before_udp(allowed)
                self._probe_sees_it = False

    def forget_what_is_closed(self, pid):
        """Drop the address if it is no longer open, in favour of one bound since, if any."""
        while self.now and not listening.is_open(pid, self.kind, self.now[1]):
            self._noted = [noted for noted in self._noted if noted != (self.kind, self.now)]
            self.kind, self.now = _tcp_before_udp(self._noted)

    def refuse_what_others_reach(self, pids):
        """Set `refused` if it listens for other machines without permission: the probe does not see what C code binds."""
        if self._anywhere:
            return
        self.refused = self.refused or tcp_listeners.open_to_others(pids, strangers)
        if not self.refused and self.now and not self._is_allowed(self.now):
            self.refused = self.now

    def follow(self, supervisor, pid):
        """Take the new address of a server that has moved (as a reloader's does)."""
        if time.monotonic() <= self._follow_at:
            return
        self._follow_at = time.monotonic() + FOLLOW
        if self.now and not listening.is_open(supervisor, self.kind, self.now[1]):
            for kind, address in listening.addresses(supervisor, pid):
                if kind == self.kind and self._is_allowed(address):
                    self.now = address
                    return

    def is_watchable(self, strangers):
        """Return False if C code, a sub-interpreter, or one of these programs without the probe is listening."""
        self._probe_sees_it = self._probe_sees_it and not any(any(listening.bound(sockets)) for sockets in strangers)
        return self._probe_sees_it

    def _is_allowed(self, address):
        return self._anywhere or is_loopback(address[0])


def _tcp_before_udp(noted):
    return min(noted, key=lambda one: one[0], default=(None, None))
