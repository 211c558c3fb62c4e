# Misconception: a datagram that comes is a payment that was made. It may be the same one, sent again.
# Fails: counts a repeated payment once
# Told: sent it again, and was told
from socket import AF_INET, SOCK_DGRAM, socket

total = 0
with socket(AF_INET, SOCK_DGRAM) as sock:
    sock.bind(("127.0.0.1", 0))
    while True:
        data, peer = sock.recvfrom(65_535)
        try:
            number, amount, note = data.split(maxsplit=2)
            amount = int(amount)
        except ValueError:
            continue
        total += amount
        sock.sendto(b"%s %d %s" % (number, total, note), peer)
