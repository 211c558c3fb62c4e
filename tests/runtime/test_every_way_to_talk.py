"""However a script waits, reads, writes, closes or starts helpers, its events show what happened."""

import os
import select
import signal
import socket
import ssl
import subprocess

import psutil
import pytest
from support import ask, asleep, connect, events_of, eventually, local, read_all, says

from servers import launch
from servers.runtime import ring
from servers.runtime.events import settled

SERVER = "import os, select, socket, sys, threading\ns = socket.create_server(('127.0.0.1', 0))\n"


def talk(server, question=b"hello\n"):
    """Exchange one question and answer; return the client's address."""
    with connect(server.address) as client:
        client.sendall(question)
        assert client.recv(100) == question
        return local(client)


def story(server, peer, *kinds):
    """Return the kinds and sizes of a client's events, once all these kinds have arrived."""
    eventually(lambda: set(kinds) <= {event.kind for event in server.events() if event.peer == peer}, f"{kinds} of {peer}")
    return [(event.kind, event.bytes) for event in server.events() if event.peer == peer and event.end]


@pytest.mark.parametrize("make", ["select.epoll()", "select.poll()"])
def test_raw_objects_show_that_the_loop_waits(make):
    if not hasattr(select, make[7:-2]):
        pytest.skip(f"this system has no {make}")
    source = SERVER + (
        f"poll = {make}\npoll.register(s, select.POLLIN)\nconns = {{}}\nwhile True:\n    for fd, what in poll.poll():\n"
        "        if fd == s.fileno():\n            c, _ = s.accept(); poll.register(c, select.POLLIN); conns[c.fileno()] = c\n"
        "        elif d := conns[fd].recv(100): conns[fd].sendall(d)\n        else: poll.unregister(fd); conns.pop(fd).close()\n"
    )
    with launch(source) as server:
        me = talk(server)
        assert story(server, me, "close") == [("accept", 0), ("receive", 6), ("send", 6), ("receive", 0), ("close", 0)]
        [now] = eventually(lambda: [event for event in server.events() if event.end is None])
        assert now.kind == "wait"
        assert all(event.bytes == 1 for event in events_of(server, "wait"))


def test_each_thread_of_start_new_thread_has_its_own_number():
    source = SERVER + (
        "import _thread\ndef serve(c):\n    print(threading.get_native_id(), flush=True)\n"
        "    while d := c.recv(100): c.sendall(d)\n    c.close()\n"
        "while True:\n    _thread.start_new_thread(serve, (s.accept()[0],))\n"
    )
    with launch(source) as server:
        for number in range(1, 6):
            talk(server)
            eventually(lambda number=number: len(events_of(server, "thread end")) == number)
        numbers = [int(line) for line in server.log.split()]
        for kind in "thread start", "send", "thread end":
            assert [event.tid for event in events_of(server, kind)] == numbers


def pauses(server):
    server.sync()
    return [event for event in settled(server.events_since()[0]) if event.kind == "pause"]


