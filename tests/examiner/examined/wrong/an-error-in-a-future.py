# Misconception: an error in a pool's thread appears in the log.
# Fails: answers
# Told: through an error that nothing shows
from concurrent.futures import ThreadPoolExecutor
from socket import create_server


def talk(connection):
    with connection:
        while data := connection.recv(4096):
            connection.sendall("echo: " + data)


server = create_server(("127.0.0.1", 0))
pool = ThreadPoolExecutor(50)
while True:
    connection, address = server.accept()
    pool.submit(talk, connection)
