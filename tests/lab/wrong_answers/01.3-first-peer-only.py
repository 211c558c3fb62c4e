# Misconception: a UDP server has "its" client, as a connection does, so the first peer gets all the answers.
# Fails: shouts on
# Told: Ann: no answer to 'one'
from socket import AF_INET, SOCK_DGRAM, socket

sock = socket(AF_INET, SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
first = None
while True:
    data, peer = sock.recvfrom(65535)
    first = first or peer
    sock.sendto(data.upper(), first)
