# Misconception: the datagram received last is still there when the next one comes, and is the one that is sent back.
# Fails: answers
# Told: the answer is not the datagram that was sent
from socket import SOCK_DGRAM, socket

sock = socket(type=SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
data = b""
while True:
    before, (data, peer) = data, sock.recvfrom(65_535)
    sock.sendto(before, peer)
