# Misconception: only the last payment can be repeated. A datagram may be late.
# Fails: knows late repeats
# Told: sent it again, and was told
from socket import AF_INET, SOCK_DGRAM, socket

total = 0
answers = {}
with socket(AF_INET, SOCK_DGRAM) as sock:
    sock.bind(("127.0.0.1", 0))
    while True:
        data, peer = sock.recvfrom(65_535)
        try:
            number, amount, note = data.split(maxsplit=2)
            amount = int(amount)
        except ValueError:
            continue
        if peer not in answers or answers[peer][0] != number:
            total += amount
            answers[peer] = number, b"%s %d %s" % (number, total, note)
        sock.sendto(answers[peer][1], peer)
