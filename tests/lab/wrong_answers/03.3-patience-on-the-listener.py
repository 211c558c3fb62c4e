# Misconception: the listener's time-out is the client's. It ends accept(), not the silence of who has been accepted.
# Fails: shows the silent the door
# Told: two clients were connected and silent; Cem asked, and had no answer
# Changes: the lesson's solution
CHANGES = {
    """        connection, peer = listener.accept()
        connection.settimeout(3)
        try:
            talk(connection)
""": """        try:
            connection, peer = listener.accept()
            talk(connection)
        except TimeoutError:
            pass
""",
    """with create_server(("127.0.0.1", 0)) as listener:
""": """with create_server(("127.0.0.1", 0)) as listener:
    listener.settimeout(1)
""",
}
