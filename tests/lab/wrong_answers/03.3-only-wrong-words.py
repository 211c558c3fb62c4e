# Misconception: only ValueError can happen. The time-out is an exception, too, and takes the worker along.
# Fails: shows the silent the door
# Told: TimeoutError: timed out
# Changes: the lesson's solution
CHANGES = {
    "connection.settimeout(1)": "connection.settimeout(2)",  # on a busy machine, nobody is silent for so long by chance
    "except Exception:": "except ValueError:",
}
