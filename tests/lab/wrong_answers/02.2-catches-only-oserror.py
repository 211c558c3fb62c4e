# Misconception: a connection that breaks is the only error that a conversation can meet.
# Fails: children do not unwind
# Told: UnicodeDecodeError
# Changes: the lesson's solution
CHANGES = {
    """            finally:
                os._exit(0)
""": """            except OSError:
                pass
            os._exit(0)
""",
}
