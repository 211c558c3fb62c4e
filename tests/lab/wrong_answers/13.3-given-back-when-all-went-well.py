# Misconception: the last line of a conversation is always reached. A client that breaks off takes its place along.
# Fails: goes on afterwards
# Told: clients were answered and broke off; the next one asked, and had no answer
# Changes: the lesson's solution
CHANGES = {
    """    try:
        with connection, connection.makefile("rb") as lines:
            for line in lines:
                connection.sendall(line)
    finally:
        room.release()
""": """    with connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(line)
    room.release()
""",
}
