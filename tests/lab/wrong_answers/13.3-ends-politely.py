# Misconception: no more room, so the server ends.
# Fails: serves forty in the end
# Told: Your server has exited with code 0
# Changes: 13.3-goes-on-at-once.py
CHANGES = {"            continue\n": "            break\n"}
