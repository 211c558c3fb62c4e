# Misconception: a process is as good. Each child counts in a copy of its own, and every guest is number 1.
# Fails: numbers go on
# Told: three guests came, and were told 1, 1, 1
# Changes: the lesson's solution
CHANGES = {
    "import threading": "import multiprocessing",
    """        threading.Thread(target=talk, args=(connection,), daemon=True).start()
""": """        multiprocessing.get_context("fork").Process(target=talk, args=(connection,), daemon=True).start()
        connection.close()
""",
}
