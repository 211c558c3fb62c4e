# Misconception: a server that does not accept is gone for good. Nobody puts it back into the list.
# Fails: takes back
# Told: before it answered 'who'
# Changes: the lesson's solution
CHANGES = {
    """            pass
""": """            servers.remove(address)
""",
}
