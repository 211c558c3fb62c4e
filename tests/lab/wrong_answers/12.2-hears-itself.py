# Misconception: the speaker is in the room, and hears what is said there.
# Fails: broadcast
# Told: goes to the one who said it
# Changes: chat_asyncio.py
CHANGES = {
    """    tell_room(member, f"SAID {member.name} {text}")
""": """    tell_room(member, f"SAID {member.name} {text}")
    member.tell(f"SAID {member.name} {text}")
""",
}
