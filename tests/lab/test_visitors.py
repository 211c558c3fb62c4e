"""The clinic's visitors: each returns once the server has handled it, and reports what it received."""

from clients.lab import ask_and_never_read, fetch_late, leave_early, send_in_pieces, visit
from servers import launch

PIECES = """
import contextlib
from socket import create_server
listener = create_server(("127.0.0.1", 0))
while True:
    connection, peer = listener.accept()
    with connection, contextlib.suppress(ConnectionError):  # a visitor that leaves early may reset the connection
        while data := connection.recv(1024):
            print("came", len(data), flush=True)
            connection.sendall(data.replace(b"\\n", b"|\\n"))
"""
FILE = """
from socket import create_server
listener = create_server(("127.0.0.1", 0))
while True:
    connection, peer = listener.accept()
    with connection:
        connection.sendall(bytes(100_000))
"""


async def test_pieces_stay_apart_and_visitors_are_served_when_they_have_gone():
    with launch(PIECES, name="pieces") as server:
        assert await send_in_pieces(server, b"on", b"e\n") == "one|\n"
        assert server.log.split("\n")[:2] == ["came 2", "came 2"]
        await visit(server, 2)
        await leave_early(server, 2)
        assert server.log.count("came 6") == 4
        silent = await ask_and_never_read(server, 3, "ab\n")
        assert silent.recv(100)[:4] == b"ab|\n"
        silent.close()


async def test_a_late_reader_gets_what_was_sent_meanwhile():
    with launch(FILE, name="file") as server:
        assert await fetch_late(server) == 100_000
