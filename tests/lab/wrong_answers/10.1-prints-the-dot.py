# Misconception: the dot is the last line of the mail, so it is printed with the others.
# Fails: prints it
# Told: 'took: .', 'took: Subject: again'
# Changes: the lesson's solution
CHANGES = {
    """            if line == ".":
""": """            if line == ".":
                print("took:", line, flush=True)
""",
}
