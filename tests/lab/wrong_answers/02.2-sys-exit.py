# Misconception: sys.exit() ends a process at once. It raises SystemExit, and the parent's `finally` runs in the child.
# Fails: children do not unwind
# Told: it has said 'good night'
# Changes: the lesson's solution
CHANGES = {
    """import signal
""": """import signal
import sys
""",
    """            try:
                listener.close()
                converse(connection)
            finally:
                os._exit(0)
""": """            listener.close()
            converse(connection)
            sys.exit()
""",
}
