# Misconception: any concurrency will do. A thread for each client may block as long as it likes, but there are as many as clients.
# Fails: echoes to a crowd alone
# Told: threads; one of each is enough
# Changes: 01.1-a-thread-each.py
CHANGES = {}
