# Misconception: only the last payment can be repeated. A datagram may be late.
# Fails: knows late repeats
# Told: sent it again, and was told
# Changes: the lesson's solution
CHANGES = {
    """        if (peer, number) not in answers:
            total += amount
            answers[peer, number] = b"%s %d %s" % (number, total, note)
        sock.sendto(answers[peer, number], peer)
""": """        if peer not in answers or answers[peer][0] != number:
            total += amount
            answers[peer] = number, b"%s %d %s" % (number, total, note)
        sock.sendto(answers[peer][1], peer)
""",
}
