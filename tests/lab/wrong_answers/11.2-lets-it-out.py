# Misconception: if the store is dead, the server cannot help its visitor. It can say so; an exception only closes the connection.
# Fails: admits errors
# Told: ConnectionRefusedError: nobody listens
# Changes: the lesson's solution
CHANGES = {
    """            try:
                number, = ask(address_of(sys.argv[1]), "count", timeout=2)
            except OSError:
                number = "error: the store does not answer, try again"
""": """            number, = ask(address_of(sys.argv[1]), "count", timeout=2)
""",
}
