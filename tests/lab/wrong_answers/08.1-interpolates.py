# Misconception: a percentile lies between two values. Nobody waited that long.
# Fails: by nearest rank
# Told: sent 'p 50', expected '5', got '5.5'
# Changes: the lesson's solution
CHANGES = {
    """                    rank = math.ceil(float(percent) * len(latencies) / 100)
                    said = f"{sorted(latencies)[rank - 1]:g}"
""": """                    place = float(percent) / 100 * (len(latencies) - 1)
                    low, high = sorted(latencies)[math.floor(place)], sorted(latencies)[math.ceil(place)]
                    said = f"{low + (high - low) * (place - math.floor(place)):g}"
""",
}
