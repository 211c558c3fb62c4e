"""The balancer: a real HAProxy in front of real servers; how it finds a server that is down, and the cost for its clients."""

import contextlib
import os
import signal
import tempfile
from pathlib import Path

import psutil
import pytest
from support import ask, connect, eventually, left_by_a_killed_notebook, process_of, says, unused_port

from clients.cluster import in_front_of, who_answers
from clients.haproxy import found, servers_of, states, tell
from servers import LaunchError, balancer, control, launch

needs_haproxy = pytest.mark.skipif(not balancer.haproxy(), reason="HAProxy is not installed: apt install haproxy")
NAMES = "one", "two", "three"


@pytest.fixture
def three():
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(launch("tcp_thread", "--port", unused_port(), name=name)) for name in NAMES]


def before(servers, *options):
    return launch("balancer", *(f"{one.name}={one.host}:{one.port}" for one in servers), *options)


def who(address):
    """Return the PID of the server that answers."""
    return process_of(ask(address, b"who")[0])


@needs_haproxy
def test_it_becomes_haproxy_on_the_listener_that_it_opened(three):
    with before(three) as front:
        assert front.address[0] == "127.0.0.1"
        eventually(lambda: psutil.Process(front.pid).name() == "haproxy")
        assert len(front.processes()) == 1, "it is no child of another process"
        assert ask(front.address, b"hello") == [b"hello"]


@needs_haproxy
def test_one_after_the_other(three):
    with in_front_of(three) as front:
        assert [who_answers(front, three) for _ in range(6)] == [*NAMES] * 2


@needs_haproxy
def test_the_least_busy_is_taken(three):
    with before(three, "--balance", "leastconn") as front:
        held = [connect(front.address) for _ in range(2)]
        eventually(lambda: sum(one.connections for one in servers_of(front)) == 2)
        free = next(one.name for one in servers_of(front) if one.connections == 0)
        assert who(front.address) == next(one.pid for one in three if one.name == free)
        for one in held:
            one.close()


@needs_haproxy
def test_a_client_comes_back_to_its_server(three):
    with before(three, "--balance", "source") as front:
        assert len({who(front.address) for _ in range(6)}) == 1


@needs_haproxy
def test_of_a_killed_server_only_its_own_clients_are_lost(three):
    with before(three) as front:
        held = [connect(front.address) for _ in range(6)]
        servant = [process_of(says(one, b"who")) for one in held]
        os.kill(three[1].pid, signal.SIGKILL)
        for one, pid in zip(held, servant, strict=True):
            with contextlib.suppress(ConnectionError):
                one.sendall(b"still there?\n")
            came = b""
            with contextlib.suppress(ConnectionError):
                came = one.recv(100)
            assert came == (b"" if pid == three[1].pid else b"still there?\n")
            one.close()
        eventually(lambda: not three[1].running)  # before that, its listener may still accept a client
        assert all(ask(front.address, b"hello") == [b"hello"] for _ in range(6)), "a new client is sent to another server"
        eventually(lambda: states(front) == {"one": "up", "two": "down", "three": "up"})


@needs_haproxy
def test_a_server_that_comes_back_gets_clients_again(three):
    with before(three, "--check", "100") as front:
        port = three[0].port
        three[0].stop()
        eventually(lambda: states(front)["one"] == "down")
        with launch("tcp_thread", "--port", port, name="one") as again:
            eventually(lambda: states(front)["one"] == "up")
            assert again.pid in {who(front.address) for _ in range(6)}


@needs_haproxy
def test_without_checks_and_retries_every_third_client_fails(three):
    with before(three, "--check", "0", "--retries", "0") as front:
        assert set(states(front).values()) == {"not checked"}
        os.kill(three[2].pid, signal.SIGKILL)
        eventually(lambda: not three[2].running)
        assert [who_answers(front, three) for _ in range(6)] == ["one", "two", "lost"] * 2


