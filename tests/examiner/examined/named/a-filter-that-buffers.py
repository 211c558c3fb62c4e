# Misconception: a program writes each line at once.
# Fails: answers
# Told: another program has the connection, and keeps its answer in a buffer
import subprocess
import threading
from socket import create_server


def talk(connection):
    with connection:
        subprocess.run(["tr", "a", "a"], stdin=connection, stdout=connection)


with create_server(("127.0.0.1", 0), backlog=128) as listener:
    while True:
        connection, address = listener.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
