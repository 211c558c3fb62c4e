# Misconception: a line that begins with a dot ends the mail.
# Fails: knows dots
# Told: said 'QUIT', expected an answer with 221, got '500 what?'
# Changes: the lesson's solution
CHANGES = {
    'if line == ".":': 'if line.startswith("."):',
}