def test_a_thread_that_waits_for_a_job_says_so():
    source = SERVER + (
        "import concurrent.futures, multiprocessing.connection as mp, queue\nends = mp.Pipe()\n"
        "threading.Thread(target=mp.wait, args=(ends,), daemon=True).start()\n"  # as a process pool waits for its children
        "jobs, pool = queue.Queue(), concurrent.futures.ThreadPoolExecutor(1)\n"
        "def serve(c): c.sendall(c.recv(100))\ndef worker():\n    while True: pool.submit(serve, jobs.get())\n"
        "threading.Thread(target=worker, daemon=True).start()\nwhile True: jobs.put(s.accept()[0])\n"
    )
    with launch(source) as server:
        me = talk(server)
        eventually(lambda: [event for event in pauses(server) if event.start == event.end])
        going_on = eventually(lambda: len(found := [event for event in pauses(server) if event.end is None]) == 2 and found)
        ended = eventually(lambda: [event for event in pauses(server) if event.start == event.end])[-1]
        [sent] = [event for event in events_of(server, "send") if event.peer == me]
        assert ended.tid == sent.tid and ended.start >= sent.end, "the pool's thread has done its job"
        talk(server)
        eventually(lambda: len(set(going_on) & set(pauses(server))) == 1)
        assert not events_of(server, "wait", done=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    names = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", *names]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def test_tls(certificate):
    source = (
        "import socket, ssl, threading\nctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
        f"ctx.load_cert_chain({str(certificate / 'cert.pem')!r}, {str(certificate / 'key.pem')!r})\n"
        "def serve(c):\n    while d := c.recv(100): c.sendall(d)\n    c.close()\n"
        "with ctx.wrap_socket(socket.create_server(('127.0.0.1', 0)), server_side=True) as s:\n"
        "    while True:\n        threading.Thread(target=serve, args=(s.accept()[0],)).start()\n"
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with launch(source) as server, connect(server.address) as plain:
        [waits] = eventually(lambda: events_of(server, "handshake", done=False))
        assert waits.end is None and waits.peer == local(plain), "it waits for the client's part of the handshake"
        with context.wrap_socket(plain) as client:
            me = local(client)
            client.sendall(b"hello")
            assert client.recv(100) == b"hello"
            eventually(lambda: [event for event in server.events() if event.kind == "receive" and event.end is None])
        told = story(server, me, "close")
        assert told[:4] == [("accept", 0), ("handshake", 0), ("receive", 5), ("send", 5)] and told[-1] == ("close", 0)


def test_reading_and_writing_descriptors(tmp_path):
    (tmp_path / "file").write_bytes(b"abcdef")
    source = SERVER + (
        "while True:\n    c, _ = s.accept()\n    fd = c.fileno()\n    d = os.read(fd, 100)\n    os.write(fd, d)\n"
        f"    with open({str(tmp_path / 'file')!r}, 'rb') as f: os.sendfile(fd, f.fileno(), 0, 6); os.sendfile(fd, f.fileno(), 6, 6)\n"
        "    c.recvmsg(100)\n    c.sendmsg([b'x', b'yz'])\n    os.close(c.detach())\n"
    )
    with launch(source) as server, connect(server.address) as client:
        client.sendall(b"one")
        heard = b""
        while len(heard) < 9:
            heard += client.recv(100)
        client.sendall(b"more")
        while more := client.recv(100):
            heard += more
        assert heard == b"oneabcdefxyz"
        expected = [("accept", 0), ("receive", 3), ("send", 3), ("send", 6), ("receive", 4), ("send", 3)]
        assert story(server, local(client), "send")[:6] == expected


WITHOUT_ITS_SOCKET = """
def through(fd):
    while d := os.read(fd, 100):
        os.write(fd, d)
    os.close(fd)

def copied(copy):
    fd = s.accept()[0].detach()
    through((copy(fd), os.close(fd))[0])

def in_files():
    c, _ = s.accept()
    with os.fdopen(os.dup(c.fileno()), "w", 1) as answers, os.fdopen(os.dup(c.fileno())) as lines:
        c.close()
        answers.writelines(lines)

def in_a_raw_file():
    with os.fdopen(s.accept()[0].detach(), "r+b", buffering=0) as file:
        while d := file.read(100):
            file.write(d)

through(s.accept()[0].detach())
copied(os.dup)
copied(lambda fd: os.dup2(fd, 99))
through(s._accept()[0])
in_files()
in_a_raw_file()
s.accept()
"""


def test_a_descriptor_without_its_socket():
    with launch(SERVER + WITHOUT_ITS_SOCKET) as server:
        for _ in range(6):
            told = story(server, talk(server), "close")
            assert told == [("accept", 0), ("receive", 6), ("send", 6), ("receive", 0), ("close", 0)]


def test_a_connection_that_is_handed_on_ends_when_its_new_holder_closes_it():
    """Passed by SCM_RIGHTS, as socket.send_fds() and multiprocessing do."""
    source = SERVER + (
        "a, b = socket.socketpair()\nif os.fork():\n    while True:\n        c, _ = s.accept()\n"
        "        socket.send_fds(a, [b'x'], [c.fileno()])\n        c.close()\n"
        "while True:\n    [fd] = socket.recv_fds(b, 1, 1)[1]\n    c = socket.socket(fileno=fd)\n"
        "    while d := c.recv(100): c.sendall(d)\n    c.close()\n"
    )
    with launch(source) as server:
        told = story(server, talk(server), "close")
        assert told == [("accept", 0), ("receive", 6), ("send", 6), ("receive", 0), ("close", 0)]


def test_a_listener_that_makes_connections_of_its_own():
    """As in a class whose accept() returns objects of its own."""
    source = SERVER + (
        "class Connection(socket.socket): pass\nclass Listener(socket.socket):\n    def accept(self):\n"
        "        fd, peer = self._accept()\n        return Connection(fileno=fd), peer\ns = Listener(fileno=s.detach())\n"
        "while True:\n    with s.accept()[0] as c:\n        while d := c.recv(100): c.sendall(d)\n"
    )
    with launch(source) as server:
        told = story(server, talk(server), "close")
        assert told == [("accept", 0), ("receive", 6), ("send", 6), ("receive", 0), ("close", 0)]
        eventually(lambda: [event for event in server.events() if event.kind == "accept" and event.end is None])


def test_what_is_only_looked_at_counts_when_it_is_taken():
    look = "socket.MSG_PEEK | socket.MSG_DONTWAIT"
    source = SERVER + (
        f"c, _ = s.accept()\nc.recv(100, socket.MSG_PEEK)\nlook = {look}\nb = bytearray(100)\nc.recvfrom(100, look)\n"
        "c.recv_into(b, flags=look)\nc.recvfrom_into(b, 0, look)\nc.recvmsg(100, 0, look)\n"
        "c.recv_into(b, 4)\nc.sendall(c.recv(100, 0))\nc.close()\ns.accept()\n"
    )
    with launch(source) as server, connect(server.address) as client:
        client.sendall(b"hello\n")
        assert client.recv(100) == b"o\n"
        told = story(server, local(client), "close")
        assert told == [("accept", 0), ("receive", 4), ("receive", 2), ("send", 2), ("close", 0)]


def test_a_number_that_was_a_connections_is_a_pipes():
    """A file's close() is C code: the probe sees that this descriptor was closed when the next pipe gets its number."""
    source = SERVER + (
        "fd = s.accept()[0].detach()\nwith open(fd, 'rb', 0) as file: file.read(6)\nr, w = os.pipe()\n"
        "os.write(w, b'x')\nos.read(r, 1)\nos.close(r)\nprint(r == fd, flush=True)\ns.accept()\n"
    )
    with launch(source) as server, connect(server.address) as client:
        client.sendall(b"hello\n")
        eventually(lambda: server.log == "True")
        eventually(lambda: len(events_of(server, "accept", done=False)) == 2)
        assert story(server, local(client), "accept") == [("accept", 0), ("close", 0)]


def test_a_number_that_was_a_connections_is_the_next_ones():
    source = SERVER + "while True:\n    with open(s.accept()[0].detach(), 'rb', 0) as file: file.read(6)\n"
    with launch(source) as server, connect(server.address) as client:
        client.sendall(b"hello\n")
        with connect(server.address):
            assert story(server, local(client), "close") == [("accept", 0), ("close", 0)]


def test_a_read_that_waits_shows_while_it_waits():
    with launch(SERVER + "c, _ = s.accept()\nos.read(c.fileno(), 100)\ns.accept()\n") as server, connect(server.address) as client:
        [now] = eventually(lambda: events_of(server, "receive", done=False))
        assert now.end is None and now.peer == local(client)


def test_a_send_that_waits_shows_while_it_waits():
    with launch(SERVER + "c, _ = s.accept()\nc.sendall(bytes(50_000_000))\ns.accept()\n") as server, connect(server.address) as client:
        [now] = eventually(lambda: events_of(server, "send", done=False))
        assert now.end is None and now.peer == local(client)
        left = 50_000_000
        while left:
            left -= len(client.recv(1 << 20))
        [then] = eventually(lambda: events_of(server, "send"))
        assert then.start == now.start and then.bytes == 50_000_000


def test_a_socket_that_nobody_closes_is_closed_by_the_collector():
    source = SERVER + "while True:\n    c, _ = s.accept()\n    c.sendall(c.recv(100))\n"
    with launch(source) as server:
        first, second = talk(server), talk(server)
        assert story(server, first, "close")[-1] == ("close", 0)
        assert "close" not in [kind for kind, _ in story(server, second, "send")]


def test_exec_closes_what_the_new_program_does_not_inherit():
    source = SERVER + "c, _ = s.accept()\nc.sendall(c.recv(100))\nos.execv('/bin/sleep', ['sleep', '60'])\n"
    with launch(source) as server:
        assert story(server, talk(server), "close")[-1] == ("close", 0)


def test_a_child_whose_standard_input_and_output_are_the_connection(monkeypatch):
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    serve = "import sys\nfor line in sys.stdin:\n    print(line, end='', flush=True)\nprint(type(sys.stdout.buffer).__name__)"
    source = SERVER + (
        f"import subprocess\nfor options in [], ['-u']:\n    c, _ = s.accept()\n"
        f"    subprocess.Popen([sys.executable, *options, '-c', {serve!r}], stdin=c, stdout=c)\n    c.close()\ns.accept()\n"
    )
    with launch(source) as server:
        for number, last_words in enumerate((b"BufferedWriter\n", b"FileIO\n"), 1):
            with connect(server.address) as client:
                me = local(client)
                assert says(client, b"hello") == b"hello"
                client.shutdown(socket.SHUT_WR)
                assert read_all(client) == last_words
            child = eventually(lambda number=number: len(found := events_of(server, "exit")) == number and found[-1].pid)
            events = [event for event in server.events() if event.pid == child and event.kind != "fork"]
            assert [event.bytes for event in events if event.kind == "receive"] == [6, 0]
            assert sum(event.bytes for event in events if event.kind == "send") == 6 + len(last_words)
            assert events.pop().kind == "exit" and {event.peer for event in events} == {me}


def test_exec_ends_what_the_threads_of_the_old_program_are_at():
    source = SERVER + (
        "def become_another(c):\n    c.recv(100)\n    os.execv('/bin/sleep', ['sleep', '60'])\n"
        "threading.Thread(target=threading.Event().wait).start()\n"
        "threading.Thread(target=become_another, args=(s.accept()[0],)).start()\ns.accept()\n"
    )
    with launch(source) as server, connect(server.address) as client:
        eventually(lambda: len(events_of(server, "accept", done=False)) == 2)
        client.sendall(b"now\n")
        eventually(lambda: len(events_of(server, "thread end")) == 2)
        assert [accept.detail for accept in events_of(server, "accept")] == ["", "EINTR"]
        assert not [event for event in server.events() if event.end is None]


@pytest.mark.parametrize("environment", ["None", "{**os.environ}"])
def test_a_program_that_a_function_of_the_script_prepares_is_watched(environment):
    serve = "import socket, sys\nc, _ = socket.socket(fileno=int(sys.argv[1])).accept()\nc.sendall(c.recv(100))\nc.close()"
    source = SERVER + (
        f"import subprocess\nsubprocess.run([sys.executable, '-c', {serve!r}, str(s.fileno())], pass_fds=[s.fileno()],\n"
        f"               preexec_fn=os.setsid, env={environment})\ns.accept()\n"
    )
    with launch(source) as server:
        assert story(server, talk(server), "close") == [("accept", 0), ("receive", 6), ("send", 6), ("close", 0)]
        eventually(lambda: events_of(server, "reap"))
        assert len(events_of(server, "fork")) == 1


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_of_multiprocessing_are_watched(method, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import multiprocessing, socket, sys\n"
        "def serve(s):\n    c, _ = s.accept()\n    c.sendall(c.recv(100))\n    c.close()\n"
        "    s.accept()\n"
        "if __name__ == '__main__':\n"
        f"    multiprocessing.set_start_method({method!r})\n"
        "    s = socket.create_server(('127.0.0.1', 0))\n    child = multiprocessing.Process(target=serve, args=(s,))\n"
        "    child.start()\n    print(child.pid, sys.orig_argv[1:] == sys.argv, flush=True)\n    child.join()\n"
    )
    with launch(script) as server:
        me = talk(server)
        assert story(server, me, "close") == [("accept", 0), ("receive", 6), ("send", 6), ("close", 0)]
        child, same = eventually(lambda: len(words := server.log.split()) == 2 and words, "the parent's line")
        assert {event.pid for event in server.events() if event.peer == me} == {int(child)} and same == "True"
        assert child in [event.detail.split()[0] for event in events_of(server, "fork")]
        family = server.processes()
        assert family[0].pid == server.pid and len(family) >= 2
    assert not any(psutil.pid_exists(process.pid) for process in family)


def test_a_spawned_child_binds_loopback_only(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import multiprocessing as mp, socket\n"
        "def serve(q):\n    try: q.put(socket.create_server(('', 0)).getsockname())\n    except OSError as e: q.put(type(e).__name__)\n"
        "if __name__ == '__main__':\n    mp.set_start_method('spawn')\n    q = mp.Queue()\n"
        "    mp.Process(target=serve, args=(q,)).start()\n"
        "    print(q.get(), flush=True)\n    s = socket.create_server(('127.0.0.1', 0))\n    s.accept()\n"
    )
    with launch(script) as server:
        assert server.log == "PermissionError"


def test_a_supervisor_of_many_children_stays_small():
    """Reading a child's ring touches only the pages that the child has written, and rings are reused."""
    with launch("tcp_fork") as server:
        supervisor = psutil.Process(server.supervisor_pid)

        def rings_in_memory():
            # Not all of the supervisor's memory: it imports psutil at its first idle moment, whenever that is.
            return sum(part.rss for part in supervisor.memory_maps() if ring.NAME in part.path)

        for _ in range(20):
            ask(server.address, b"x")
        eventually(lambda: len(events_of(server, "exit")) == 20)
        before = rings_in_memory()
        for _ in range(200):
            ask(server.address, b"x")
        eventually(lambda: len(events_of(server, "exit")) == 220)
        assert 0 < before and rings_in_memory() - before < 4 << 20  # 200 whole rings would be 26 MB


def test_a_signal_handlers_error_leaves_the_thread_where_it_is(tmp_path):
    source = SERVER + (
        f"u = socket.socket(socket.AF_UNIX)\nu.bind({str(tmp_path / 'u')!r})\nu.listen()\n"  # not for clients: its accept() is not recorded
        "threading.Thread(target=u.accept, daemon=True).start()\nimport signal\n"
        "class Loud(Exception): errno = 'a text'\ndef wake(*_): raise Loud\nsignal.signal(signal.SIGALRM, wake)\n"
        "try: s.accept()\nexcept Loud: print('woken', flush=True)\nsignal.pause()\n"
    )
    with launch(source) as server:
        eventually(lambda: events_of(server, "accept", done=False) and asleep(server.pid))
        os.kill(server.pid, signal.SIGALRM)
        eventually(lambda: server.log == "woken")
        eventually(lambda: [event for event in pauses(server) if event.end is None])  # starting a thread may also be a pause
        assert events_of(server, "accept")[0].detail == "EINTR"
        assert not [event for event in server.events() if event.end is None]
