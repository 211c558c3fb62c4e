# Misconception: text can be sent as it is, without becoming bytes.
# Fails: greets
# Told: TypeError: a bytes-like object is required, not 'str'
# Changes: the lesson's solution
CHANGES = {
    r"""        name = self.path.removeprefix("/hello/")
        self.wfile.write(f"Hello, {name}\n".encode())
""": """        self.wfile.write("Hello, " + self.path.removeprefix("/hello/"))
""",
}
