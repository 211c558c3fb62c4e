# Misconception: a datagram is text.
# Fails: binary
# Told: bytes are taken for text
from socket import SOCK_DGRAM, socket

sock = socket(type=SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
while True:
    data, peer = sock.recvfrom(65_535)
    try:
        sock.sendto(data.decode().encode(), peer)
    except UnicodeDecodeError:
        sock.sendto(b"not text", peer)
