# Misconception: any change of case will do.
# Fails: shouts
# Told: sent 'hello', expected 'HELLO', got 'Hello'
# Changes: the lesson's solution
CHANGES = {"upper": "title"}
