# Misconception: a mail ends with an empty line.
# Fails: takes a mail
# Told: expected an answer with 500, got '221 bye'
# Changes: the lesson's solution
CHANGES = {
    'if line == ".":': 'if line == "":',
}
