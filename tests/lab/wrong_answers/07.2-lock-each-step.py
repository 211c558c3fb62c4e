# Locks the reading and the writing, each by itself: another thread comes in between.
# Fails: counts fifty
# Told: some were told the same number
# Changes: the lesson's solution
CHANGES = {
    """                number = self.server.book.read() + 1
""": """                number = self.server.book.read() + 1
            with self.server.lock:
""",
}
