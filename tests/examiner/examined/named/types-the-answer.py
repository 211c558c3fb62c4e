# Misconception: somebody sits at the server and types the answers, as in a chat of two.
# Fails: answers
# Told: waits for somebody to type the answer
import threading
from socket import create_server


def talk(connection):
    with connection:
        while data := connection.recv(1024):
            print("client:", data.decode(), flush=True)
            connection.sendall(input("you: ").encode() + b"\n")


listener = create_server(("127.0.0.1", 0))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=[connection], daemon=True).start()
