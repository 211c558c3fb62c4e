# Misconception: after each piece from the client comes one piece from the server. TCP knows no questions and answers.
# Fails: passes on
# Told: no answer came to a line of 60000 bytes
# Changes: the lesson's solution
CHANGES = {
    """            back = threading.Thread(target=pump, args=(server, client))
            back.start()
            pump(client, server)
            back.join()

def pump(source, target):
    with suppress(OSError):
        while data := source.recv(4096):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
""": """            try:
                while data := client.recv(4096):
                    server.sendall(data)
                    client.sendall(server.recv(4096))
            except OSError:
                pass
""",
}
