# Misconception: send_error() ends the method. It only sends an answer, and a second one follows.
# Fails: finds nothing else
# Told: and then a second answer: 'HTTP/1.0 200 OK'
# Changes: the lesson's solution
CHANGES = {"            return\n": ""}
