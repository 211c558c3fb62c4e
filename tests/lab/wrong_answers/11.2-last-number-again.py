# Misconception: an old number is better than none. It is a number that another visitor has already.
# Fails: admits errors
# Told: expected a line that begins with 'error', got '1'
# Changes: the lesson's solution
CHANGES = {
    """from clients.tcp import address_of, ask

""": """from clients.tcp import address_of, ask

last = ["0"]

""",
    """                number = ask(address_of(sys.argv[1]), "count", timeout=2)[0]
            except OSError:
                number = "error: the store does not answer, try again"
""": """                last[0] = ask(address_of(sys.argv[1]), "count", timeout=2)[0]
            except OSError:
                pass
            number = last[0]
""",
}
