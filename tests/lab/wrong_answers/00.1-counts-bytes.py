# Misconception: the length of a bytes object is the number of its characters.
# Fails: counts characters
# Told: sent '你好', expected '2', got '6'
# Changes: the lesson's solution
CHANGES = {r'line.decode().rstrip("\n")': r'line.rstrip(b"\n")'}
