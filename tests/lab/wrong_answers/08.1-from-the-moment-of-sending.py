# Misconception: a question's latency begins when it is sent. This is coordinated omission: the wait before is left out.
# Fails: counts from the moment it was due
# Told: sent 'p 100', expected '21', got '1'
# Changes: the lesson's solution
CHANGES = {
    "latencies.append(float(answered) - float(due))": "latencies.append(float(answered) - float(sent))",
}
