# Misconception: an answer says that the message has come.
# Fails: answers
# Told: the answer is the same, whatever was sent
import threading
from socket import create_server


def talk(connection):
    with connection:
        while connection.recv(1024):
            connection.sendall(b"Msg received\n")


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
