# Misconception: 1,024 bytes are plenty, as with TCP. What does not fit is thrown away.
# Fails: takes long notes
# Told: 26 for noodles noodles
from socket import AF_INET, SOCK_DGRAM, socket

total = 0
answers = {}
with socket(AF_INET, SOCK_DGRAM) as sock:
    sock.bind(("127.0.0.1", 0))
    while True:
        data, peer = sock.recvfrom(1024)
        try:
            number, amount, note = data.split(maxsplit=2)
            amount = int(amount)
        except ValueError:
            continue
        if (peer, number) not in answers:
            total += amount
            answers[peer, number] = b"%s %d %s" % (number, total, note)
        sock.sendto(answers[peer, number], peer)
