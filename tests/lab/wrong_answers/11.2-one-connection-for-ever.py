# Misconception: one connection to the store will do for ever. When the store is started again, it is dead.
# Fails: admits errors
# Told: a new store is there, and it begins with 1
# Changes: the lesson's solution
CHANGES = {
    """import sys
""": """import sys
import threading
""",
    """from clients.tcp import address_of, ask
""": """from clients.tcp import address_of, connect

lock = threading.Lock()
store = connect(address_of(sys.argv[1])) if sys.argv[1:] else None
answers = store and store.makefile("r")
""",
    """                number = ask(address_of(sys.argv[1]), "count", timeout=2)[0]
""": r"""                with lock:
                    store.sendall(b"count\n")
                    number = answers.readline().strip() or "error: the store does not answer, try again"
""",
}
