# Misconception: Python closes what nobody uses any more: but only when the next client has come.
# Fails: ends the connection
# Told: It did not come
# Changes: the lesson's solution
CHANGES = {"    connection.close()\n": ""}
