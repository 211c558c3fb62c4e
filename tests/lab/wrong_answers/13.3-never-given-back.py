# Misconception: a semaphore counts by itself. Nobody gives a place back.
# Fails: serves forty in the end
# Told: 40 clients are connected and ask: within 5 s
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
""",
}
