# Misconception: what is known need not be answered. Then a client whose answer was lost asks for ever.
# Fails: counts a repeated payment once
# Told: 20 two teas', and had no answer
# Changes: the lesson's solution
CHANGES = {
    """            total += amount
            answers[peer, number] = b"%s %d %s" % (number, total, note)
        sock.sendto(answers[peer, number], peer)
""": """            answers[peer, number] = True
            total += amount
            sock.sendto(b"%s %d %s" % (number, total, note), peer)
""",
}
