# Misconception: a few threads are enough. Each of them waits for one slow reader, and then all others wait, as with a single one.
# Fails: serves others beside a slow reader
# Told: clients before it that do not read: 4
# Changes: the lesson's solution
CHANGES = {
    "from threading import Thread": "from concurrent.futures import ThreadPoolExecutor",
    "with create_server": "pool = ThreadPoolExecutor(4)\nwith create_server",
    "Thread(target=serve, args=(connection,), daemon=True).start()": "pool.submit(serve, connection)",
}
