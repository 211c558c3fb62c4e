# Misconception: the listener belongs to one client, as its connection does, and is closed with it.
# Fails: goes on
# Told: Bad file descriptor
# Changes: the lesson's solution
CHANGES = {"    connection.close()": "    connection.close()\n    listener.close()"}
