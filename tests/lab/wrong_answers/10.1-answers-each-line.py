# Misconception: each line of a mail is a command, and is answered.
# Fails: takes a mail
# Told: expected an answer with 500, got '250 go on'
# Changes: the lesson's solution
CHANGES = {
    """            print("took:", line.removeprefix("."), flush=True)
""": """            print("took:", line.removeprefix("."), flush=True)
            self.say("250 go on")
""",
}
