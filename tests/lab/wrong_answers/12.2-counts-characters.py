# Misconception: a limit of 10,000 is one of characters. Of some scripts that is 30,000 bytes.
# Fails: long lines
# Told: the limit counts characters
# Changes: chat_threads.py
CHANGES = {
    """lines.readline(MAX_LINE + 1)).endswith(b"\\n")""": """lines.readline(4 * MAX_LINE)).endswith(b"\\n")""",
    """        with lock:
            answer = carry_out""": """        if len(line.decode(errors="replace")) > MAX_LINE + 1:
            return
        with lock:
            answer = carry_out""",
}
