# Misconception: create_connection's timeout is for connecting only. It stays with the socket, and ends a connection that is silent.
# Fails: passes on
# Told: a server that is silent is not dead
# Changes: the lesson's solution
CHANGES = {
    """            server.settimeout(None)
""": "",
    "timeout=1)": "timeout=8)",
}
