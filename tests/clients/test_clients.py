"""The two plain clients, and the client that a notebook drives, against real servers."""

import asyncio
import contextlib
import gc
import socket
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from support import eventually, wait_until

from clients import ftp, mail, tcp, udp, web
from clients.examiner import examine, requirements_tcp, requirements_udp
from clients.lab.lab_client import ClientError, LabClient
from clients.lab.lab_client.accepts import Accepts
from clients.load import Load
from clients.load.crowd import Crowd
from servers import launch


@contextlib.contextmanager
def nobody(kind=socket.SOCK_STREAM):
    """Yield an address without a listener, whose port is kept by a socket that does nothing."""
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        address = taken.getsockname()
        if kind == socket.SOCK_DGRAM:
            taken.close()  # a bound UDP socket accepts datagrams; only a free port refuses them
        yield address


@contextlib.contextmanager
def silent(kind=socket.SOCK_STREAM, backlog=8):
    """Yield the address and the socket of a server that never accepts or answers."""
    with socket.socket(socket.AF_INET, kind) as listener:
        listener.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            listener.listen(backlog)
        yield listener.getsockname(), listener


# ---------------------------------------------------------------- clients.tcp and clients.udp


@pytest.mark.parametrize("model, client", [("tcp_loop", tcp), ("udp_loop", udp)])
def test_a_plain_client_gets_an_answer_for_each_line(model, client):
    with launch(model) as server:
        assert client.ask(server.address, "hello", "", "ünï 循环", "sleep 0.01") == ["hello", "", "ünï 循环", "sleep 0.01"]


@pytest.mark.parametrize("client", ["clients.tcp", "clients.udp"])
def test_a_plain_client_from_the_command_line(client):
    with launch(client.removeprefix("clients.") + "_loop") as server:
        command = [sys.executable, "-m", client, f"127.0.0.1:{server.port}", "hello", "two words"]
        assert subprocess.check_output(command, text=True) == "hello\ntwo words\n"
        command[3] = str(server.port)  # the port alone is enough
        assert subprocess.check_output(command, text=True) == "hello\ntwo words\n"
    command[3] = "1"  # not the old port, which another program may have by now
    late = subprocess.run(command, text=True, capture_output=True)
    assert late.returncode == 1 and "nobody listens at" in late.stderr and "Traceback" not in late.stderr
    wrong = subprocess.run([sys.executable, "-m", client, "nowhere", "hello"], text=True, capture_output=True)
    assert wrong.returncode == 1 and "127.0.0.1:6666" in wrong.stderr and "Traceback" not in wrong.stderr


ASKS = [  # how a client asks, and what it says if no answer comes
    (tcp.ask, ("hello",), "no answer to 'hello' within 0.1 s"),
    (udp.ask, ("hello",), "no answer to 'hello' within 0.1 s"),
    (web.fetch, (), "no whole answer to GET / within 0.1 s"),
    (mail.send, ("ann@localhost", "ben@localhost", "x", "x"), "did not answer within 0.1 s"),
    (lambda address, **options: ftp.listing(ftp.Account(address, "u", "p"), **options), (), "did not answer within 0.1 s"),
]


@pytest.mark.parametrize("ask, words, said", ASKS, ids=["tcp", "udp", "web", "mail", "ftp"])
def test_a_plain_client_says_what_is_wrong(ask, words, said):
    kind = socket.SOCK_DGRAM if ask is udp.ask else socket.SOCK_STREAM
    with nobody(kind) as address, pytest.raises(ConnectionRefusedError, match="nobody listens at 127.0.0.1"):
        ask(address, *words)
    with silent(kind) as (address, _), pytest.raises(TimeoutError, match=said):
        ask(address, *words, timeout=0.1)


@pytest.mark.parametrize("ask, words", [case[:2] for case in ASKS[-2:]], ids=["mail", "ftp"])
def test_a_server_that_hangs_up_without_a_word_is_told(ask, words):
    with silent() as (address, listener):
        threading.Thread(target=lambda: listener.accept()[0].close()).start()
        with pytest.raises(ConnectionError, match="broke the connection"):
            ask(address, *words)


def test_the_plain_tcp_client_is_told_when_the_server_hangs_up():
    with launch("tcp_loop") as server, pytest.raises(ConnectionError, match="closed|broke"):
        tcp.ask(server.address, "x" * 70_000, "hello")  # a line over the limit: an error line, then the end


