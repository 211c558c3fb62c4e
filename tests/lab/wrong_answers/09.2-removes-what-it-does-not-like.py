# Misconception: to be safe, take out the signs that HTML needs.
# Fails: shows text
# Told: a browser would show 'BHELLO/B'
# Changes: the lesson's solution
CHANGES = {
    """            status, page = "200 OK", f"<p>{html.escape(word.upper())}</p>"
""": """            for sign in "<>&":
                word = word.replace(sign, "")
            status, page = "200 OK", f"<p>{word.upper()}</p>"
""",
}
