# Misconception: a form names its target from the root of the host; behind a prefix that is another site.
# Fails: shows a form
# Told: action '/shout'
# Changes: the lesson's solution
CHANGES = {
    """FORM = '<form method="post" action="shout"><label>Word: <input name="word"></label><button>Shout</button></form>'""":
    """FORM = '<form method="post" action="/shout"><label>Word: <input name="word"></label><button>Shout</button></form>'""",
}
