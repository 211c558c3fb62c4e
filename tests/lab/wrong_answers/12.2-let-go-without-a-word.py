# Misconception: a member that is let go is off the list, and that is all. Nobody tells the room.
# Fails: slow member
# Told: somebody has left, and the room is not told
# Changes: chat_asyncio.py
CHANGES = {
    """                self.writer.transport.abort()
""": """                self.writer.transport.abort()
                del members[self.name]
                self.room = None
""",
}
