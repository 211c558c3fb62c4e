# Misconception: a name that leaves may be deleted. It may belong to another connection by now.
# Fails: knows the new one
# Told: his first connection has ended
# Changes: the lesson's solution
CHANGES = {
    """        if members.get(name) is connection:
            del members[name]
""": """        members.pop(name, None)
""",
}