IPV6 = {
    "tcp": "import socketserver\n\nclass Echo(socketserver.StreamRequestHandler):\n    def handle(self):\n        for line in self.rfile:\n"
    "            self.wfile.write(line)\n\nsocketserver.ThreadingTCPServer.address_family = socketserver.socket.AF_INET6\n"
    "socketserver.ThreadingTCPServer(('::1', 0), Echo).serve_forever()\n",
    "udp": "import socket\ns = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)\ns.bind(('::1', 0))\nwhile True:\n"
    "    s.sendto(*s.recvfrom(1000)[:2])\n",
}


@pytest.mark.parametrize("client", [tcp, udp])
async def test_a_server_at_an_ipv6_address(client):
    kind = client.__name__.removeprefix("clients.")
    with launch(IPV6[kind], name="six") as server:
        assert server.kind == kind and f"running at [::1]:{server.port}," in repr(server)
        assert client.ask(server.address, "hello") == ["hello"] == client.ask(tcp.address_of(f"[::1]:{server.port}"), "hello")
        async with LabClient(server, "Ann") as ann:
            assert await ann.send("hi") == "hi" and ann.local in {event.peer for event in server.events()}

        def answers():
            crowd = Crowd(server.address, Load(connections=1, udp=kind == "udp", warm_up=0, seconds=0.01), print)
            crowd.dismiss()
            assert not crowd.run()["errors"]
            return crowd.tally.counted

        eventually(answers, "an answer to one of the crowd")
        assert examine(server, [{"tcp": requirements_tcp, "udp": requirements_udp}[kind].answers]).passed


# ---------------------------------------------------------------- LabClient


@pytest.mark.parametrize("calls, free", [("accept wait", False), ("wait accept wait", True), ("accept wait accept", True)])
def test_a_thread_that_accepts_without_waiting_waits_for_its_client_alone_afterwards(calls, free):
    kinds = calls.split()
    events = [SimpleNamespace(kind=kind, pid=1, tid=2, peer=None, end=n) for n, kind in enumerate(kinds, 1)]
    events[-1].end = None  # the last call has not returned
    server = SimpleNamespace(pid=1, watch=True, events_since=lambda cursor: (events[cursor:], len(events)))
    assert Accepts(server).free() is free


async def test_two_clients_of_the_loop_model():
    with launch("tcp_loop") as server:
        ann, ben = LabClient(server, "Ann"), LabClient(server, "Ben")
        assert ann.state == "not connected"
        await ann.connect()
        await ben.connect()
        assert (ann.state, ben.state) == ("connected", "connected, not accepted yet")
        asked = ben.ask("hi")
        assert repr(asked) == "Ben asked 'hi'"
        assert await ann.send("hello") == "hello"  # Ben waits, Ann is served
        assert (ann.state, ben.state) == ("answered", "waiting")
        assert ben.description == "waiting, not accepted yet" and ", for " in ben.status
        await ann.close()
        assert await asked == "hi"
        assert (ann.state, ben.state) == ("closed", "answered")
        assert ben.status.startswith("answered in ") and ben.status.endswith(": hi")
        await ben.close()
        kinds = [record.kind for record in ben.records]
        assert kinds == ["connect", "send", "answer", "close"]
        assert all(record.start <= record.end and record.local == ben.local for record in ben.records)
        await wait_until(lambda: {ann.local, ben.local} <= {event.peer for event in server.events()})


async def test_answers_come_in_the_order_of_the_questions():
    with launch("tcp_loop") as server:
        async with LabClient(server, "Ann") as ann:
            questions = [ann.ask(text) for text in ("sleep 0.05", "b", "c\nd", b"e\n")]
            assert await asyncio.gather(*questions) == ["sleep 0.05", "b", "c\nd", "e"]
            assert await ann.send(b"in two ") == ""  # an incomplete line: nothing to answer yet
            assert await ann.send(b"pieces\n") == "in two pieces"
            assert await ann.send(b"\xff\n") == "\ufffd"


async def test_send_connects_first_and_again_after_a_restart():
    with launch("tcp_loop") as server:
        ann = LabClient(server, "Ann")
        assert await ann.send("hello") == "hello"
        question = ann.ask("sleep 20")
        await wait_until(lambda: any(event.bytes == 9 for event in server.events()))
        await asyncio.to_thread(server.restart)
        with pytest.raises(ClientError, match="Ann: .*server"):
            await question
        assert ann.state in ("closed by server", "reset by server")
        assert await ann.send("hello again") == "hello again"
        await ann.close()


async def test_what_can_go_wrong_has_words_and_a_state():
    with nobody() as address:
        ann = LabClient(address, "Ann")
        with pytest.raises(ClientError, match="Ann: nobody listens at"):
            await ann.send("hello")
        assert ann.state == "refused" and "Is the server running?" in ann.status
    with silent() as (address, _):
        ann = LabClient(address, "Ann")
        with pytest.raises(ClientError, match="no answer to 'hello' within 0.05 s"):
            await ann.send("hello", timeout=0.05)
        assert ann.state == "waiting"  # on TCP the answer may still come
        question = ann.ask("more")
        await asyncio.sleep(0)
        await ann.close()
        with pytest.raises(ClientError):
            await question
        assert ann.state == "closed"


