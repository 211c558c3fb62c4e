# Misconception: no threads, no race. True, and a buyer who does not pay keeps everybody waiting.
# Fails: waits for nobody to pay
# Told: Ann was told her seat and had not paid yet; Ben asked, and had no answer
# Changes: the lesson's solution
CHANGES = {
    """            with lock:
                seat = theatre.take()
""": """            seat = theatre.take()
""",
    """lock = threading.Lock()
""": "",
    """    connection, peer = listener.accept()
    threading.Thread(target=sell, args=(connection,), daemon=True).start()
""": """    sell(listener.accept()[0])
""",
}
