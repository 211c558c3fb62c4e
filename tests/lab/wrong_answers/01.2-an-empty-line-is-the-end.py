# Misconception: an empty line means that the client has left. The end is b"", and an empty line has a newline.
# Fails: goes on
# Told: the server closed the connection after a line
# Changes: the lesson's solution
CHANGES = {
    "while data := connection.recv(1024):": "while (data := connection.recv(1024)).strip():",
}
