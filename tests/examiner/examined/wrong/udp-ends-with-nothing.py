# Misconception: no bytes mean that the client has left. Over UDP they are an empty datagram.
# Fails: empty
# Told: an empty datagram is taken for the end
from socket import SOCK_DGRAM, socket

sock = socket(type=SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
data = True
while data:
    data, peer = sock.recvfrom(65_535)
    sock.sendto(data, peer)
