# Misconception: the example is the whole task (only Ann is greeted).
# Fails: greets others
# Told: asked for /hello/Ben, expected status 200, got 404
# Changes: the lesson's solution
CHANGES = {
    'if not self.path.startswith("/hello/"):': 'if self.path != "/hello/Ann":',
    r"""        name = self.path.removeprefix("/hello/")
        self.wfile.write(f"Hello, {name}\n".encode())
""": r"""        self.wfile.write(b"Hello, Ann\n")
""",
}
