# Misconception: the fix of the section before is enough. It still tries, and fails, ten times a second.
# Fails: never fails to accept
# Told: accepts have failed with EMFILE
# Changes: 13.3-goes-on-at-once.py
CHANGES = {
    "import threading\n": "import threading\nimport time\n",
    "            continue\n": """            time.sleep(0.1)
            continue
""",
}
