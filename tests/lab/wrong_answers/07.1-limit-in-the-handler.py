# Thinks that the limit belongs to the handler; it is the server that forks.
# Fails: three at most
# Told: a fourth asked, and was answered at once
# Changes: the lesson's solution
CHANGES = {
    "max_children = 3": "pass",
    """class Echo(StreamRequestHandler):
""": """class Echo(StreamRequestHandler):
    max_children = 3
""",
}
