# readlines() returns when the client has left, and then it is too late for an answer.
# Fails: counts
# Told: waits for more from it
# Changes: the lesson's solution
CHANGES = {"in self.rfile:": "in self.rfile.readlines():"}
