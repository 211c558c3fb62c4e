# Misconception: a page is text, and text can be sent.
# Fails: shows a form
# Told: write() argument must be a bytes instance
# Changes: the lesson's solution
CHANGES = {
    "return [page.encode()]": "return [page]",
}
