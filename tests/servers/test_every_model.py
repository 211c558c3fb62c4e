"""The same tests for every TCP model: a table of which client waits for which; crowds, silence, slowness, resets, system limits."""

import contextlib
import os
import resource
import select
import signal
import socket
import subprocess
from collections import Counter

import psutil
import pytest
from support import PATIENCE, ask, asleep, connect, eventually, hears, local, process_of, read_all, reset, run_alone, says

from servers import LaunchError, app, catalogue, launch, sockets

sockets.allow_descriptors()  # this process holds ten thousand clients
_, MOST_DESCRIPTORS = resource.getrlimit(resource.RLIMIT_NOFILE)

MULTIPLEXERS = ["tcp_select", "tcp_poll", "tcp_epoll", "tcp_asyncio"]
MULTIPLEXERS = [name for name in MULTIPLEXERS if name != "tcp_epoll" or hasattr(select, "epoll")]

# What happens to another client while one (or four) ...
WAITS, SERVED, BY_HASH = "waits", "is served", "depends on the hash of its address"
TABLE = {
    #                         is silent  four are silent  sleeps   burns
    "tcp_loop":              (WAITS,     WAITS,           WAITS,   WAITS),
    "tcp_fork":              (SERVED,    SERVED,          SERVED,  SERVED),
    "tcp_thread":            (SERVED,    SERVED,          SERVED,  SERVED),
    "tcp_process":           (SERVED,    SERVED,          SERVED,  SERVED),
    "tcp_pool":              (SERVED,    WAITS,           SERVED,  SERVED),
    "tcp_pool+processes":    (SERVED,    WAITS,           SERVED,  SERVED),
    "tcp_select":            (SERVED,    SERVED,          WAITS,   WAITS),
    "tcp_poll":              (SERVED,    SERVED,          WAITS,   WAITS),
    "tcp_epoll":             (SERVED,    SERVED,          WAITS,   WAITS),
    "tcp_asyncio":           (SERVED,    SERVED,          SERVED,  WAITS),
    "tcp_prefork":           (SERVED,    WAITS,           SERVED,  SERVED),
    "tcp_prefork+reuseport": (BY_HASH,   BY_HASH,         BY_HASH, BY_HASH),
    "TCPServer":             (WAITS,     WAITS,           WAITS,   WAITS),
    "ForkingTCPServer":      (SERVED,    SERVED,          SERVED,  SERVED),
    "ThreadingTCPServer":    (SERVED,    SERVED,          SERVED,  SERVED),
}  # fmt: skip
if not hasattr(select, "epoll"):
    del TABLE["tcp_epoll"]
MODELS = list(TABLE)
FORKING = [name for name in MODELS if "fork" in name.lower() or "process" in name]


def cases(column):
    return [(name, row[column]) for name, row in TABLE.items() if row[column] != BY_HASH]


def has_heard(*connections):
    """Return those connections that are readable now."""
    return select.select(connections, [], [], 0)[0] if len(connections) < 100 else []


def received(server, connection):
    """Whether the server has received anything from this client."""
    return any(one.kind == "receive" and one.bytes and one.peer == local(connection) for one in server.events())


# ---------------------------------------------------------------- which client waits for which: by order, never by stopwatch


@pytest.mark.parametrize("silent, name, other", [(n, *case) for n in (1, 4) for case in cases(0 if n == 1 else 1)])
def test_while_clients_are_silent(name, silent, other):
    """The silent clients connect first. Then another one asks; then a silent one asks, is answered, and leaves."""
    with launch(name) as server:
        silents = [connect(server.address) for _ in range(silent)]
        first = silents[0]
        assert says(first, b"I am served") == b"I am served"
        another = connect(server.address)
        another.sendall(b"and I?\n")
        if other == SERVED:
            assert hears(another) == b"and I?"
        assert says(first, b"still I") == b"still I"
        if other == WAITS:
            assert not has_heard(another)
            for one in silents:
                one.close()
            assert hears(another) == b"and I?"
            done = {(one.kind, one.peer): one.end for one in server.events() if one.kind in ("accept", "close")}
            assert done["accept", local(another)] > min(end for (kind, _), end in done.items() if kind == "close")


