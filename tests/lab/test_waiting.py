"""wait_until_idle looks at every thread of a server, not at its main thread alone."""

import sys

import pytest

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
