# Misconception: any concurrency will do. Threads answer all clients too, but in one process, not one per client.
# Fails: has a process for each
# Told: the parent itself answered one of the clients
import threading
from socket import create_server


def converse(connection):
    with connection:
        try:
            while data := connection.recv(1024):
                print("it says:", data.decode().rstrip(), flush=True)
                connection.sendall(data)
        except ConnectionError:
            print("it broke off", flush=True)


listener = create_server(("127.0.0.1", 0))
try:
    while True:
        connection, peer = listener.accept()
        threading.Thread(target=converse, args=[connection], daemon=True).start()
finally:
    print("good night")
