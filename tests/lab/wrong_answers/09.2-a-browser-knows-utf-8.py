# Misconception: the page is UTF-8, and a browser sees that.
# Fails: shouts
# Told: does not say that it is UTF-8
# Changes: the lesson's solution
CHANGES = {
    "text/html; charset=utf-8": "text/html",
}
