# Misconception: to be in a room is to be in its list; the old one need not know.
# Fails: rooms
# Told: a member who joins another room is still in the first one
# Changes: chat_asyncio.py
CHANGES = {
    """    leave_room(member)
    member.room = room
""": """    member.room = room
""",
}
