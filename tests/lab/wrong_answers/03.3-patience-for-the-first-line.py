# Misconception: who has said something once, will go on. A client that is answered, and then silent, keeps its worker.
# Fails: ends every silence
# Told: Ann went on talking, Ben was silent; Cem asked
# Changes: the lesson's solution
CHANGES = {
    """        for line in lines:
""": """        for line in lines:
            connection.settimeout(None)
""",
}
