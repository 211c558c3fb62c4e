# Misconception: no room: the newcomer is sent away, and not kept waiting.
# Fails: serves forty in the end
# Told: some of them lost their connection
# Changes: the lesson's solution
CHANGES = {
    """        room.acquire()
        connection, peer = listener.accept()
""": """        connection, peer = listener.accept()
        if not room.acquire(blocking=False):
            connection.close()
            continue
""",
}
