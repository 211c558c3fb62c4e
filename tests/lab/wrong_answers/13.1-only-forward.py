# Misconception: numbers only grow. A payment whose first datagram got lost comes after the next one.
# Fails: knows late repeats
# Told: came only then: sent
# Changes: the lesson's solution
CHANGES = {
    """        if (peer, number) not in answers:
""": """        if int(number) > max((int(last) for who, last in answers if who == peer), default=-1):
""",
    "        sock.sendto(answers[peer, number], peer)\n": "        if (peer, number) in answers:\n            sock.sendto(answers[peer, number], peer)\n",
}
