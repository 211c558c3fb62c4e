# Misconception: the end of a connection passes by itself. Each of the two connections has to be told.
# Fails: passes the end on
# Told: the answer's end did not come
# Changes: the lesson's solution
CHANGES = {
    "target.shutdown(socket.SHUT_WR)": "pass",
}
