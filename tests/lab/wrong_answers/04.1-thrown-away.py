# Misconception: when another client speaks, the half line before is over: it is thrown away.
# Fails: keeps the halves apart
# Told: expected 'olleh', got 'ol'
# Changes: 04.1-by-descriptor.py
CHANGES = {
    "pending = {}": 'pending, speaker = b"", None',
    r"""            number = sock.fileno()
            *lines, pending[number] = (pending.get(number, b"") + data).split(b"\n")
""": r"""            if sock is not speaker:
                pending, speaker = b"", sock
            *lines, pending = (pending + data).split(b"\n")
""",
}
