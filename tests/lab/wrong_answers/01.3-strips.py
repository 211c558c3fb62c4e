# Misconception: blanks around what comes mean nothing, and an answer ends with a newline of its own.
# Fails: keeps bytes
# Told: got b'1 + 1
# Changes: the lesson's solution
CHANGES = {"data.upper()": 'data.strip().upper() + b"\\n"'}
