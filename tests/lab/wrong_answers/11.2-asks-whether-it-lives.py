# Misconception: one asks first whether the store lives, and then again for the number. Each question counts.
# Fails: counts
# Told: expected 1, 2, 3, got 2, 4, 6
# Changes: the lesson's solution
CHANGES = {
    """            try:
""": """            try:
                ask(address_of(sys.argv[1]), "count", timeout=2)  # does it live?
""",
}
