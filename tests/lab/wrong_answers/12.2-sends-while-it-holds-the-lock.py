# Misconception: sendall() sends, and goes on. To one who does not read it waits, here with the lock in hand.
# Fails: slow member
# Told: waits in send() for a member who does not read
# Changes: chat_threads.py
CHANGES = {
    """        self.waiting += len(data)
        if self.waiting > MAX_WAITING:
            hang_up(self.connection)
        else:
            self.outgoing.put(data)
""": """        try:
            self.connection.sendall(data)
        except OSError:
            hang_up(self.connection)
""",
}
