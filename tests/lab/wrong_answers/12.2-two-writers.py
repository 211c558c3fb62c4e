# Misconception: several threads may write to one connection. Each sends a long line in two pieces, and the pieces mix.
# Fails: all at once
# Told: their bytes are mixed
# Changes: chat_threads.py
CHANGES = {
    """        else:
            self.outgoing.put(data)
""": """        elif len(data) <= 20:
            self.outgoing.put(data)
        else:
            threading.Thread(target=self.send_in_pieces, args=[data], daemon=True).start()

    def send_in_pieces(self, data):
        try:
            self.connection.sendall(data[:20])
            threading.Event().wait(0.001)  # others write meanwhile, on any machine
            self.connection.sendall(data[20:])
        except OSError:
            hang_up(self.connection)
""",
}
