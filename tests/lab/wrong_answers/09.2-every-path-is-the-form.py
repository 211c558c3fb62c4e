# Misconception: there is only one page, so every path leads to it.
# Fails: finds no other page
# Told: asked for /nowhere, expected status 404, got 200
# Changes: the lesson's solution
CHANGES = {
    'case "GET", "/":': 'case "GET", _:',
}