@needs_haproxy
def test_a_drained_server_keeps_its_clients_and_gets_no_new_ones(three):
    with before(three, "--level", "admin") as front, connect(front.address) as held:
        assert process_of(says(held, b"who")) == three[0].pid
        tell(front, "set server cluster/one state drain")
        eventually(lambda: states(front)["one"] == "drain")
        assert three[0].pid not in {who(front.address) for _ in range(6)}
        assert says(held, b"still there?") == b"still there?"


@needs_haproxy
def test_whoever_is_on_this_machine_may_look_and_change_nothing(three):
    with before(three) as front:
        with pytest.raises(PermissionError, match='"--level", "admin"'):
            tell(front, "set server cluster/one state drain")
        assert states(front)["one"] == "up"


@needs_haproxy
def test_nobody_else_reaches_the_control_socket(three, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with before(three) as front:
        path = Path(control.path(front.pid))
        assert path.is_socket() and path.parent.stat().st_mode & 0o777 == 0o700
        ports = {found.laddr for found in psutil.Process(front.pid).net_connections("tcp") if found.status == "LISTEN"}
        assert ports == {front.address}
    assert path.exists(), "HAProxy leaves it"
    with before(three):
        assert not path.exists(), "the next balancer removes it"
    path.parent.chmod(0o755)
    with pytest.raises(PermissionError, match="not yours alone"):
        control.path(front.pid)


@needs_haproxy
def test_a_table_of_servers(three):
    with before(three) as front:
        who(front.address)
        eventually(lambda: servers_of(front)[0].served == 1)
        head, *rows = repr(servers_of(front)).splitlines()
        assert head.split() == ["name", "state", "connections", "served", "check"]
        assert [row.split()[:2] for row in rows] == [[name, "up"] for name in NAMES]


@pytest.mark.parametrize(
    "status, detail, words",
    [
        ("L4OK", "", "connected"),
        ("L4CON", "Connection refused", "nobody listens there"),
        ("L4CON", "No route to host", "no answer in time"),
        ("L4TOUT", "", "no answer in time"),
        ("L7STS", "", "answered: not healthy"),
        ("L6RSP", "", "L6RSP"),
    ],
)
def test_what_a_check_found_in_words(status, detail, words):
    assert found(status, detail) == words


@needs_haproxy
def test_a_check_that_asks_the_application_believes_its_answer(three):
    """--line passes HAProxy's own directives. A line server does not answer `OPTIONS / HTTP/1.0` with HTTP, so it counts as down."""
    with before(three, "--line", "option httpchk", "--line", "hash-type consistent") as front:
        eventually(lambda: set(states(front).values()) == {"down"})


@needs_haproxy
@pytest.mark.parametrize(
    "arguments, said",
    [
        (["one=127.0.0.1:4001", "--balance", "fairly"], "balance only supports"),
        (["one=127.0.0.1:4001 nonsense"], "unknown keyword 'nonsense'"),
        ([], "NAME=HOST:PORT"),
    ],
)
def test_a_configuration_that_haproxy_does_not_like_is_a_launch_that_fails_with_its_words(arguments, said):
    with pytest.raises(LaunchError, match=said):
        launch("balancer", *arguments)


def test_where_there_is_no_haproxy_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setenv("HAPROXY", "/nowhere/haproxy")
    with pytest.raises(LaunchError, match="(?s)no HAProxy.*apt install haproxy"):
        launch("balancer", "one=127.0.0.1:4001")


@needs_haproxy
def test_nothing_is_left_when_the_notebook_is_killed():
    pids = left_by_a_killed_notebook(
        "from servers import launch",
        "one = launch('tcp_thread', name='one')",
        "front = launch('balancer', f'one=127.0.0.1:{one.port}')",
        "print(one.pid, front.pid)",
    )
    assert len(pids) == 2
    eventually(lambda: not any(psutil.pid_exists(pid) for pid in pids))
