# Misconception: what is said is a list of words: split() takes it apart, and join() puts it together.
# Fails: broadcast
# Told: blanks are part of what is said
# Changes: chat_asyncio.py
CHANGES = {
    """    tell_room(member, f"SAID {member.name} {text}")
""": """    tell_room(member, f"SAID {member.name} {' '.join(text.split())}")
""",
}
