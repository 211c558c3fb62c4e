# Misconception: the order in which the answers came is the order of the ranks.
# Fails: by nearest rank
# Told: sent 'p 90', expected '9', got '7'
# Changes: the lesson's solution
CHANGES = {
    'said = f"{sorted(latencies)[rank - 1]:g}"': 'said = f"{latencies[rank - 1]:g}"',
}
