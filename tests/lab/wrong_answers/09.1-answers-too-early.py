# Misconception: the request line is the request; what follows need not be read.
# Fails: reads to the empty line
# Told: the server did not wait for its end
# Changes: the lesson's solution
CHANGES = {
    """        while self.rfile.readline().strip():
            pass
""": "",
}
