# Misconception: numbers that came as text sort as numbers. "10" comes before "9".
# Fails: by nearest rank
# Told: sent 'p 50', expected '5', got '4'
# Changes: the lesson's solution
CHANGES = {
    """                    said = f"{sorted(latencies)[rank - 1]:g}"
                case [due, sent, answered]:
                    latencies.append(float(answered) - float(due))
""": """                    said = sorted(latencies)[rank - 1]
                case [due, sent, answered]:
                    latencies.append(f"{float(answered) - float(due):g}")
""",
}
