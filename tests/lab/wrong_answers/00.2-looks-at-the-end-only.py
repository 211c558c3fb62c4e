# Misconception: the name is whatever follows the last slash, and where it stands does not matter.
# Fails: finds nothing else
# Told: asked for /say/hello/Ann, expected status 404, got 200
# Changes: the lesson's solution
CHANGES = {
    """        if not self.path.startswith("/hello/"):
""": """        *_, word, name = ["", *self.path.split("/")]
        if word != "hello":
""",
    """        name = self.path.removeprefix("/hello/")
""": "",
}
