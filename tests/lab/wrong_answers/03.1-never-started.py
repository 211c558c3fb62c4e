# Misconception: making a thread starts it.
# Fails: greets one
# Told: has accepted this client, and has not read
# Changes: the lesson's solution
CHANGES = {"daemon=True).start()": "daemon=True)"}
