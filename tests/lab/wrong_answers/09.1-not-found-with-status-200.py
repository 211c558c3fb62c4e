# Misconception: the text says that there is no such page; the status need not.
# Fails: finds nothing else
# Told: asked for /nowhere, expected status 404, got 200
# Changes: the lesson's solution
CHANGES = {
    'status = "200 OK" if path in PAGES else "404 Not Found"': 'status = "200 OK"',
}
