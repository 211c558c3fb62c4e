# Misconception: the shorter the timeout, the better; but who thinks for a moment is not silent for ever.
# Fails: is not too impatient
# Told: silent for 0.2 s, then sent 'still here'
# Changes: the lesson's solution
CHANGES = {
    "connection.settimeout(0.5)": "connection.settimeout(0.15)",
}
