# Misconception: one variable for the address is enough. While the answer is computed, another client asks.
# Fails: addresses
# Told: one client's address is kept for another's answer
import select
from socket import SOCK_DGRAM, socket

sock = socket(type=SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
while True:
    asked = [sock.recvfrom(65_535)]
    while select.select([sock], [], [], 0.05)[0]:
        asked.append(sock.recvfrom(65_535))
    peer = asked[-1][1]
    for data, _ in asked:
        sock.sendto(data, peer)
