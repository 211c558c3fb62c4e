# Misconception: a path that begins with /hello has a name after it.
# Fails: finds nothing else
# Told: asked for /helloAnn, expected status 404, got 200
# Changes: the lesson's solution
CHANGES = {
    'startswith("/hello/")': 'startswith("/hello")',
}
