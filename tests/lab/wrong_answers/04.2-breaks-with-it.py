# Misconception: a client that breaks off says so politely. recv() raises, and the server ends with it.
# Fails: outlives a break
# Told: Your server has exited with code 1
# Changes: the lesson's solution
CHANGES = {
    """        try:
            here = take_turn(sock)
        except ConnectionError:
            here = False
""": "        here = take_turn(sock)\n",
}