@pytest.mark.parametrize("work, name, other", [(w, *case) for w, c in ((b"sleep", 2), (b"burn", 3)) for case in cases(c)])
def test_while_one_works(name, work, other):
    """One client asks for work; once the server has received that, another says hello. Whose answer comes first?"""
    with launch(name) as server, connect(server.address) as worker, connect(server.address) as another:
        worker.sendall(work + (b" 0.3\n" if other == WAITS else b" 30\n"))
        eventually(lambda: received(server, worker))
        another.sendall(b"hello\n")
        first, _, _ = select.select([worker, another], [], [], PATIENCE)
        assert first == [another] if other == SERVED else worker in first
        if other == WAITS:
            worker.close()  # for the loop model
            assert hears(another) == b"hello"


# ---------------------------------------------------------------- crowds


@pytest.mark.parametrize("name", MODELS)
def test_300_clients_at_once(name):
    """All connect before the first one asks; each is answered and leaves."""
    with launch(name, "--backlog", 400) as server:
        clients = [connect(server.address) for _ in range(300)]
        for number, client in enumerate(clients):
            client.sendall(b"%d\n" % number)
            client.shutdown(socket.SHUT_WR)
        for number, client in enumerate(clients):
            assert read_all(client) == b"%d\n" % number
            client.close()
        assert ask(server.address, b"still there?") == [b"still there?"]


def shape(server):
    """Return the counts that clients must leave unchanged."""
    family = server.processes()
    return {
        "processes": len(family),
        "zombies": sum(one.state == "zombie" for one in family),
        "threads": sum(one.threads or 0 for one in family),
        "descriptors": sum(one.descriptors or 0 for one in family),
    }


@pytest.mark.parametrize("name", MODELS)
def test_200_clients_come_and_go_and_leave_nothing(name):
    """Some reset in mid-line, some leave normally, some send too long a line, some never send a byte."""
    with launch(name) as server:
        for _ in range(20):
            ask(server.address, b"hello")
        before = eventually(lambda: calm(server))
        for number in range(200):
            client = connect(server.address)
            if number % 4 == 0:
                assert says(client, b"whole") == b"whole"
                client.sendall(b"half a li")
                reset(client)
            elif number % 4 == 1:
                assert says(client, b"hello") == b"hello"
                client.close()
            elif number % 4 == 2 and number % 20 == 2:
                client.sendall(b"x" * (app.LINE_LIMIT + 1))
                assert read_all(client).startswith(b"error")
            client.close()
        eventually(lambda: all(now <= before[what] for what, now in shape(server).items()), f"{name} is as before: {before}")
        assert "Traceback" not in server.log and server.running


def calm(server):
    """Return the shape of a server once all clients have left and all its workers, if any, wait in accept(); None before that."""
    workers = 4 if server.title.startswith(("tcp_prefork", "tcp_pool")) else 0
    waiting = sum(one.kind == "accept" and one.end is None for one in server.events())
    now = shape(server)
    processes = 1 if server.title == "tcp_pool" else 1 + workers
    usual = (now["processes"], now["threads"], now["zombies"]) == (processes, 1 + workers, 0)
    return now if usual and waiting >= workers else None


# ---------------------------------------------------------------- misbehaving clients


@pytest.mark.parametrize("name", MODELS)
def test_a_reset_in_mid_line_disturbs_nobody(name):
    with launch(name) as server:
        others_stay = TABLE[name][0] == SERVED
        if others_stay:
            staying = connect(server.address)
            assert says(staying, b"before") == b"before"
        for sent in b"", b"half a li", b"whole\nhalf", b"many\n" * 50_000:
            client = connect(server.address)
            client.sendall(sent)
            reset(client)
        if others_stay:
            assert says(staying, b"after") == b"after"
            staying.close()
        assert ask(server.address, b"still there?") == [b"still there?"]
        assert "Traceback" not in server.log and server.running


def memory(server):
    return sum(one.memory or 0 for one in server.processes())


def stuff(client, most):
    """Send without reading until no more can be sent, or `most` bytes are sent. Return how many were."""
    sent, lines = 0, (b"x" * 999 + b"\n") * 64
    client.setblocking(False)
    while sent < most and select.select([], [client], [], 0.3)[1]:
        try:
            sent += client.send(lines[sent % 1000 :])
        except BlockingIOError:
            pass
    return sent


