# Misconception: a place for each descriptor. Some of them are in use before the first client comes.
# Fails: serves forty in the end
# Told: OSError: [Errno 24] Too many open files
# Changes: the lesson's solution
CHANGES = {
    "room = threading.BoundedSemaphore(20)": "room = threading.BoundedSemaphore(32)",
}
