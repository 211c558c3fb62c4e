# A pool of three threads serves three guests at once, but the fourth waits.
# Fails: leaves no thread
# Told: guests came.
# Changes: the lesson's solution
CHANGES = {
    "import threading\n": "from concurrent.futures import ThreadPoolExecutor\n",
    "number = 0\n": "number = 0\npool = ThreadPoolExecutor(3)\n",
    "threading.Thread(target=talk, args=(connection,), daemon=True).start()": "pool.submit(talk, connection)",
}
