# Misconception: as after a fork, the caller has a copy to close. But it closes the guest's own connection, perhaps before the thread begins.
# Fails: answers all who come at once
# Told: the threads of the server paused
# Changes: the lesson's solution
CHANGES = {"daemon=True).start()": "daemon=True).start()\n        connection.close()"}
