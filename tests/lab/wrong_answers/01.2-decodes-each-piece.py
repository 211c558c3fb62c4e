# Misconception: what recv() returns is text. A piece may end in the middle of a character.
# Fails: keeps characters
# Told: UnicodeDecodeError
# Changes: the lesson's solution
CHANGES = {"data.upper()": "data.decode().upper().encode()"}
