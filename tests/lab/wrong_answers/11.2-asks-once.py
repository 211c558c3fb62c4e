# Misconception: the store has to be asked only for the first number; from there on one can count oneself.
# Fails: counts together
# Told: expected 1 to 6, got 1, 2, 2, 3, 3, 4
# Changes: the lesson's solution
CHANGES = {
    """from clients.tcp import address_of, ask

""": """from clients.tcp import address_of, ask

numbers = []

""",
    """            try:
                number = ask(address_of(sys.argv[1]), "count", timeout=2)[0]
            except OSError:
                number = "error: the store does not answer, try again"
""": """            if not numbers:
                numbers.append(int(ask(address_of(sys.argv[1]), "count", timeout=2)[0]))
            else:
                numbers.append(numbers[-1] + 1)
            number = str(numbers[-1])
""",
}
