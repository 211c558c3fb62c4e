# Misconception: one recv gives the whole request.
# Fails: reads to the empty line
# Told: the server did not wait for its end
# Changes: the lesson's solution
CHANGES = {
    """        method, path, version = self.rfile.readline().decode().split()
        while self.rfile.readline().strip():
            pass
""": r"""        method, path, version = self.request.recv(65536).decode().split("\r\n")[0].split()
""",
}
