# Misconception: what came is what was written.
# Fails: knows dots
# Told: 'took: ..', 'took: ..hidden', 'took: ...'
# Changes: the lesson's solution
CHANGES = {
    'print("took:", line.removeprefix("."), flush=True)': 'print("took:", line, flush=True)',
}
