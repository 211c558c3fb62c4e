# Misconception: the host says which client it is. Two programs on one host have the same.
# Fails: keeps clients apart
# Told: answered with what Ann paid
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
        if (peer[0], number) not in answers:
            total += amount
            answers[peer[0], number] = b"%s %d %s" % (number, total, note)
        sock.sendto(answers[peer[0], number], peer)
