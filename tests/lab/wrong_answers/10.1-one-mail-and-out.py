# Misconception: after a mail the conversation is over.
# Fails: takes a mail
# Told: got 'the end of the connection'
# Changes: the lesson's solution
CHANGES = {
    """                self.take_mail()
""": """                self.take_mail()
                return
""",
}
