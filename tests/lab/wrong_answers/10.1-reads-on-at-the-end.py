# Misconception: only a dot ends a mail; a client that breaks off sends no more lines.
# Fails: answers the envelope
# Told: after DATA the client broke off, and the server does not come to rest
# Changes: the lesson's solution
CHANGES = {
    """        while line := self.rfile.readline():
            line = line.decode().rstrip("\\r\\n")
            if line == ".":""": """        while True:
            line = self.rfile.readline().decode().rstrip("\\r\\n")
            if line == ".":""",
}
