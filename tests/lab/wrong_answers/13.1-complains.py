# Misconception: who sends nonsense is told so: an answer to what nobody asked.
# Fails: survives what is no payment
# Told: Ben sent what is no payment, and was answered 'error'
# Changes: the lesson's solution
CHANGES = {
    """        except ValueError:
""": """        except ValueError:
            sock.sendto(b"error", peer)
""",
}
