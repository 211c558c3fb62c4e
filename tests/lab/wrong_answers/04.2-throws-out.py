# Misconception: a client that does not read may be thrown out. What it would have read later is lost.
# Fails: serves others meanwhile
# Told: the server broke the connection off
# Changes: 04.2-sendall.py
CHANGES = {
    "            sockets.append(connection)\n": """            connection.setblocking(False)
            sockets.append(connection)
""",
    "except ConnectionError": "except OSError",
}
