# Misconception: target=talk(connection) hands over the work. It calls talk now, in the main thread, and hands over its result.
# Fails: greets the last first
# Told: before any new thread exists
# Changes: the lesson's solution
CHANGES = {
    "threading.Thread(target=talk, args=(connection,), daemon=True).start()":
    "threading.Thread(target=talk(connection), daemon=True).start()",
}
