# Misconception: the more stands under the lock, the safer. A buyer who does not pay keeps everybody waiting.
# Fails: waits for nobody to pay
# Told: Ann was told her seat and had not paid yet; Ben asked, and had no answer
# Changes: the lesson's solution
CHANGES = {
    r"""            connection.sendall(b"pay for seat %d\n" % seat if seat else b"sold out\n")
            if seat and lines.readline():
                connection.sendall(b"seat %d is yours\n" % seat)
""": r"""                connection.sendall(b"pay for seat %d\n" % seat if seat else b"sold out\n")
                if seat and lines.readline():
                    connection.sendall(b"seat %d is yours\n" % seat)
""",
}
