# Misconception: only a client's first line may be late. One that falls silent later holds the loop.
# Fails: survives
# Told: The server has not accepted this client yet
# Changes: the lesson's solution
CHANGES = {"connection.sendall(data)": "connection.sendall(data)\n                    connection.settimeout(None)"}
