# Misconception: it is clear what the answer is, and a few words before it do no harm.
# Fails: answers
# Told: what was sent is in the answer, but not alone
from socket import SOCK_DGRAM, socket

sock = socket(type=SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
while True:
    data, peer = sock.recvfrom(65_535)
    sock.sendto(b"received: " + data, peer)
