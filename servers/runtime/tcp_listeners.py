"""The TCP listeners of this network, in one quick query on Linux: sock_diag(7). Not available elsewhere.

/proc/net/tcp lists them too, but for it the kernel walks all connections of the machine: 20 ms where there are many.
Standard library only, no psutil: every supervisor loads this.
"""

import _socket
import errno
import struct

from servers.runtime import process_tree
from servers.runtime.probe.addresses import is_loopback

SOCK_DIAG, BY_FAMILY, REQUEST_DUMP, LISTEN = 4, 20, 0x301, 1 << 10  # netlink(7), sock_diag(7), tcp_states.h
HEAD = struct.Struct("=IHHII")  # length, type, flags, sequence, port
REQUEST = struct.Struct("=BBBBI48s")  # family, protocol, extensions, padding, states, which socket
ANSWER = struct.Struct(">4xH2x16s")  # after the head: local port and address, in network order
INODE = 16 + 68  # its offset in bytes


def listeners() -> list[tuple[str, int, int]] | None:
    """Return (host, port, inode) of each; None if the system cannot list them."""
    found: list[tuple[str, int, int]] = []
    try:
        asked = _socket.socket(_socket.AF_NETLINK, _socket.SOCK_RAW | _socket.SOCK_CLOEXEC, SOCK_DIAG)
    except (AttributeError, OSError):  # not Linux, or not allowed
        return None
    try:
        for family in _socket.AF_INET, _socket.AF_INET6:
            which = REQUEST.pack(family, _socket.IPPROTO_TCP, 0, 0, LISTEN, b"")
            asked.send(HEAD.pack(HEAD.size + len(which), BY_FAMILY, REQUEST_DUMP, 0, 0) + which)
            while _take(asked.recv(1 << 16), family, found):
                pass
    except OSError:
        return None
    finally:
        asked.close()
    return found


def _take(data, family, found):
    """Add the listeners in this part of the answer. Return False at the end of the answer."""
    at = 0
    while at < len(data):
        length, kind, *_ = HEAD.unpack_from(data, at)
        if kind != BY_FAMILY:  # the end, or an error
            if kind == 2 and struct.unpack_from("=i", data, at + HEAD.size)[0]:
                raise OSError(errno.EOPNOTSUPP, "sock_diag(7) does not tell of listeners")
            return False
        port, host = ANSWER.unpack_from(data, at + HEAD.size)
        host = _socket.inet_ntop(family, host[:4] if family == _socket.AF_INET else host)
        found.append((host.removeprefix("::ffff:"), port, *struct.unpack_from("=I", data, at + INODE)))
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


def held_by(pids, candidates) -> list[tuple[str, int]]:
    """Return the addresses of those candidates that one of these processes has open."""
    wanted = {f"socket:[{inode}]": (host, port) for host, port, inode in candidates}
    found = []
    for pid in pids:
        for target in process_tree.open_files(pid):
            if address := wanted.pop(target, None):
                found.append(address)
    return found