@pytest.mark.skipif(sys.platform != "linux", reason="what a full backlog does differs; on Linux the rest hang")
async def test_a_full_backlog_is_a_connection_that_hangs():
    with silent(backlog=0) as (address, listener):
        clients = [LabClient(address, name, timeout=0.2) for name in "abcd"]
        for client in clients[:-1]:
            with contextlib.suppress(ClientError):
                await client.connect()
        last = clients[-1]
        last.timeout = 20
        connecting = asyncio.create_task(last.connect())
        await wait_until(lambda: last.state == "connecting")
        assert last.status.startswith("connecting, for ") and last.waiting
        await last.close()
        with pytest.raises(ClientError, match="closed while it was still connecting"):
            await connecting
        assert last.state == "closed"
        assert clients[2].state == "timed out" and "backlog" in clients[2].status
        await asyncio.gather(*(client.close() for client in clients))


async def test_udp_answers_refusals_and_losses():
    with launch("udp_loop") as server:
        async with LabClient(server, "Ann", timeout=20) as ann:
            assert ann.kind == "udp" and ann.state == "ready"
            assert await ann.send("one\ntwo") == "one\ntwo"
            await asyncio.to_thread(server.stop)
            with pytest.raises(ClientError, match="nobody listens"):
                await ann.send("hello")
            assert ann.state == "refused"
        with silent(socket.SOCK_DGRAM) as (address, _):
            async with LabClient(SimpleNamespace(address=address, kind="udp"), "Ben", timeout=0.1) as ben:
                with pytest.raises(ClientError, match="may be lost"):
                    await ben.send("hello")
                assert ben.state == "no answer"


async def test_a_greeting_that_nobody_asked_for_is_kept():
    with silent() as (address, listener):
        async with LabClient(address, "Ann") as ann:
            connection, _ = listener.accept()
            connection.sendall(b"welcome\nlast words")
            connection.close()
            await wait_until(lambda: ann.state == "closed by server")
            assert list(ann.heard) == ["welcome", "last words"]


async def test_a_server_that_does_not_read_stops_nobody():
    """With more bytes than the kernel's buffers hold, send() waits, the event loop keeps running, and close() ends the wait."""

    with silent() as (address, _):
        ann = LabClient(address, "Ann")
        question = ann.ask(b"x" * 20_000_000 + b"\n")
        await wait_until(lambda: ann.state == "waiting")
        await ann.close()
        with pytest.raises(ClientError, match="closed before the answer came"):
            await question


async def test_an_unawaited_failure_leaves_no_trace_in_the_log(caplog):
    asyncio.get_running_loop().set_debug(True)
    asyncio.get_running_loop().set_exception_handler(None)  # the default handler logs

    async def refused():
        with nobody() as address:
            ann = LabClient(address, "Ann")
            ann.ask("hello")
            await wait_until(lambda: ann.state == "refused")

    await refused()
    gc.collect()
    assert not [record for record in caplog.records if "never retrieved" in record.message]


async def test_a_server_that_closes_at_once_is_named_before_a_word_was_said():
    source = """
import socket
listener = socket.create_server(("127.0.0.1", 0))
while True:
    listener.accept()[0].close()
"""

    with launch(source, name="curt") as server:
        for _ in range(30):  # now and then the end arrives before the question is sent
            with pytest.raises(ClientError, match="closed the connection|reset the connection"):
                await LabClient(server, "Ann").send("hello")


READS_ONCE = """
import socket
listener = socket.create_server(("127.0.0.1", 0))
while True:
    connection, peer = listener.accept()
    connection.recv(100)
    connection.close()
"""
KEEPS_ITS_CLIENTS = """
import socket
listener, kept = socket.create_server(("127.0.0.1", 0)), []
while True:
    kept.append(listener.accept()[0])
    while data := kept[-1].recv(100):
        kept[-1].sendall(data)
"""


@pytest.mark.parametrize(
    "server, seen",
    [("tcp_loop", "the echo, and the end"), (KEEPS_ITS_CLIENTS, "the echo, and no end"), (READS_ONCE, "no echo")],
    ids=["closes", "keeps", "closes at once"],
)
def test_a_client_says_goodbye_and_tells_what_it_saw(server, seen):
    with launch(server, name="examined") as running:
        assert tcp.goodbye(running.address, timeout=1 if seen.endswith("no end") else 20) == seen
