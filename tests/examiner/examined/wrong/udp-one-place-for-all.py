# Misconception: what recvfrom_into() has put into the buffer stays there until it is answered.
# Fails: addresses
# Told: the next datagram overwrites the last one before it is answered
import threading
import time
from socket import SOCK_DGRAM, socket

sock = socket(type=SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
buffer = bytearray(65_535)


def answer(size, peer):
    time.sleep(0.01)  # it is looked up
    sock.sendto(buffer[:size], peer)


while True:
    threading.Thread(target=answer, args=sock.recvfrom_into(buffer), daemon=True).start()
