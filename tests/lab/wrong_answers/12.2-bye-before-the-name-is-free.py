# Misconception: BYE is a goodbye; what is to be cleaned up is cleaned up when the connection has ended, and the goodbye has arrived.
# Fails: leaving
# Told: BYE goes out before the name is free
# Changes: chat_threads.py
CHANGES = {
    """    if text == "QUIT":
        leave(member)
""": """    if text == "QUIT":
""",
    """        with lock:
            leave(member)
        member.outgoing.put(None)
        writer.join(5)
        hang_up(connection)
""": """        member.outgoing.put(None)
        writer.join(5)
        hang_up(connection)
        threading.Event().wait(0.2)
        with lock:
            leave(member)
""",
}
