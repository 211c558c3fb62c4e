# Misconception: the bytes of a form are the word.
# Fails: shouts
# Told: expected 'ÉTÉ' in the page, got 200: '%C3%A9T%C3%A9'
# Changes: the lesson's solution
CHANGES = {
    """            fields = parse_qs(environ["wsgi.input"].read(length).decode())
            word = fields.get("word", [""])[0]
""": """            word = environ["wsgi.input"].read(length).decode().removeprefix("word=")
""",
}
