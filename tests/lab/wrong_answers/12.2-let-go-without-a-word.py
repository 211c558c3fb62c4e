# Misconception: a member that is let go is off the list, and that is all. Nobody tells the room.
# Fails: slow member
# Told: who is let go has left, and the room is told
# Changes: chat_asyncio.py
CHANGES = {
    """                self.writer.transport.abort()
""": """                self.writer.transport.abort()
                del members[self.name]
                self.room = None
""",
}
