# Misconception: datagrams are the pieces of a stream of text: the rest of a line comes with the next one.
# Fails: datagrams, binary
# Told: the server waits for a newline, and keeps what came until then
from socket import SOCK_DGRAM, socket

sock = socket(type=SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
pending = ""
while True:
    data, peer = sock.recvfrom(65_535)
    pending += data.decode()
    while "\n" in pending:
        line, _, pending = pending.partition("\n")
        sock.sendto(f"{line}\n".encode(), peer)
