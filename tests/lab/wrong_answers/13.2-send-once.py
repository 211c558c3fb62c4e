# Misconception: send() sends all of it.
# Fails: gives large files whole
# Told: a part of it came, and then nothing
# Changes: the lesson's solution
CHANGES = {
    r'connection.sendall(b"x" * int(line) + b"\n")': r'connection.send(b"x" * int(line) + b"\n")',
}
