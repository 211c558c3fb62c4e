# Misconception: who shares nothing, needs no lock. Each child sells a copy of the theatre, from the first seat.
# Fails: sells
# Told: and then Ben was told the same seat
# Changes: the lesson's solution
CHANGES = {
    """import threading, time
""": """import multiprocessing
import time
""",
    """def sell(connection):
""": """def sell(connection):
    listener.close()
""",
    """            with lock:
                seat = theatre.take()
""": """            seat = theatre.take()
""",
    """lock = threading.Lock()
""": "",
    """    threading.Thread(target=sell, args=(connection,), daemon=True).start()
""": """    multiprocessing.get_context("fork").Process(target=sell, args=(connection,), daemon=True).start()
    connection.close()
""",
}
