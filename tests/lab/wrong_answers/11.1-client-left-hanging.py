# Misconception: without a server there is nothing to do. The client waits for an end that nobody gives it.
# Fails: takes back
# Told: its connection is still open
# Changes: the lesson's solution
CHANGES = {
    """turn = itertools.cycle(range(len(servers)))

""": """turn = itertools.cycle(range(len(servers)))

waiting = []

""",
    """    with client:
        server = connect(first)
        if server is None:
            return
""": """    server = connect(first)
    if server is None:
        waiting.append(client)
        return
    with client:
""",
}
