"""Separate hosts: servers with their own addresses behind a switch, a cable that is pulled, and nothing left at the end."""

import os
import subprocess
import sys

import psutil
import pytest
from support import PATIENCE, ask, connect, eventually, left_by_a_killed_notebook, process_of, says

from clients.haproxy import servers_of, states
from servers import balancer, launch
from servers.runtime import hosts

trouble = hosts.obstacle()
pytestmark = pytest.mark.skipif(bool(trouble), reason=f"no hosts here: {trouble}")
needs_haproxy = pytest.mark.skipif(not balancer.haproxy(), reason="HAProxy is not installed: apt install haproxy")
NAMES = "north", "east", "south"


def namespace_of(pid):
    return os.readlink(f"/proc/{pid}/ns/net")


def holders():
    return [one.pid for one in psutil.Process().children() if one.name() == "cat"]


@pytest.fixture
def network():
    with hosts.Network() as network:
        for name in NAMES:
            network.add_host(name)
        yield network


def from_inside(network, server, line):
    """Return the answer that a client inside that network gets."""
    command = [*network.command.split(), sys.executable, "-m", "clients.tcp", f"{server.host}:{server.port}", line]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE).stdout.strip()


def test_each_host_has_an_address_and_a_namespace_of_its_own(network):
    servers = [host.launch("tcp_thread", "--port", 4000) for host in network.hosts]
    assert [server.address for server in servers] == [("10.0.0.1", 4000), ("10.0.0.2", 4000), ("10.0.0.3", 4000)]
    assert [server.name for server in servers] == list(NAMES)
    assert len({namespace_of(server.pid) for server in servers} | {namespace_of("self")}) == 4
    for server in servers:
        assert from_inside(network, server, "hello") == "hello"
        server.stop()


def test_this_machines_own_network_is_not_touched(network):
    links = subprocess.run([hosts.tool("ip"), "link"], capture_output=True, text=True, check=True).stdout
    assert "port1" not in links and "switch:" not in links


@needs_haproxy
def test_a_balancer_in_front_of_them_listens_on_this_machine(network):
    servers = [host.launch("tcp_thread") for host in network.hosts]
    backends = [f"{one.name}={one.host}:{one.port}" for one in servers]
    with launch("balancer", *backends, "--under", network.command) as front:
        assert front.host == "127.0.0.1"
        eventually(lambda: namespace_of(front.pid) == namespace_of(network.namespace.holder.pid))
        assert [process_of(ask(front.address, b"who")[0]) for _ in range(3)] == [one.pid for one in servers]
    for server in servers:
        server.stop()


@needs_haproxy
@pytest.mark.parametrize("hang_up", [False, True])
def test_a_pulled_cable_is_silence_and_no_end(network, hang_up):
    north = network.hosts[0]
    server = north.launch("tcp_thread")
    options = ["--under", network.command, *(["--hang-up"] if hang_up else [])]
    with launch("balancer", f"north={server.host}:{server.port}", *options) as front, connect(front.address) as client:
        assert says(client, b"hello") == b"hello"
        north.unplug()
        eventually(lambda: states(front) == {"north": "down"})
        assert servers_of(front)[0].check == "no answer in time"
        if hang_up:
            assert client.recv(100) == b"", "the balancer tells the client"
        else:
            client.sendall(b"still there?\n")
            north.plug_in()
            assert client.recv(100) == b"still there?\n", "nothing was lost: TCP sends it again"
            eventually(lambda: states(front) == {"north": "up"})
    server.stop()


def test_what_is_sent_while_the_cable_is_out_is_lost(network):
    north = network.hosts[0]
    server = north.launch("udp_loop", "--port", 4000)
    send = "import socket, sys; socket.socket(type=socket.SOCK_DGRAM).sendto(sys.argv[1].encode(), ('10.0.0.1', 4000))"
    north.unplug()
    network.namespace.ip("neigh flush dev switch")  # as after a while without traffic
    for words in "lost", "it came":
        subprocess.run([*network.command.split(), sys.executable, "-c", send, words], check=True, timeout=PATIENCE)
        north.plug_in()
    eventually(lambda: [event.bytes for event in server.events() if event.kind == "receive" and event.bytes] == [7])
    server.stop()


def test_nothing_is_left():
    network = hosts.Network()
    network.add_host("north")
    eventually(lambda: len(holders()) == 2, "that both have become cat")
    network.close()
    assert holders() == []


def test_nothing_is_left_when_the_notebook_is_killed():
    pids = left_by_a_killed_notebook(
        "from servers.runtime.hosts import Network",
        "network = Network()",
        "host = network.add_host('north')",
        "server = host.launch('tcp_thread')",
        "print(server.pid, host.namespace.holder.pid, network.namespace.holder.pid)",
    )
    assert len(pids) == 3
    eventually(lambda: not any(psutil.pid_exists(pid) for pid in pids))


def test_where_they_are_not_allowed_it_says_why(monkeypatch):
    monkeypatch.setattr(hosts, "tool", lambda name: "/bin/false")
    with pytest.raises(hosts.NoHosts, match="does not allow network namespaces"):
        hosts.Network()
    monkeypatch.undo()
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(hosts, "PLACES", ())
    assert hosts.obstacle() == "the program unshare is missing (package util-linux)"


def test_a_teacher_can_say_no(monkeypatch):
    monkeypatch.setenv("NAMESPACES", "no")
    assert "NAMESPACES" in hosts.obstacle()
