# Misconception: three seconds are the time of a visit. A client that goes on talking is cut off, too.
# Fails: ends every silence
# Told: Ann asked something every fifth of a second, and lost her connection
# Changes: the lesson's solution
CHANGES = {
    """        connection.settimeout(3)
        try:
            talk(connection)
""": """        timer = threading.Timer(3, connection.shutdown, [2])
        timer.start()
        try:
            talk(connection)
            timer.cancel()
""",
}
