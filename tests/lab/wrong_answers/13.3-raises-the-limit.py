# Misconception: the limit is the failure. A larger crowd will come.
# Fails: keeps its limit
# Told: descriptors
# Changes: 13.3-goes-on-at-once.py
CHANGES = {"(32, 32)": "(128, 128)"}
