# Misconception: swapcase() makes capitals.
# Fails: goes on
# Told: expected 'TWO', got 'tWO'
# Changes: the lesson's solution
CHANGES = {"upper()": "swapcase()"}
