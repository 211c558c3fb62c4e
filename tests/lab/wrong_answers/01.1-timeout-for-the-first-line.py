# Misconception: only a client's first line may be late. One that falls silent later holds the loop.
# Fails: survives
# Told: 5 s later it was still connected
# Changes: the lesson's solution
CHANGES = {"connection.sendall(data)": "connection.sendall(data)\n                    connection.settimeout(None)"}
