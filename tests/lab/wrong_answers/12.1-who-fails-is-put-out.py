# Misconception: who cannot be told has left, and so the speaker's loop may end with an error: the thread of the speaker ends.
# Fails: outlives a listener
# Told: dora came first, and has left
# Changes: the lesson's solution
CHANGES = {
    r"""    try:
        members[name].sendall(line.encode() + b"\n")
    except (KeyError, OSError):   # gone meanwhile; its own thread notices, too
        pass
""": r"""    members[name].sendall(line.encode() + b"\n")
""",
    """        if members.get(name) is connection:
            del members[name]
""": """        pass
""",
}
