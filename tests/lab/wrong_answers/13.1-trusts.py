# Misconception: all that comes is a payment. The first other datagram ends the server.
# Fails: survives what is no payment
# Told: ValueError: not enough values to unpack
from socket import AF_INET, SOCK_DGRAM, socket

total = 0
answers = {}
with socket(AF_INET, SOCK_DGRAM) as sock:
    sock.bind(("127.0.0.1", 0))
    while True:
        data, peer = sock.recvfrom(65_535)
        number, amount, note = data.split(maxsplit=2)
        amount = int(amount)
        if (peer, number) not in answers:
            total += amount
            answers[peer, number] = b"%s %d %s" % (number, total, note)
        sock.sendto(answers[peer, number], peer)
