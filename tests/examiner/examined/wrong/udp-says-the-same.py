# Misconception: an answer says that the message has come.
# Fails: answers
# Told: the answer is the same, whatever was sent
from socket import SOCK_DGRAM, socket

sock = socket(type=SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
while True:
    _, peer = sock.recvfrom(65_535)
    sock.sendto(b"Hello UDP client", peer)
