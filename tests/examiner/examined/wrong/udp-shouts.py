# Misconception: a server has to do something to a message, as the homework's example does.
# Fails: answers
# Told: upper(), lower() or something like them
from socket import SOCK_DGRAM, socket

sock = socket(type=SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
while True:
    data, peer = sock.recvfrom(65_535)
    sock.sendto(data.upper(), peer)
