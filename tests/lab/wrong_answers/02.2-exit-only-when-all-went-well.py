# Misconception: os._exit() as the last line of the child is enough. An exception in converse() never gets there.
# Fails: children do not unwind
# Told: it has said 'good night'
# Changes: the lesson's solution
CHANGES = {
    """            try:
                listener.close()
                converse(connection)
            finally:
                os._exit(0)
""": """            listener.close()
            converse(connection)
            os._exit(0)
""",
}
