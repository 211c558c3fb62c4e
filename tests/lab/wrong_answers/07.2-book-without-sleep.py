# Takes the sleeps out of the book: the race is still there, and only rarer.
# Fails: keeps the book
# Told: is Book as it was?
# Changes: the lesson's solution
CHANGES = {
    """    def read(self):
        time.sleep(0.005)
""": """    def read(self):
""",
    """    def write(self, number):
        time.sleep(0.005)
""": """    def write(self, number):
""",
    """            with self.server.lock:
                number = self.server.book.read() + 1
                self.server.book.write(number)
""": """            number = self.server.book.read() + 1
            self.server.book.write(number)
""",
    """    server.lock = threading.Lock()
""": "",
}
