# Misconception: dots at the beginning of a line are not part of the mail.
# Fails: knows dots
# Told: 'took: ', 'took: hidden', 'took: '
# Changes: the lesson's solution
CHANGES = {
    'print("took:", line.removeprefix("."), flush=True)': 'print("took:", line.lstrip("."), flush=True)',
}
