# Misconception: the host says which client it is. Two programs on one host have the same.
# Fails: keeps clients apart
# Told: both have paid
# Changes: the lesson's solution
CHANGES = {
    """        if (peer, number) not in answers:
            total += amount
            answers[peer, number] = b"%s %d %s" % (number, total, note)
        sock.sendto(answers[peer, number], peer)
""": """        if (peer[0], number) not in answers:
            total += amount
            answers[peer[0], number] = b"%s %d %s" % (number, total, note)
        sock.sendto(answers[peer[0], number], peer)
""",
}
