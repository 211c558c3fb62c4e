# Misconception: the connection to the server can be made in the accepting loop. An exception there ends the balancer, and with it all clients.
# Fails: takes back
# Told: ConnectionError: no server accepts
# Changes: the lesson's solution
CHANGES = {
    """
def serve(client, first):
    with client:
        server = connect(first)
        if server is None:
            return
""": """    raise ConnectionError("no server accepts")

def serve(client, server):
    with client:
""",
    "threading.Thread(target=serve, args=(client, next(turn))).start()":
    "threading.Thread(target=serve, args=(client, connect(next(turn)))).start()",
}
