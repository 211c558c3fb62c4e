# Misconception: who sends nonsense is told so: an answer to what nobody asked.
# Fails: survives what is no payment
# Told: Ben sent what is no payment, and was answered 'error'
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
            sock.sendto(b"error", peer)
            continue
        if (peer, number) not in answers:
            total += amount
            answers[peer, number] = b"%s %d %s" % (number, total, note)
        sock.sendto(answers[peer, number], peer)
