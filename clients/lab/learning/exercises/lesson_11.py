"""The exercises of lesson 11: a balancer, and a stateless server.

The check starts both afresh, with its own servers (or its own store) behind them, which it can end and start again.
"""

import asyncio
import contextlib
import errno
import functools
import random
import socket
import time
from concurrent.futures import ThreadPoolExecutor

from clients.examiner.exam import own_words, start_with
from clients.lab.learning.exercises import Exercise, NotMet, explained, require
from clients.lab.learning.exercises.patience import happens
from clients.tcp import ask, connect
from servers import LaunchError, launch

ROUNDS = 4  # rounds of all servers, too many for a random order to pass by luck
PATIENCE = 8  # seconds for anything that must happen
CROWD = 20  # visitors at once
TRIES = 10  # ports tried, because other programs use some
SLOW = b"sleep 1"  # longer than a tenth of a timeout that was meant for connecting
BUSY = b"x" * 60_000  # more than one recv() returns


def with_programs(requirement):
    """Decorate a requirement that starts programs; add the output of the examined ones to its failure."""

    @functools.wraps(requirement)
    def check(attempt):
        require(getattr(attempt, "source", None), f"a server of a %%server cell is needed here, and this is {attempt!r}")
        with contextlib.ExitStack() as stack:
            examiner = Examiner(attempt, stack)
            try:
                requirement(examiner)
            except LaunchError as problem:
                raise NotMet(f"your program was started again for this check, and never listened: {problem}") from None
            except (NotMet, OSError) as problem:
                words = [own_words(program) for program in examiner.programs]
                raise NotMet("\n".join([str(problem), *filter(None, words)])) from None

    return check


class Examiner:
    """Start the attempt's program and servers behind it for a requirement; all end with the requirement."""

    def __init__(self, attempt, stack):
        self.attempt, self.stack = attempt, stack
        self.started = 0
        self.programs = []

    def launch(self, what, *arguments, name="behind"):
        """Launch a server under a unique name, so that it replaces no server of the lesson."""
        self.started += 1
        name = f"{self.attempt.name}_{name}_{self.started}"
        return self.stack.enter_context(launch(what, *arguments, name=name, timeout=30))

    def program(self, *addresses):
        """Launch the attempt's program with these addresses on its command line."""
        words = ["%s:%d" % address for address in addresses]
        self.programs.append(self.launch(self.attempt.source, *words, name="examined"))
        return self.programs[-1]

    def three_and_balancer(self):
        """Launch three servers, and the attempt's program in front of them."""
        three = [self.launch_behind("tcp_thread") for _ in range(3)]
        return three, self.program(*(one.address for one in three))

    def launch_behind(self, what, **options):
        """Launch a server at a port outside the kernel's ephemeral range (ip(7)), so that it can be restarted there after its end."""
        for left in reversed(range(TRIES)):
            try:
                return self.launch(what, "--port", random.randrange(10_000, 32_000), **options)
            except LaunchError:  # another program may use the port
                if not left:
                    raise


def who(address):
    """Return the PID of the server that answers a new client."""
    return pid_in(ask(address, "who", timeout=PATIENCE)[0])


def pid_in(answer):
    words = answer.split()
    if len(words) < 2 or not words[1].isdecimal():
        raise NotMet(f"sent 'who', which a server behind answers with its process; got {' '.join(words)!r}")
    return int(words[1])


def end_of(connection):
    """Return whether the peer closes or resets the connection in time."""
    deadline = time.monotonic() + PATIENCE
    try:
        while connection.recv(65_536):
            if time.monotonic() > deadline:  # the data never ends
                return False
    except TimeoutError:
        return False
    except ConnectionError:
        pass
    return True


# ---------------------------------------------------------------- 11.1 a balancer


@with_programs
def passes_on(examiner):
    """what a client sends is passed on, what the server says comes back: many lines at once, long ones, and a slow answer"""
    three, balancer = examiner.three_and_balancer()
    start_with(balancer, "impatient")
    lines = [b"hello", b"two lines in one packet", BUSY, SLOW, b"and a last one"]
    with connect(balancer.address, timeout=PATIENCE) as client:
        client.sendall(b"\n".join(lines) + b"\n")
        incoming = client.makefile("rb")
        for line in lines:
            try:
                came = incoming.readline().rstrip(b"\n")
            except TimeoutError:
                came = b""
            if line == SLOW and not came:
                raise NotMet(
                    f"no answer to {shown(SLOW)}: a server that is silent is not dead. Is there a timeout on its connection?"
                )
            require(came, f"sent five lines at once, and no answer came to {shown(line)}")
            require(came == line, f"sent {shown(line)}, and got {shown(came)} back")


