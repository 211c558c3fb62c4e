# Misconception: an answer is a text; the client sees where it ends.
# Fails: answers the envelope
# Told: after b'220 ready' no newline came
# Changes: the lesson's solution
CHANGES = {'words.encode() + b"\\r\\n"': "words.encode()"}
