# Misconception: there is only one form, so what comes by POST is a word.
# Fails: finds no other page
# Told: sent the form to /shout/louder, expected status 404, got 200
# Changes: the lesson's solution
CHANGES = {
    'case "POST", "/shout":': 'case "POST", _:',
}
