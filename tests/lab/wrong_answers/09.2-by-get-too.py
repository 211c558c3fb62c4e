# Misconception: the path decides alone, whatever the method.
# Fails: finds no other page
# Told: asked for /shout, expected status 404, got 200
# Changes: the lesson's solution
CHANGES = {
    'case "POST", "/shout":': 'case _, "/shout":',
}