def shown(line):
    return repr(line.decode()) if len(line) < 50 else f"a line of {len(line)} bytes"


@with_programs
def passes_the_end_on(examiner):
    """when a client has sent its last line, it gets its answer, and then the end; and the server behind sees the end, too"""
    three, balancer = examiner.three_and_balancer()
    with connect(balancer.address, timeout=PATIENCE) as client:
        client.sendall(b"goodbye\n")
        client.shutdown(socket.SHUT_WR)
        no_end = f"sent 'goodbye' and the end of what it sends; the answer's end did not come within {PATIENCE} s"
        with explained(no_end, TimeoutError):
            came = b"".join(iter(lambda: client.recv(1000), b""))
    require(came == b"goodbye\n", f"sent 'goodbye' and the end, got {came.decode(errors='replace')!r} and the end")
    if not asyncio.run(happens(lambda: not any(one.processes()[0].threads > 1 for one in three))):
        raise NotMet("the client has gone, and a server behind still keeps a thread for it: its connection was not closed")


@with_programs
def takes_turns(examiner):
    """twelve clients, one after the other: the three servers get them in turn"""
    three, balancer = examiner.three_and_balancer()
    order = [one.pid for one in three]
    came = [order.index(who(balancer.address)) + 1 for _ in range(3 * ROUNDS)]
    first = came[0] - 1
    if came != [(first + number) % 3 + 1 for number in range(3 * ROUNDS)]:
        raise NotMet(f"expected the servers 1, 2, 3, 1, 2, 3, ... ; the clients came to {', '.join(map(str, came))}")


@with_programs
def serves_side_by_side(examiner):
    """clients do not wait for each other: three are connected, and the last one asks first"""
    three, balancer = examiner.three_and_balancer()
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(balancer.address, timeout=PATIENCE)) for _ in range(3)]
        for number, client in reversed(list(enumerate(clients, 1))):
            client.sendall(b"hello\n")
            try:
                came = client.makefile("rb").readline()
            except TimeoutError:
                came = b"nothing within %d s" % PATIENCE
            require(came == b"hello\n", f"client {number} sent 'hello', expected 'hello', got {came.decode(errors='replace')!r}")


@with_programs
def survives_dead_servers(examiner):
    """two of the three servers die: their clients see the end, and every new client is answered by the remaining server"""
    three, balancer = examiner.three_and_balancer()
    with connect(balancer.address, timeout=PATIENCE) as client:
        client.sendall(b"who\n")
        first = [one.pid for one in three].index(pid_in(client.makefile().readline()))
        second = 0 if first == 2 else 2  # the last in the list, so that the search for a live one must wrap around
        three[first].stop(), three[second].stop()
        if not end_of(client):
            raise NotMet(f"a client was with server {first + 1}, which died; {PATIENCE} s later its connection is still open")
    dead = f"servers {min(first, second) + 1} and {max(first, second) + 1} are dead, server {4 - first - second} lives"
    for number in range(1, 7):
        with explained(f"{dead}; new client {number} got no answer: {{problem}}", OSError):
            who(balancer.address)


@with_programs
def takes_back(examiner):
    """no server is left: clients see the end of the connection at once; the servers come back: all three get clients again"""
    three, balancer = examiner.three_and_balancer()
    who(balancer.address)
    for one in three:
        one.stop()
    for _ in range(4):
        with connect(balancer.address, timeout=PATIENCE) as client:
            if not end_of(client):
                raise NotMet(
                    f"all three servers are dead; a client connects, and {PATIENCE} s later its connection is still open"
                )
    back = {examiner.launch("tcp_thread", "--port", one.port).pid for one in three}
    met = set()
    with explained("the three servers run again, and a new client got no answer: {problem}", OSError):
        all_met = asyncio.run(happens(lambda: met.add(who(balancer.address)) or met == back))
    require(all_met, f"the three servers run again, and only {len(met)} of them get clients")


# ---------------------------------------------------------------- 11.2 a stateless server


def number(address):
    came = ask(address, "hello", timeout=PATIENCE)[0]  # any line will do: the server must send `count` to the store
    require(came.isdecimal(), f"a visitor said 'hello', expected a number, got {came!r}")
    return int(came)


def store_of(examiner, *arguments):
    return examiner.launch("tcp_select", *arguments, name="store")


@with_programs
def counts(examiner):
    """one server, three visitors: 1, 2, 3"""
    server = examiner.program(store_of(examiner).address)
    came = [number(server.address) for _ in range(3)]
    require(came == [1, 2, 3], f"expected 1, 2, 3, got {', '.join(map(str, came))}")


