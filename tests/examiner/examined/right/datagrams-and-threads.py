# UDP: a thread per datagram.
import threading
from socket import SOCK_DGRAM, socket

sock = socket(type=SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
while True:
    threading.Thread(target=sock.sendto, args=sock.recvfrom(65_535)).start()
