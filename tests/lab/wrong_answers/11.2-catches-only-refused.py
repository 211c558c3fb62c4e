# Misconception: a dead store refuses. It may also accept, and break off before it answers.
# Fails: admits errors
# Told: the store accepts, and breaks off before it answers
# Changes: the lesson's solution
CHANGES = {"            except OSError:\n": "            except ConnectionRefusedError:\n"}
