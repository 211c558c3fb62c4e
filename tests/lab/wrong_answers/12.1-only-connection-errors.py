# Misconception: a member that has gone raises ConnectionError. A socket that was closed on this side raises OSError: Bad file descriptor.
# Fails: outlives a listener
# Told: Bad file descriptor
# Changes: 12.1-deletes-while-it-iterates.py
CHANGES = {
    """                        except OSError:
                            del members[other]
""": """                        except ConnectionError:
                            pass
""",
}
