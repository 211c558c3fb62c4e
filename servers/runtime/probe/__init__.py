"""The part that runs inside a watched server: it records every call that matters, and changes none.

recorder.py    the records, and how a replacement imitates the original
addresses.py   bind and listen; refuses addresses that other machines could reach
sockets.py     connections and bytes, including TLS and descriptors
waits.py       waiting for any of many descriptors
processes.py   processes and threads

Methods of `socket.socket` are replaced on the class itself, so that a socket remains a `<socket.socket fd=...>`. A replacement takes
any arguments, calls the original with them, and raises what the original raises, with the original's traceback.

Standard library only, and little of it: every module imported here is imported in every watched server.
"""

import os

from servers.runtime import ring
from servers.runtime.probe import addresses, processes, recorder, sockets, waits


def install(memory, path: str | None, watch: bool, allow_any_address: bool) -> None:
    """Begin to watch this process and all processes that it will start. `path`: where spawned children find the memory.

    With watch=False, record only where it binds and listens.
    """
    recorder.start(memory, main=True)
    _replace(path, watch, allow_any_address, processes.the_log())


def join(path: str, watch: str, allow_any_address: str, log: str, parent: str, thread: str, start: str) -> None:
    """Do the same in a program that a watched process has started, or become by exec: called before anything else there."""
    try:
        memory = ring.open_shared(path)
    except OSError:  # the script has limited its address space (RLIMIT_AS): it runs unwatched
        return
    has_been_noted = os.getpid() in ring.owners(memory)[: ring.RINGS]  # it was forked, and then ran this program
    recorder.start(memory)
    _replace(path, bool(watch), bool(allow_any_address), log)
    if watch:
        sockets.watch_standard_files()
    if watch and not has_been_noted:
        processes.note_fork(int(parent), int(thread), int(start), ring.HEIR if sockets.has_inherited_one() else ring.PROGRAM)


def _replace(path, watch, allow_any_address, log):
    processes.print_at_once(log)
    processes.tell_where_it_is_when_asked()
    addresses.watch(allow_any_address)
    processes.watch_programs(path, watch, allow_any_address, log)
    if watch:
        sockets.watch()
        waits.watch()
        processes.watch()
