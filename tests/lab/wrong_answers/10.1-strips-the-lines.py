# Misconception: blanks around a line mean nothing. But a line of a blank and a dot is text, and does not end the mail.
# Fails: knows dots
# Told: said 'QUIT', expected an answer with 221, got '500 what?'
# Changes: the lesson's solution
CHANGES = {
    'line.decode().rstrip("\\r\\n")': "line.decode().strip()",
}
