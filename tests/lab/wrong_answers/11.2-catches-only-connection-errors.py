# Misconception: a dead store refuses, or breaks off. It may also say nothing, and then a TimeoutError is raised.
# Fails: admits errors
# Told: the store accepts, and is silent
# Changes: the lesson's solution
CHANGES = {"            except OSError:\n": "            except ConnectionError:\n"}
