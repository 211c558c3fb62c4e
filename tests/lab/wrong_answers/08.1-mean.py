# Misconception: the mean says it all; and whoever asks for a percentile gets it.
# Fails: by nearest rank
# Told: sent 'p 50', expected '5', got '5.5'
# Changes: the lesson's solution
CHANGES = {
    """                    rank = math.ceil(float(percent) * len(latencies) / 100)
                    said = f"{sorted(latencies)[rank - 1]:g}"
""": """                    said = f"{sum(latencies) / len(latencies):g}"
""",
}
