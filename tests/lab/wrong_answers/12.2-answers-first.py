# Misconception: the answer is for the one who asks, so it goes out first; the others hear of it in their turn.
# Fails: order
# Told: the answer is sent first, and the news of it afterwards
# Changes: chat_asyncio.py
CHANGES = {
    """    members[name].tell(f"TOLD {member.name} {text}")
""": """    asyncio.get_running_loop().call_soon(members[name].tell, f"TOLD {member.name} {text}")
""",
    """    tell_room(member, f"SAID {member.name} {text}")
""": """    asyncio.get_running_loop().call_soon(tell_room, member, f"SAID {member.name} {text}")
""",
}
