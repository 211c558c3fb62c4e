# Misconception: any change of case will do.
# Fails: shouts
# Told: sent 'hello', expected 'HELLO', got 'Hello'
from socket import AF_INET, SOCK_DGRAM, socket

sock = socket(AF_INET, SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
while True:
    data, peer = sock.recvfrom(65535)
    sock.sendto(data.title(), peer)
