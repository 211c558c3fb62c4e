# Misconception: each request has an empty line; a client that breaks off sends no more lines.
# Fails: reads to the empty line
# Told: broke off before the empty line, and the server does not come to rest
# Changes: the lesson's solution
CHANGES = {
    "while self.rfile.readline().strip():": 'while self.rfile.readline() != b"\\r\\n":',
}
