# Misconception: a dictionary that is global is everybody's. After a fork each child has a copy of its own.
# Fails: names
# Told: each process has a copy of its own
# Changes: chat_threads.py
CHANGES = {
    """import queue
import socket
""": """import os
import queue
import signal
import socket
""",
    """backlog=128)
""": """backlog=128)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
""",
    """    threading.Thread(target=serve, args=[connection], daemon=True).start()
""": """    if os.fork() == 0:
        try:
            listener.close()
            serve(connection)
        finally:
            os._exit(0)
    connection.close()
""",
}
