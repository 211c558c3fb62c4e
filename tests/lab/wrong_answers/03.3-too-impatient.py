# Misconception: the shorter the timeout, the better. A client that thinks for a moment is thrown out.
# Fails: is not too impatient
# Told: silent for 0.2 s, then sent '5'
# Changes: the lesson's solution
CHANGES = {
    """            connection.sendall(b"%d\\n" % (int(line) ** 2))
""": """            connection.sendall(b"%d\\n" % (int(line) ** 2))
            connection.settimeout(0.15)
""",
}
