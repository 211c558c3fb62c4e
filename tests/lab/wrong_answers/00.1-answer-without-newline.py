# Misconception: the client sees by itself where the answer ends.
# Fails: counts
# Told: the answer has no newline at its end
# Changes: the lesson's solution
CHANGES = {r'b"%d\n"': 'b"%d"'}
