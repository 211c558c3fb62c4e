# Misconception: 1,024 bytes are plenty, as with TCP. What does not fit is thrown away.
# Fails: takes long notes
# Told: 26 for noodles noodles
# Changes: the lesson's solution
CHANGES = {
    "data, peer = sock.recvfrom(65_535)": "data, peer = sock.recvfrom(1024)",
}
