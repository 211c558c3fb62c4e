# Misconception: the value at int(n * p / 100), counted from 0. Of ten values, 50 percent gives the sixth.
# Fails: by nearest rank
# Told: sent 'p 50', expected '5', got '6'
# Changes: the lesson's solution
CHANGES = {
    """                    rank = math.ceil(float(percent) * len(latencies) / 100)
                    said = f"{sorted(latencies)[rank - 1]:g}"
""": """                    place = min(int(len(latencies) * float(percent) / 100), len(latencies) - 1)
                    said = f"{sorted(latencies)[place]:g}"
""",
}
