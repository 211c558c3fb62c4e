# Misconception: all children share a file, so nothing is lost. Between reading and writing, another child has read.
# Fails: state
# Told: two changed the number at once
import os
import signal
import tempfile
from pathlib import Path
from socket import create_server

number = Path(tempfile.mkdtemp(), "number")
number.write_text("0")


def answer(line):
    if line != b"count\n":
        return line
    new = int(number.read_text() or 0) + 1
    number.write_text(str(new))
    return b"%d\n" % new


signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    if os.fork() == 0:
        try:
            listener.close()
            for line in connection.makefile("rb"):
                connection.sendall(answer(line))
        finally:
            os._exit(0)
    connection.close()