@pytest.mark.parametrize("name", MODELS)
def test_a_client_that_does_not_read_is_not_heard_and_costs_no_memory(name):
    """It can send no more than the kernel's two buffers hold; the server keeps a few kilobytes."""
    most = 100_000_000
    with launch(name) as server, connect(server.address) as slow:
        before = memory(server)
        assert stuff(slow, most) < most / 2
        if TABLE[name][0] == SERVED:
            assert ask(server.address, b"and I?") == [b"and I?"]
        new_processes = len(server.processes())
        allowed = 8_000_000 + (12_000_000 * new_processes if name in FORKING else 0)
        assert memory(server) - before < allowed
        assert server.running


SMALL_BUFFER = """
import socket
from servers import main, sockets, {model}

def listener(options, make=sockets.tcp_listener):
    listener = make(options)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)  # its connections inherit that
    return listener

sockets.tcp_listener = listener
main.run({model}.serve, main.parser("a server that cannot send a long line at once"))
"""


@pytest.mark.parametrize("name", MULTIPLEXERS)
def test_a_client_that_reads_late_gets_every_byte(name):
    """The server sends in parts. The client reads only when it can send no more."""
    lines = b"".join(b"%0*d\n" % (app.LINE_LIMIT, number) for number in range(30))
    with launch(SMALL_BUFFER.format(model=name)) as server, connect(server.address) as client:
        client.setblocking(False)
        sent, heard = 0, bytearray()
        while len(heard) < len(lines):
            readable, writable, _ = select.select([client], [client] if sent < len(lines) else [], [], PATIENCE)
            if writable:
                sent += client.send(memoryview(lines)[sent : sent + 65_536])
            else:
                assert readable, f"{len(lines) - len(heard)} bytes did not come"
                heard += client.recv(65_536)
        assert heard == lines
        assert any(one.kind == "send" and 0 < one.bytes < app.LINE_LIMIT for one in server.events())


# ---------------------------------------------------------------- the system's limits

