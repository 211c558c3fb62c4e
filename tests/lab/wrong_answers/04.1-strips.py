# Misconception: strip() takes the newline off, and blanks with it.
# Fails: answers backwards
# Told: expected 'b a ', got 'b a'
# Changes: the lesson's solution
CHANGES = {"line[::-1]": "line.strip()[::-1]"}
