# Misconception: a line has an end. A client that sends none fills the memory.
# Fails: long lines
# Told: the length of a line has no limit
# Changes: chat_threads.py
CHANGES = {
    'lines.readline(MAX_LINE + 1)': 'lines.readline()',
}
