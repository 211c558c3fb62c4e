# Misconception: only making the answer belongs in the loop; the server may end after one datagram.
# Fails: shouts on
# Told: Your server has exited with code 0
from socket import AF_INET, SOCK_DGRAM, socket

sock = socket(AF_INET, SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
data, peer = sock.recvfrom(65535)
sock.sendto(data.upper(), peer)
