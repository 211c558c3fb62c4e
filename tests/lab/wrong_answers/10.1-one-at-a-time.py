# Misconception: a mail is short: one client at a time is enough.
# Fails: serves beside an unfinished mail
# Told: connected, expected an answer with 220; none came
# Changes: the lesson's solution
CHANGES = {
    'with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:':
    'with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:',
}
