# Misconception: the number alone says which payment it is. Two clients begin at 1 both.
# Fails: keeps clients apart
# Told: both have paid
# Changes: the lesson's solution
CHANGES = {
    """        if (peer, number) not in answers:
            total += amount
            answers[peer, number] = b"%s %d %s" % (number, total, note)
        sock.sendto(answers[peer, number], peer)
""": """        if number not in answers:
            total += amount
            answers[number] = b"%s %d %s" % (number, total, note)
        sock.sendto(answers[number], peer)
""",
}
