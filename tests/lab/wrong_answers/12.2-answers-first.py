# Misconception: the answer is for the one who asks; the others hear of it in their turn, from a task that tells one after the other.
# Fails: order
# Told: the answer is sent first, and the news of it afterwards
# Changes: chat_asyncio.py
CHANGES = {
    """    tell_room(member, f"SAID {member.name} {text}")
""": """    asyncio.create_task(tell_in_turn(member, f"SAID {member.name} {text}"))
""",
    """def leave_room(member):
""": """async def tell_in_turn(member, line):
    for one in list(members.values()):
        if one.room == member.room and one is not member:
            one.tell(line)
            await asyncio.sleep(0.01)


def leave_room(member):
""",
}
