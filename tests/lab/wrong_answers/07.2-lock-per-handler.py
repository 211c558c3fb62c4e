# Makes a lock for each handler: every thread has its own, and none keeps another out.
# Fails: counts fifty
# Told: some were told the same number
# Changes: the lesson's solution
CHANGES = {
    """        for name in self.rfile:
            with self.server.lock:
""": """        lock = threading.Lock()
        for name in self.rfile:
            with lock:
""",
    """    server.lock = threading.Lock()
""": "",
}
