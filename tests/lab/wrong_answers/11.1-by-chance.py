# Misconception: chance spreads the clients evenly. Over many it does; in turn it is not.
# Fails: takes turns
# Told: expected the servers 1, 2, 3, 1, 2, 3
# Changes: the lesson's solution
CHANGES = {
    """import itertools
""": """import itertools
import random
""",
    "threading.Thread(target=serve, args=(client, next(turn))).start()":
    "threading.Thread(target=serve, args=(client, random.randrange(len(servers)))).start()",
}