@with_programs
def counts_together(examiner):
    """two of your servers with one store, visited in turn: no number comes twice, and none is left out"""
    store = store_of(examiner)
    two = [examiner.program(store.address) for _ in range(2)]
    came = [number(two[turn % 2].address) for turn in range(6)]
    require(came == [1, 2, 3, 4, 5, 6], f"expected 1 to 6, got {', '.join(map(str, came))}")


@with_programs
def counts_a_crowd(examiner):
    """twenty visitors at once, over both servers: twenty different numbers, 1 to 20"""
    store = store_of(examiner)
    two = [examiner.program(store.address) for _ in range(2)]
    with ThreadPoolExecutor(CROWD) as visitors:
        came = sorted(visitors.map(lambda turn: number(two[turn % 2].address), range(CROWD)))
    require(came == list(range(1, CROWD + 1)), f"expected each number from 1 to {CROWD} once, got {', '.join(map(str, came))}")


@with_programs
def loses_nothing(examiner):
    """a server is killed and started again: the count goes on"""
    store = store_of(examiner)
    first = examiner.program(store.address)
    came = [number(first.address) for _ in range(2)]
    first.stop()
    came.append(number(examiner.program(store.address).address))
    if came != [1, 2, 3]:
        raise NotMet(f"two visitors, then a new start, then a third visitor: expected 1, 2, 3, got {', '.join(map(str, came))}")


@with_programs
def admits_errors(examiner):
    """the store dies: visitors get a line that begins with "error"; it comes back: numbers again, also on an old connection"""
    store = examiner.launch_behind("tcp_select", name="store")
    server = examiner.program(store.address)
    with connect(server.address, timeout=PATIENCE) as client:
        incoming = client.makefile("rb")

        def say():
            client.sendall(b"hello\n")
            return incoming.readline().decode().strip()

        require((came := say()) == "1", f"expected 1, got {came!r}")
        store.stop()
        if not (came := say()).lower().startswith("error"):
            raise NotMet(f"the store is dead; expected a line that begins with 'error', got {came or 'the end'!r}")
        if not (came := while_it_breaks_off(store.address, say)).lower().startswith("error"):
            raise NotMet(
                "the store accepts, and breaks off before it answers; "
                f"expected a line that begins with 'error', got {came or 'the end'!r}"
            )
        silent = f"the store accepts, and is silent; {PATIENCE} s later the visitor still waits for a line that begins with 'error'"
        with listener_at(store.address), explained(silent, TimeoutError):
            came = say()
        if not came.lower().startswith("error"):
            raise NotMet(f"the store accepts, and is silent; expected a line that begins with 'error', got {came or 'the end'!r}")
        store_of(examiner, "--port", store.port)
        require((came := say()) == "1", f"a new store is there, and it begins with 1; expected 1, got {came or 'the end'!r}")
    number(server.address)


def listener_at(address):
    """Return a listener at the store's address. Retry: a program just being started holds a copy of the previous one until exec."""
    for left in reversed(range(100)):
        try:
            return socket.create_server(address)
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE or not left:
                raise
            time.sleep(0.02)


def while_it_breaks_off(address, say):
    """Return the result of say() while a store at this address accepts each connection and closes it at once."""
    with listener_at(address) as store, ThreadPoolExecutor(1) as visitor:
        store.settimeout(0.1)
        came = visitor.submit(say)
        while not came.done():
            with contextlib.suppress(TimeoutError):
                store.accept()[0].close()
        return came.result()


EXERCISES = {
    "11.1": Exercise(
        "a balancer of your own",
        [passes_on, passes_the_end_on, serves_side_by_side, takes_turns, survives_dead_servers, takes_back],
        [
            "Whose turn is it? Decide that in the accepting loop: one thread, so no two clients get the same turn. "
            "itertools.cycle gives a sequence that never ends.",
            "create_connection raises OSError when a server does not accept. Try the servers one by one, beginning with the one "
            "whose turn it is, until one accepts: servers[first:] + servers[:first].",
            "When no server accepts, return from serve(); `with client` closes the connection. And never take a server out of the "
            "list: who would put it back?",
        ],
        point=takes_turns,
    ),
    "11.2": Exercise(
        "stateless",
        [counts, counts_together, counts_a_crowd, loses_nothing, admits_errors],
        [
            "ask(address, 'count') sends a server one line, and returns a list with one answer. Who counts then?",
            "What does ask raise when nobody listens at the store's address, or when the store is silent? Each of these is an OSError.",
            "Keep nothing between two questions: no number, and no connection to the store either. What would happen to a connection "
            "when the store is started again?",
        ],
        point=counts_together,
    ),
}
