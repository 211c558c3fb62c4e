# Misconception: a repeat is answered with the total as it is now. The client would be told another answer than the first time.
# Fails: knows late repeats
# Told: sent it again, and was told
# Changes: the lesson's solution
CHANGES = {
    """            answers[peer, number] = b"%s %d %s" % (number, total, note)
        sock.sendto(answers[peer, number], peer)
""": """            answers[peer, number] = True
        sock.sendto(b"%s %d %s" % (number, total, note), peer)
""",
}
