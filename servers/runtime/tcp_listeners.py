"""The TCP listeners of this network, and the connections to one, in a quick query on Linux: sock_diag(7). Not available elsewhere.

/proc/net/tcp lists them too, but for it the kernel walks all connections of the machine: 20 ms where there are many.
Standard library only, no psutil: every supervisor loads this.
"""

import _socket
import errno
import struct

from servers.runtime import process_tree, ring
from servers.runtime.probe.addresses import is_loopback

SOCK_DIAG, BY_FAMILY, REQUEST_DUMP = 4, 20, 0x301  # netlink(7), sock_diag(7)
ESTABLISHED, LISTEN = 1 << 1, 1 << 10  # tcp_states.h
HEAD = struct.Struct("=IHHII")  # length, type, flags, sequence, port
REQUEST = struct.Struct("=BBBBI48s")  # family, protocol, extensions, padding, states, which socket: its local port, or 0 for any
ANSWER = struct.Struct(">4xHH16s16s")  # after the head: local and remote port, local and remote address, in network order
INODE = 16 + 68  # its offset in bytes


def listeners() -> list[tuple[str, int, int]] | None:
    """Return (host, port, inode) of each; None if the system cannot list them."""
    if (found := _sockets(LISTEN)) is None:
        return None
    return [(_socket.inet_ntop(family, host).removeprefix("::ffff:"), port, inode) for family, port, host, _, _, inode in found]


def clients(port: int) -> list[tuple[bytes, int, int]]:
    """Return (its address as a record holds it, its port, inode) of the peer of each connection that was accepted at this port."""
    return [
        (ring.PEER.pack(peer, peer_port, 4 if family == _socket.AF_INET else 6), peer_port, inode)
        for family, _, _, peer_port, peer, inode in _sockets(ESTABLISHED, port) or ()
        if inode  # 0: still in the backlog
    ]


def _sockets(states, port=0):
    """Return (family, local port and address, remote port and address, inode) of each in these states; None if the system cannot tell."""
    found: list[tuple] = []
    try:
        asked = _socket.socket(_socket.AF_NETLINK, _socket.SOCK_RAW | _socket.SOCK_CLOEXEC, SOCK_DIAG)
    except (AttributeError, OSError):  # not Linux, or not allowed
        return None
    try:
        for family in _socket.AF_INET, _socket.AF_INET6:
            which = REQUEST.pack(family, _socket.IPPROTO_TCP, 0, 0, states, port.to_bytes(2, "big"))
            asked.send(HEAD.pack(HEAD.size + len(which), BY_FAMILY, REQUEST_DUMP, 0, 0) + which)
            while _take(asked.recv(1 << 16), family, found):
                pass
    except OSError:
        return None
    finally:
        asked.close()
    return found


def _take(data, family, found):
    """Add the sockets in this part of the answer. Return False at the end of the answer."""
    at = 0
    while at < len(data):
        length, kind, *_ = HEAD.unpack_from(data, at)
        if kind != BY_FAMILY:  # the end, or an error
            if kind == 2 and struct.unpack_from("=i", data, at + HEAD.size)[0]:
                raise OSError(errno.EOPNOTSUPP, "sock_diag(7) does not tell of TCP")
            return False
        port, peer_port, host, peer = ANSWER.unpack_from(data, at + HEAD.size)
        size = 4 if family == _socket.AF_INET else 16
        found.append((family, port, host[:size], peer_port, peer[:size], *struct.unpack_from("=I", data, at + INODE)))
        at += length + 3 & ~3
    return True


def open_to_others(pids, strangers: set[int]) -> tuple[str, int] | None:
    """Return an address where one of these processes listens and other machines can reach it, however it was bound, or None.

    strangers   inodes of listeners outside these processes, each looked up only once
    """
    unknown = [one for one in listeners() or () if one[2] not in strangers and not is_loopback(one[0])]
    found = held_by(pids(), unknown) if unknown else []
    strangers.update(inode for *_, inode in unknown)
    return found[0] if found else None


def held_by(pids, candidates) -> list[tuple]:
    """Return the addresses of those candidates that one of these processes has open."""
    wanted = {f"socket:[{inode}]": (host, port) for host, port, inode in candidates}
    found = []
    for pid in pids:
        for target in process_tree.open_files(pid):
            if address := wanted.pop(target, None):
                found.append(address)
    return found
