# Misconception: only ValueError can happen. The timeout is an exception, too, and takes the worker along.
# Fails: shows the silent the door
# Told: TimeoutError: timed out
# Changes: the lesson's solution
CHANGES = {
    "except Exception:": "except ValueError:",
}
