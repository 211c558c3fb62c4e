"""wait_until_idle checks every thread of a server, not just the main thread, and checks twice."""

import sys
from types import SimpleNamespace

import pytest

from clients.lab.ui import waiting
from clients.lab.ui.waiting import NotSeen, wait_until_idle
from clients.tcp import ask
from servers import launch

A_THREAD_WORKS = """
import threading
from socket import create_server

def work():
    while not done.is_set():
        pass

done = threading.Event()
listener = create_server(("127.0.0.1", 0))
threading.Thread(target=work, daemon=True).start()
connection, peer = listener.accept()
done.set()
connection.sendall(connection.recv(100))
connection.recv(100)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the state of each thread, proc(5)")
async def test_a_server_with_a_thread_at_work_is_not_idle():
    with launch(A_THREAD_WORKS, name="works") as server:
        with pytest.raises(NotSeen):
            await wait_until_idle(server, seconds=0.5)
        ask(server.address, "stop working")
        await wait_until_idle(server)


async def test_what_has_run_between_two_looks_is_not_idle(monkeypatch):
    """One of many threads may wake another just after that one was checked."""
    ran = iter([1, 2, 3, 3, 3])
    monkeypatch.setattr(waiting.process_tree, "is_idle", lambda pid: True)
    monkeypatch.setattr(waiting.process_tree, "activity", lambda pid: (True, next(ran)))
    await waiting.wait_until_idle(SimpleNamespace(pids=lambda: [1]))
    assert list(ran) == []
