# Misconception: what comes ends with a newline, sooner or later. A whole line waits for the half one behind it.
# Fails: knows lines
# Told: so the first line is whole
# Changes: the lesson's solution
CHANGES = {
    """            *lines, pending[sock] = (pending[sock] + data).split(b"\\n")
            for line in lines:
                sock.sendall(line[::-1] + b"\\n")
""": """            pending[sock] += data
            if pending[sock].endswith(b"\\n"):
                for line in pending[sock].splitlines():
                    sock.sendall(line[::-1] + b"\\n")
                pending[sock] = b""
""",
}
