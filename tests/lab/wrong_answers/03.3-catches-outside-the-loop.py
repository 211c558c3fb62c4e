# Misconception: the error is caught, so the worker lives. It is caught outside of the loop, which has been left.
# Fails: survives words
# Told: ValueError: invalid literal for int()
# Changes: the lesson's solution
CHANGES = {
    """    while True:
        connection, peer = listener.accept()
        connection.settimeout(3)
        try:
            talk(connection)
        except Exception:
            traceback.print_exc()
""": """    try:
        while True:
            connection, peer = listener.accept()
            connection.settimeout(10)  # on a busy machine, nobody is silent for so long by chance
            talk(connection)
    except Exception:
        traceback.print_exc()
""",
}
