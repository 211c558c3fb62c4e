"""What runs inside a watched server: it notes every call that matters, and changes none.

recorder.py    the notes, and how a replacement stands for the original
addresses.py   bind and listen; refuses addresses that other machines could reach
sockets.py     connections and bytes, TLS and descriptors with them
waits.py       waiting for any of many
processes.py   processes and threads

Methods of `socket.socket` are replaced on the class itself, so that a socket stays a `<socket.socket fd=...>`. A replacement takes
whatever it is given, calls the original with it, and raises what that raises, with the traceback that the original gives.

Standard library only, and little of it: what is imported here is imported in every watched server.
"""

from servers.runtime import ring
from servers.runtime.probe import addresses, processes, recorder, sockets, waits


def install(memory, path: str | None, watch: bool, allow_any_address: bool) -> None:
    """Begin to watch this process and all that it will start. `path`: where spawned children find the memory.

    With watch=False, only where it binds and listens is noted.
    """
    recorder.start(memory, main=True)
    _replace(path, watch, allow_any_address, processes.the_log())


def join(path: str, watch: str, allow_any_address: str, log: str, parent: str, thread: str, start: str) -> None:
    """The same in a program that a watched process has started, or has become: this is the first thing that it calls."""
    try:
        memory = ring.open_shared(path)
    except OSError:  # the script has limited the addresses that a process may have (RLIMIT_AS): it runs, and nobody watches
        return
    recorder.start(memory)
    _replace(path, bool(watch), bool(allow_any_address), log)
    if watch:
        sockets.watch_standard_files()
    if watch and int(parent) != recorder.mine.me.pid:
        processes.note_fork(int(parent), int(thread), int(start))


def _replace(path, watch, allow_any_address, log):
    processes.print_at_once(log)
    processes.tell_where_it_is_when_asked()
    addresses.watch(allow_any_address)
    processes.watch_programs(path, watch, allow_any_address, log)
    if watch:
        sockets.watch()
        waits.watch()
        processes.watch()
