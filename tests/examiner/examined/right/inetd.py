# Another program per client, as in inetd(8): `cat` reads from the connection, and writes to it.
import signal
import subprocess
from socket import create_server

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = create_server(("127.0.0.1", 0))
while True:
    with listener.accept()[0] as connection:
        subprocess.Popen(["cat"], stdin=connection, stdout=connection, stderr=subprocess.DEVNULL)
