"""The smallest server that can say hello, to measure the time to its first answer: python hello.py PORT"""

import socket
import sys

with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    while True:
        connection, peer = listener.accept()
        with connection:
            while data := connection.recv(4096):
                connection.sendall(data)
