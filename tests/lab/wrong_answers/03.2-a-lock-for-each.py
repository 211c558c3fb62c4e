# Misconception: any lock keeps others out. Each thread makes one of its own, which nobody else has.
# Fails: sells each seat once
# Told: some of them were told the same seat as another buyer
# Changes: the lesson's solution
CHANGES = {
    """lock = threading.Lock()
""": "",
    """def sell(connection):
""": """def sell(connection):
    lock = threading.Lock()
""",
}
