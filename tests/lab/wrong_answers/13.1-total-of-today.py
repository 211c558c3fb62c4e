# Misconception: a repeat is answered with the total as it is now. The client would be told another answer than the first time.
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
        if (peer, number) not in answers:
            total += amount
            answers[peer, number] = True
        sock.sendto(b"%s %d %s" % (number, total, note), peer)
