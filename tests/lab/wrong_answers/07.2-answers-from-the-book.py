# Misconception: the lock is for writing. What is read after it may be another visitor's number.
# Fails: counts fifty
# Told: were told the same number
# Changes: the lesson's solution
CHANGES = {"% number)": "% self.server.book.number)"}
