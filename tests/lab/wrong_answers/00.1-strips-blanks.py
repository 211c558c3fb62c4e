# Misconception: strip() takes off the newline only.
# Fails: keeps blanks
# Told: sent ' a b ', expected '5', got '3'
# Changes: the lesson's solution
CHANGES = {r'rstrip("\n")': "strip()"}
