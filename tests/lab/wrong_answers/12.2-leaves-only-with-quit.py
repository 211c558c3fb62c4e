# Misconception: a member leaves with QUIT. Most clients just go.
# Fails: names
# Told: the name of one who has left is not free again
# Changes: chat_asyncio.py
CHANGES = {
    """    finally:
        leave(member)
""": """    finally:
""",
}
