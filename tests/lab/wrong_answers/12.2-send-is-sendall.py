# Misconception: send() sends all of it, also where it must not wait.
# Fails: slow member
# Told: the rest was never sent
# Changes: chat_selectors.py
CHANGES = {
    """                del self.unsent[: self.connection.send(self.unsent[:65_536])]
""": """                self.connection.send(self.unsent)
                self.unsent.clear()
""",
}
