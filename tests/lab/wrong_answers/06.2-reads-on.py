# The thread is enough: the handler reads on, and the loop is inside it until the client leaves.
# Fails: ends
# Told: Who waits for whom?
# Changes: the lesson's solution
CHANGES = {
    """                return
            self.wfile.write(line)
""": """            else:
                self.wfile.write(line)
""",
}
