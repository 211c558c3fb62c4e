# Misconception: what does not fit into recvfrom() comes with the next call. The rest of a datagram is lost.
# Fails: big datagram
# Told: recvfrom() takes as many bytes as it is told
from socket import SOCK_DGRAM, socket

sock = socket(type=SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
while True:
    data, peer = sock.recvfrom(8192)
    sock.sendto(data, peer)
