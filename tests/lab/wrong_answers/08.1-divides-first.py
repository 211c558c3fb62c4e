# Misconception: a product is the same in any order. 28 / 100 * 25 is a little more than 7, and rounded up it is 8.
# Fails: of any number
# Told: sent 'p 28', expected '7', got '8'
# Changes: the lesson's solution
CHANGES = {"float(percent) * len(latencies) / 100": "float(percent) / 100 * len(latencies)"}
