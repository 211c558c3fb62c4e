# Misconception: what is known need not be answered. Then a client whose answer was lost asks for ever.
# Fails: counts a repeated payment once
# Told: 20 two teas', and had no answer
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
        if (peer, number) not in answers:
            answers[peer, number] = True
            total += amount
            sock.sendto(b"%s %d %s" % (number, total, note), peer)
