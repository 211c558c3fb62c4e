# shutdown() only asks the loop to end: it waits for it, too, here inside the loop.
# Fails: ends
# Told: Who waits for whom?
# Changes: the lesson's solution
CHANGES = {
    "Thread(target=self.server.shutdown).start()": "self.server.shutdown()",
}
