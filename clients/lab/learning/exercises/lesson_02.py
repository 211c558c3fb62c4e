"""The exercises of lesson 02: a process per client."""

import asyncio
import contextlib
import os
import signal
import socket

import psutil

from clients.examiner.requirements_processes import reaping
from clients.lab.learning.exercises import (
    Exercise,
    NotMet,
    answers_one,
    client,
    count,
    expect,
    explained,
    from_examiner,
    last_first,
    pieces,
    require,
    servants,
    several,
    start,
)
from clients.lab.learning.exercises.patience import connect, happens
from clients.tcp import reset_on_close

PATIENCE = 5  # seconds that a process may need to end, or to be reaped
FLOOD = 100_000  # bytes after which an answer counts as endless

leaves_nothing_behind = from_examiner(reaping, concurrent=True)


async def answers_the_last_first(server):
    """clients do not wait for each other: of three, the last to connect asks first"""
    with explained("three clients are connected; the last one sent 'hello' and had no answer within 3 s"):
        await last_first(server)


async def ends_the_connection(server):
    """a client that has sent its last line is answered, and then sees the end of the connection"""
    answer = await asyncio.to_thread(last_words, server.address)
    require(answer == b"goodbye\n", f"sent 'goodbye', expected 'goodbye' and the end, got {answer!r}")


def last_words(address):
    """Send a line, half-close, and read to the end."""
    answer = b""
    with connect(address, timeout=3) as sock:
        sock.sendall(b"goodbye\n")
        sock.shutdown(socket.SHUT_WR)
        try:
            for piece in pieces(sock, FLOOD):
                answer += piece
        except TimeoutError:
            raise NotMet(
                "sent 'goodbye' and nothing more, and waited 3 s for the end of the connection. It did not come:\n"
                "some process still holds the connection open."
            ) from None
    if len(answer) > FLOOD:
        raise NotMet(
            "sent 'goodbye' and nothing more, and the server goes on and on answering.\n"
            "When the peer has closed its side, every recv() returns b'' at once: that is the time to close."
        )
    return answer


async def holds_no_connection(server):
    """three clients are connected, each is served by a child, and the parent holds no connection"""
    async with several(server, 3) as clients:
        for one in clients:
            await expect(one, "hello", "hello")
        if not await happens(lambda: not connections(server)):
            held = count(len(connections(server)), "connection")
            raise NotMet(
                f"three clients are connected, and the server's first process still holds {held}.\n"
                "Only the child that serves a client needs its connection"
            )


async def has_a_process_for_each(server):
    """each of three clients has a process of its own, which is not the parent"""
    async with client(server, "Ann") as ann, client(server, "Ben") as ben, client(server, "Cem") as cem:
        for one in ann, ben, cem:
            await expect(one, "hello", "hello")
        pids = {pid for pid, _ in await servants(server, (ann, ben, cem))}
    require(server.pid not in pids, "the parent itself answered one of the clients")
    require(len(pids) == 3, f"three clients were connected, and {count(len(pids), 'process', 'es')} answered them")


async def children_do_not_unwind(server):
    """a child ends at once, even when its client breaks off or sends no text: only the parent says "good night" """
    async with client(server) as ann:
        await expect(ann, "hello", "hello")
    await asyncio.to_thread(break_off, server.address)
    await asyncio.to_thread(send_no_text, server.address)
    await happens(lambda: not children(server))
    if times := server.log.count("good night"):
        raise NotMet(f"the server is still running, and yet it has said 'good night', {count(times, 'time')}: its children did")


async def the_parent_says_good_night(server):
    """Ctrl-C ends the parent, which says "good night" once"""
    try:
        async with client(server) as ann:  # a terminal sends Ctrl-C to all processes, including Ann's child
            await expect(ann, "hello", "hello")
            for one in reversed(server.processes()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(one.pid, signal.SIGINT)
            await happens(lambda: all(one.state == "zombie" for one in children(server)), 1)
        if not await happens(lambda: server.state not in ("running", "stopped"), PATIENCE):
            raise NotMet(f"the parent was interrupted, as by Ctrl-C, and {PATIENCE} s later it still runs")
        await asyncio.to_thread(server.stop)  # it has ended: this waits for its last output
        if (times := server.log.count("good night")) != 1:
            raise NotMet(f"Ctrl-C came while a client was connected, and 'good night' was said {count(times, 'time')}")
    finally:
        await start(server.restart)


def break_off(address):
    """Connect, receive an answer, and reset the connection, as when the client's machine crashes."""
    with connect(address, timeout=3) as sock:
        sock.sendall(b"hello\n")
        sock.recv(1024)
        reset_on_close(sock)


def send_no_text(address):
    """Send a byte that is not valid UTF-8, and read to the end, if it comes; any answer will do."""
    with contextlib.suppress(OSError), connect(address, timeout=3) as sock:
        sock.sendall(b"\xff\n")
        sock.shutdown(socket.SHUT_WR)
        for _ in pieces(sock, FLOOD):
            pass


# ---------------------------------------------------------------- inspecting the process tree


def children(server):
    return server.processes()[1:]


def connections(server):
    """Return the TCP connections that the server's first process holds."""
    held = psutil.Process(server.pid).net_connections(kind="tcp")
    return [one for one in held if one.status != psutil.CONN_LISTEN]


EXERCISES = {
    "02.1": Exercise(
        "a server that lets go",
        [answers_one, answers_the_last_first, ends_the_connection, leaves_nothing_behind, holds_no_connection],
        [
            "After a fork, two processes hold the connection. Which of them needs it? When does the client see the end?",
            "What must the parent do so that a child that has ended does not remain as a zombie? The lesson shows two ways.",
            "If you reap in a signal handler: one signal may stand for several children. Call waitpid() until it finds no more.",
        ],
        point=ends_the_connection,
    ),
    "02.2": Exercise(
        "a process per client",
        [
            answers_one,
            answers_the_last_first,
            has_a_process_for_each,
            leaves_nothing_behind,
            ends_the_connection,
            children_do_not_unwind,
            the_parent_says_good_night,
        ],
        [
            "fork() comes right after accept(). In which of the two processes does it return 0?",
            "The child closes the listener, serves its client, and must end. What happens if it does not end? Follow the loop.",
            "An exception is a way out of converse(), too. Which statement runs its block on every way out?",
        ],
        point=answers_the_last_first,
    ),
}
