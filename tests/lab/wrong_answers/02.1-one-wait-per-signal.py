# Misconception: there is one signal for each child that ends. Signals of one kind do not queue.
# Fails: leaves no zombies
# Told: zombies, 0 other children
# Changes: the lesson's solution
CHANGES = {
    """signal.signal(signal.SIGCHLD, signal.SIG_IGN)
""": """def reap(signal_number, frame):
    os.waitpid(-1, os.WNOHANG)

signal.signal(signal.SIGCHLD, reap)
""",
}
