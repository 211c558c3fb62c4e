# Misconception: the same datagram is the same payment. Two clients may buy the same, under the same number.
# Fails: keeps clients apart
# Told: both have paid
# Changes: the lesson's solution
CHANGES = {
    "if (peer, number) not in answers:": "if data not in answers:",
    "answers[peer, number] = b": "answers[data] = b",
    "sendto(answers[peer, number], peer)": "sendto(answers[data], peer)",
}
