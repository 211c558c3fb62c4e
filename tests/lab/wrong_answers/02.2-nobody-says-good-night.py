# A child that exits says no good night where nobody does: the `finally` is gone, and Ctrl-C ends the parent without a word.
# Fails: the parent says good night
# Told: was said 0 times
# Changes: the lesson's solution
CHANGES = {
    """try:
    while True:
        connection, peer""": """if True:
    while True:
        connection, peer""",
    """finally:
    print("good night")
""": """print("good night")
""",
}
