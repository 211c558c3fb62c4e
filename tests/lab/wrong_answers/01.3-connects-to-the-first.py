# Misconception: a UDP server calls connect() as soon as it knows a peer. From then on its socket receives only that peer's datagrams.
# Fails: shouts on
# Told: takes this client's datagrams
from socket import AF_INET, SOCK_DGRAM, socket

sock = socket(AF_INET, SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
data, peer = sock.recvfrom(65535)
sock.connect(peer)
while True:
    sock.send(data.upper())
    data = sock.recv(65535)
