# Misconception: read() returns when the form is there.
# Fails: shouts
# Told: no whole answer to POST /shout
# Changes: the lesson's solution
CHANGES = {
    'fields = parse_qs(environ["wsgi.input"].read(length).decode())':
    'fields = parse_qs(environ["wsgi.input"].read().decode())',
}
