# Misconception: everybody is in the room.
# Fails: broadcast
# Told: it is sent to all members, whatever room they are in
# Changes: chat_asyncio.py
CHANGES = {
    """    tell_room(member, f"SAID {member.name} {text}")
""": """    for one in list(members.values()):
        if one is not member:
            one.tell(f"SAID {member.name} {text}")
""",
}
