# Misconception: when the child closes the connection, it is closed. The parent's copy keeps it open.
# Fails: ends the connection
# Told: some process still holds the connection open
# Changes: the lesson's solution
CHANGES = {
    "signal.signal(": """guests = []
signal.signal(""",
    "listener.accept()\n": """listener.accept()
        guests.append(connection)
""",
    """            os._exit(0)
        connection.close()
""": """            connection.close()
            os._exit(0)
""",
}
