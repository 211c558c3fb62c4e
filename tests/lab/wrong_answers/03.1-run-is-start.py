# Misconception: run() runs the thread. It runs the function in the caller's thread; only start() makes a new one.
# Fails: greets the last first
# Told: run() runs the function in the thread that calls it
# Changes: the lesson's solution
CHANGES = {
    "threading.Thread(target=talk, args=(connection,), daemon=True).start()":
    "threading.Thread(target=talk, args=(connection,), daemon=True).run()",
}
