# Misconception: a thread that was started has to be joined. join() waits until the guest has left: the loop model again.
# Fails: greets the last first
# Told: waits for those that serve
# Changes: the lesson's solution
CHANGES = {
    """        threading.Thread(target=talk, args=(connection,), daemon=True).start()
""": """        guest = threading.Thread(target=talk, args=(connection,), daemon=True)
        guest.start()
        guest.join()
""",
}
