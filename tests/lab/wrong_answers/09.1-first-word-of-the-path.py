# Misconception: a path is found by how it begins.
# Fails: finds nothing else
# Told: asked for /nowhere, expected status 404, got 200
# Changes: the lesson's solution
CHANGES = {
    """            pass
""": """            pass
        path = next((page for page in sorted(PAGES, reverse=True) if path.startswith(page)), path)
""",
}
