# Misconception: one recv() gives one command.
# Fails: lines
# Told: each recv() is taken for a command
# Changes: chat_asyncio.py
CHANGES = {
    """            line = await reader.readuntil()  # raises for a line that is too long, and for the last one if it is not whole
""": """            if not (line := await reader.read(MAX_LINE)):
                break
""",
}
