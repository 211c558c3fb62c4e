# Misconception: blanks around a line mean nothing. But a line of a blank and a dot is text, and does not end the mail.
# Fails: knows dots
# Told: This may be the answer to a line of the mail before
# Changes: the lesson's solution
CHANGES = {
    'line.decode().rstrip("\\r\\n")': "line.decode().strip()",
}
