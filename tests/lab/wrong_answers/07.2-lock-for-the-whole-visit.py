# Holds the lock while it waits for the visitor: right numbers, and one visitor at a time.
# Fails: stays concurrent
# Told: a silent visitor was connected; Ben asked and had no answer
# Changes: the lesson's solution
CHANGES = {
    """        for name in self.rfile:
            with self.server.lock:
""": """        with self.server.lock:
            for name in self.rfile:
""",
    r"""            self.wfile.write(b"%d\n" % number)
""": r"""                self.wfile.write(b"%d\n" % number)
""",
}