FEW = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
from servers import main, {model}
main.run({model}.serve, main.parser("a server that may hold 40 descriptors"))
"""


def waits(server):
    return sum(one.kind == "wait" for one in server.events())


@pytest.mark.parametrize("name", MULTIPLEXERS)
def test_without_descriptors_a_multiplexer_serves_those_it_has(name):
    with launch(FEW.format(model=name)) as server:
        clients = [connect(server.address) for _ in range(60)]
        for number, client in enumerate(clients):
            client.sendall(b"%d\n" % number)
        eventually(lambda: len(has_heard(*clients)) > 20)
        served = has_heard(*clients)
        assert len(served) < 40
        for client in served:
            hears(client)
        for client in served:
            assert says(client, b"still I?") == b"still I?"
        before = waits(server)
        assert max(waits(server) for _ in range(5)) < before + 20, "it spins"
        served[0].close()
        waiting = [client for client in clients if client not in served]
        eventually(lambda: has_heard(*waiting), "one that waited is served now")
        for client in clients:
            client.close()
        assert ask(server.address, b"still there?") == [b"still there?"]


def test_without_descriptors_the_thread_model_serves_those_it_has():
    with launch(FEW.format(model="tcp_thread")) as server:
        clients = [connect(server.address) for _ in range(60)]
        assert says(clients[0], b"hello") == b"hello"
        clients[-1].sendall(b"hello\n")  # it waits in the backlog
        eventually(lambda: [one.descriptors for one in server.processes()] == [40], "that no descriptor is free")
        for client in clients[:-1]:
            client.close()
        assert clients[-1].recv(100) == b"hello\n"
        clients[-1].close()


def hold(server, number):
    """Return this many silent clients, connected in batches so that the backlog never overflows."""
    clients = []
    while len(clients) < number:
        clients += [connect(server.address) for _ in range(100)]
        assert says(clients[-1], b"hello") == b"hello"
    return clients


def needs_descriptors(number):
    return pytest.mark.skipif(
        number > MOST_DESCRIPTORS,
        reason=f"a process may hold {MOST_DESCRIPTORS} descriptors here (ulimit -Hn); this needs {number}",
    )


@needs_descriptors(1_300)
def test_select_holds_a_thousand_clients_and_lets_the_others_wait():
    with launch("tcp_select", "--backlog", 400) as server:
        clients = hold(server, 1_000)
        crowd = [connect(server.address) for _ in range(100)]
        for client in crowd:
            client.sendall(b"hello\n")
        assert says(clients[0], b"I was first") == b"I was first"
        eventually(lambda: [one.descriptors for one in server.processes()] == [1024])
        for client in clients:
            reset(client)
        for client in crowd:
            assert hears(client) == b"hello"
            client.close()
        assert server.running and "Traceback" not in server.log


@needs_descriptors(10_100)
@pytest.mark.skipif(not hasattr(select, "epoll"), reason="epoll is Linux only")
def test_epoll_holds_ten_thousand_clients():
    with launch("tcp_epoll", "--backlog", 1024) as server:
        before = server.processes()[0].memory
        clients = hold(server, 10_000)
        for client in clients[0], clients[5_000], clients[-1]:
            assert says(client, b"one of ten thousand") == b"one of ten thousand"
        [process] = server.processes()
        assert process.descriptors > 10_000 and process.threads == 1
        assert (process.memory - before) / 10_000 < 4_000, "bytes for each client"
        for client in clients:
            reset(client)
        eventually(lambda: server.processes()[0].descriptors < 20)


LACKING = [
    ("tcp_epoll", "import selectors; del selectors.EpollSelector", "epoll, which only Linux has: take tcp_poll or tcp_select"),
    ("tcp_poll", "import selectors; del selectors.PollSelector", "poll(), which Windows lacks: take tcp_select"),
    ("tcp_process", "import os; del os.fork", "fork(), which Windows lacks. WSL2 has it"),
    ("tcp_prefork", "import os; del os.fork", "fork(), which Windows lacks. WSL2 has it"),
    ("tcp_pool", "import os; del os.fork; import sys; sys.argv += ['--pool', 'processes']", "take --pool threads, or WSL2"),
]


@pytest.mark.parametrize("model, without, words", LACKING, ids=[model for model, *_ in LACKING])
def test_where_the_system_lacks_something_the_model_says_so(model, without, words):
    source = f"{without}\nimport runpy\nrunpy.run_module('servers.{model}', run_name='__main__')\n"
    with pytest.raises(LaunchError) as raised:
        launch(source)
    assert "This model needs " in str(raised.value) and words in str(raised.value)
    assert "Traceback" not in str(raised.value)


# ---------------------------------------------------------------- prefork


def workers(server):
    return {one.pid for one in server.processes()[1:] if one.state != "zombie"}


@pytest.mark.parametrize("name", ["tcp_prefork", "tcp_prefork+reuseport"])
def test_a_killed_worker_is_replaced(name):
    with launch(name, "--workers", 2) as server:
        first = eventually(lambda: len(workers(server)) == 2 and workers(server))
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        second = eventually(lambda: len(now := workers(server)) == 2 and not now & first and now, "two new workers")
        assert process_of(ask(server.address, b"who")[0]) in second
        assert server.log.count("another takes its place") == 2


def test_with_one_listener_a_free_worker_takes_the_client():
    with launch("tcp_prefork", "--workers", 2) as server, connect(server.address) as silent:
        busy = process_of(says(silent, b"who"))
        others = [process_of(ask(server.address, b"who")[0]) for _ in range(16)]
        assert busy not in others and len(set(others)) == 1


def test_with_a_listener_each_a_client_may_wait_for_a_busy_worker_while_another_is_free():
    with launch("tcp_prefork+reuseport", "--workers", 2) as server:
        eventually(lambda: len(workers(server)) == 2, "that both have a listener")
        silent = connect(server.address)
        busy = process_of(says(silent, b"who"))
        clients = [connect(server.address) for _ in range(24)]  # chance that all get one worker: 1 in 8 million
        for client in clients:
            client.sendall(b"who\n")
            client.shutdown(socket.SHUT_WR)
        free = next(iter(workers(server) - {busy}))
        eventually(lambda: len(has_heard(*clients)) == sum(process_of(told(one)) == free for one in has_heard(*clients)) > 0)
        silent.close()
        answered_by = Counter(process_of(hears(client)) for client in clients)
        assert answered_by[busy] and answered_by[free]
        accepted = {one.peer: one for one in server.events() if one.kind == "accept" and one.pid == busy and one.end}
        closed = next(one.end for one in server.events() if one.kind == "close" and one.peer == peer_of_closed(server, busy))
        late = [one for one in accepted.values() if one.end > closed]
        assert len(late) == answered_by[busy]


def told(connection):
    return connection.recv(1000, socket.MSG_PEEK)


def peer_of_closed(server, pid):
    return next(one.peer for one in server.events() if one.kind == "accept" and one.pid == pid and one.peer)


def test_workers_that_die_at_once_are_no_fork_bomb():
    source = (
        "from servers import main, sockets, tcp_prefork\n"
        "sockets.leave_signals_to_the_parent = lambda: 1 / 0\n"
        "tcp_prefork.parser.set_defaults(workers=2)\n"
        "main.run(tcp_prefork.serve, tcp_prefork.parser)\n"
    )
    with launch(source) as server:
        eventually(lambda: server.log.count("another takes its place") > 3)
        assert "ZeroDivisionError" in server.log
        happened = [one for one in server.events() if one.kind in ("reap", "fork") and one.end]
        happened.sort(key=lambda one: one.end if one.kind == "reap" else one.start)
        pauses = [
            later.start - earlier.end for earlier, later in zip(happened, happened[1:], strict=False)
            if (earlier.kind, later.kind) == ("reap", "fork")
        ]  # fmt: skip
        assert pauses and min(pauses) > 0.09e9


# ---------------------------------------------------------------- the end


@pytest.fixture
def alone():
    """Run a model alone in its own process group, as a shell would; return its process and address. Kill the rest of the group."""
    with contextlib.ExitStack() as stack:

        def start(module, *arguments):
            process, address = stack.enter_context(run_alone(module, *arguments, stderr=subprocess.STDOUT, start_new_session=True))
            stack.callback(lambda: [one.kill() for one in group(process)])
            return process, address

        yield start


def group(process):
    """Return the live processes of this process's group."""
    found = []
    for one in psutil.process_iter():
        try:
            if os.getpgid(one.pid) == process.pid and one.status() != psutil.STATUS_ZOMBIE:
                found.append(one)
        except (OSError, psutil.NoSuchProcess):
            pass
    return found


