# Misconception: a connection closes by itself when its thread ends. Nobody closes it, and the list keeps it open for ever.
# Fails: lets a guest go
# Told: some process still holds the connection open
# Changes: the lesson's solution
CHANGES = {
    "number = 0\n": """number = 0
guests = []
""",
    """    with connection, connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(b"guest %d: %b" % (mine, line))
""": """    for line in connection.makefile("rb"):
        connection.sendall(b"guest %d: %b" % (mine, line))
""",
    "listener.accept()\n": """listener.accept()
        guests.append(connection)
""",
}
