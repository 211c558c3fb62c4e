# Misconception: datagrams are gathered as a stream is. What came before stands in the next answer, too.
# Fails: answers
# Told: the answer is not the datagram that was sent
from socket import AF_INET, SOCK_DGRAM, socket

sock = socket(AF_INET, SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
gathered = b""
while True:
    data, peer = sock.recvfrom(65_535)
    gathered += data
    sock.sendto(gathered, peer)
