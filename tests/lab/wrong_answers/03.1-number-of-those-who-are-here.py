# Misconception: the number of threads is the number of the guest. It falls when somebody leaves, and then two guests have the same.
# Fails: numbers go on
# Told: three guests came
# Changes: the lesson's solution
CHANGES = {
    """    number += 1
    mine = number
""": """    mine = threading.active_count() - 1
""",
}
