# Misconception: the child is done when converse() returns. Without an end of its own it goes on in the parent's loop.
# Fails: ends the children
# Told: children are still there. Their states: waiting
# Changes: the lesson's solution
CHANGES = {
    """            try:
                listener.close()
                converse(connection)
            finally:
                os._exit(0)
""": """            converse(connection)
""",
}
