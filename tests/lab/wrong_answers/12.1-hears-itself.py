# Misconception: what somebody says goes to everybody in the room.
# Fails: is heard
# Told: was sent 'SAID ida hello', too
# Changes: the lesson's solution
CHANGES = {
    """                        if other != name:
                            tell(other, f"SAID {name} {rest}")
""": """                        tell(other, f"SAID {name} {rest}")
""",
}
