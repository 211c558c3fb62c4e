# Misconception: a larger pool does not starve. It takes a few silent clients more, and it was to be two workers.
# Fails: serves two at most
# Told: Cem asked, and was answered at once
# Changes: the lesson's solution
CHANGES = {
    "crew = [threading.Thread(target=work, args=(listener,), daemon=True) for _ in range(2)]":
    "crew = [threading.Thread(target=work, args=(listener,), daemon=True) for _ in range(20)]",
}
