# Misconception: what a user sends may go into the page as it is.
# Fails: shows text
# Told: and it became a part of the page
# Changes: the lesson's solution
CHANGES = {
    'status, page = "200 OK", f"<p>{html.escape(word.upper())}</p>"':
    'status, page = "200 OK", f"<p>{word.upper()}</p>"',
}
