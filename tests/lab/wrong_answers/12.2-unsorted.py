# Misconception: the order in which they came is the order of WHO.
# Fails: rooms
# Told: the names after HERE are not sorted
# Changes: chat_asyncio.py
CHANGES = {
    "*sorted(one.name for one in members.values() if one.room == member.room)": "*(one.name for one in members.values() if one.room == member.room)",
}
