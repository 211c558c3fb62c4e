# Misconception: what is global in one process is shared by all servers.
# Fails: counts together
# Told: expected 1 to 6, got 1, 1, 2, 2, 3, 3
# Changes: the lesson's solution
CHANGES = {
    """import sys
""": """import sys
import threading
""",
    """class Door(StreamRequestHandler):
""": """lock = threading.Lock()

class Door(StreamRequestHandler):
    number = 0
""",
    """            try:
                number = ask(address_of(sys.argv[1]), "count", timeout=2)[0]
            except OSError:
                number = "error: the store does not answer, try again"
""": """            with lock:
                Door.number += 1
                number = str(Door.number)
""",
}
