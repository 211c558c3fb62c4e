# Misconception: a client that sends no UTF-8 has no business here.
# Fails: lines
# Told: bytes that are not UTF-8 raise UnicodeDecodeError
# Changes: chat_asyncio.py
CHANGES = {
    """    try:
        text = line.decode()
    except UnicodeDecodeError:
        return "NO text"
""": """    text = line.decode()
""",
}
