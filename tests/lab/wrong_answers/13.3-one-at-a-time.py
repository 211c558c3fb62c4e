# Misconception: who serves one at a time never needs many descriptors.
# Fails: answers some the last first
# Told: it is busy with another
# Changes: 13.3-goes-on-at-once.py
CHANGES = {
    "        threading.Thread(target=talk, args=(connection,), daemon=True).start()\n": "        talk(connection)\n",
}
