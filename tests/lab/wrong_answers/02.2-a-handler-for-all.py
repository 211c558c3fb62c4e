# Misconception: a signal handler belongs to the parent. Each child inherits it, and Ctrl-C reaches the children, too.
# Fails: the parent says good night
# Told: Ctrl-C came while a client was connected, and 'good night' was said 2 times
# Changes: the lesson's solution
CHANGES = {
    """listener = create_server(("127.0.0.1", 0))
try:
""": """def night(*_):
    print("good night", flush=True)
    os._exit(0)

signal.signal(signal.SIGINT, night)
listener = create_server(("127.0.0.1", 0))
try:
""",
}
