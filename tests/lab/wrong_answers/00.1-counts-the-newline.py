# Misconception: a line that was read has lost its newline already.
# Fails: counts
# Told: sent 'hello', expected '5', got '6'
# Changes: the lesson's solution
CHANGES = {r'.rstrip("\n")': ""}
