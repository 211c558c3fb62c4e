# At most three children, each for one visit. The kernel reaps them, so the process table hardly shows one computing.
import os
import signal
from socket import create_server

from servers import app

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
place, given_back = os.pipe()
os.write(given_back, b"...")
listener = create_server(("127.0.0.1", 0))
while True:
    os.read(place, 1)
    connection, peer = listener.accept()
    if os.fork() == 0:
        try:
            app.converse(connection)
        finally:
            os.write(given_back, b".")
            os._exit(0)
    connection.close()