ALONE = [(catalogue[name].path.stem, *catalogue[name].arguments) for name in MODELS]
ENDS_ITS_CHILDREN = [one for one in ALONE if one[0] in ("tcp_process", "tcp_prefork") or "processes" in one]


def with_three_silent_clients(start, model):
    process, address = start(*model)
    clients = [connect(address) for _ in range(3)]
    assert says(clients[0], b"hello") == b"hello"
    if model[-1] in ("tcp_fork", "ForkingTCPServer"):  # a child just being forked may miss the signal
        assert {says(client, b"hello") for client in clients} == {b"hello"}
    eventually(lambda: all_wait(process))
    return process, clients


def all_wait(process):
    """Whether all processes of its group are blocked: Python handles a signal just before a blocking call only after that call."""
    return all(asleep(one.pid) for one in group(process))


@pytest.mark.parametrize("model", ALONE, ids="+".join)
def test_ctrl_c_is_a_quiet_end(alone, model):
    """A terminal sends SIGINT to the whole group."""
    process, clients = with_three_silent_clients(alone, model)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(PATIENCE) == 0
    eventually(lambda: not group(process), "that no process is left")
    assert process.stdout.read() == "ended by Ctrl-C\n"
    for client in clients:
        client.close()


def test_ctrl_c_is_a_quiet_end_for_a_thread_that_has_not_answered_its_datagram(alone):
    process, address = alone("socketserver_udp", "--server", "ThreadingUDPServer")
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.sendto(b"sleep 60", address)
        eventually(lambda: psutil.Process(process.pid).num_threads() == 2, "the thread that sleeps")
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=PATIENCE)[0] == "ended by Ctrl-C\n"


def test_ctrl_c_is_a_quiet_end_for_a_pool_whose_clients_are_just_leaving(alone):
    """Its workers are about to call accept() while the main thread closes the listener."""
    for _ in range(10):
        process, address = alone("tcp_pool")
        clients = [connect(address) for _ in range(4)]
        assert {says(client, b"hello") for client in clients} == {b"hello"}
        eventually(lambda process=process: all_wait(process))
        for client in clients:
            client.close()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert process.stdout.read() == "ended by Ctrl-C\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("model", ENDS_ITS_CHILDREN, ids="+".join)
def test_a_signal_to_the_parent_alone_ends_its_children_too(alone, model, number):
    """At whatever moment it arrives: children are still being started."""
    process, clients = with_three_silent_clients(alone, model)
    process.send_signal(number)
    assert process.wait(PATIENCE) == 0
    assert process.stdout.read() == ("ended by Ctrl-C\n" if number == signal.SIGINT else "")
    assert not group(process)
    for client in clients:
        client.close()
