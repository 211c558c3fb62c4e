# Misconception: the client closes the connection, the server need not.
# Fails: says goodbye
# Told: the connection is still there
# Changes: the lesson's solution
CHANGES = {
    """                return
""": """                continue
""",
}
