# Misconception: the headers end by themselves (end_headers is what sends them).
# Fails: greets
# Told: what came back for GET /hello/Ann is not an answer in HTTP
# Changes: the lesson's solution
CHANGES = {
    r"""        self.end_headers()
        name = self.path.removeprefix("/hello/")
        self.wfile.write(f"Hello, {name}\n".encode())
""": r"""        self.wfile.write(("Hello, " + self.path.removeprefix("/hello/") + "\n").encode())
""",
}
