# Misconception: QUIT is QUIT, wherever it stands.
# Fails: takes a mail
# Told: expected an answer with 250, got '221 bye'
# Changes: the lesson's solution
CHANGES = {
    r"""            line = line.decode().rstrip("\r\n")
""": r"""            line = line.decode().rstrip("\r\n")
            if line == "QUIT":
                return self.say("221 bye")
""",
}
