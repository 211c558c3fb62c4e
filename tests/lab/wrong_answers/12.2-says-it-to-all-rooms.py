# Misconception: everybody is in the room.
# Fails: rooms
# Told: it is sent to all members, whatever room they are in
# Changes: chat_asyncio.py
CHANGES = {
    """        if one.room == member.room and one is not member:
            one.tell(line)
""": """        if one.room and one is not member:
            one.tell(line)
""",
}
