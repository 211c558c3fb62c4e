# Misconception: the first word is the command, and the rest of the line is for those who want it.
# Fails: forms
# Told: more follows QUIT or WHO
# Changes: chat_threads.py
CHANGES = {
    '    if text == "QUIT":': '    if command == "QUIT":',
    '    if text == "WHO":': '    if command == "WHO":',
}
