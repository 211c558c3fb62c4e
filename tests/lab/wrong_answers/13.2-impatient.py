# Misconception: who does not read at once is gone.
# Fails: gives large files whole
# Told: a part of it came, and then the end of the connection
# Changes: the lesson's solution
CHANGES = {
    """            connection.sendall(b"x" * int(line) + b"\\n")
""": """            connection.settimeout(0.2)
            connection.sendall(b"x" * int(line) + b"\\n")
            connection.settimeout(60)
""",
}
