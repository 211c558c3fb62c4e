# Misconception: who accepts slowly has room for everybody, since those who have been served leave in time.
# Fails: serves forty in the end
# Told: some of them lost their connection
# Changes: 13.3-goes-on-at-once.py
CHANGES = {
    "import threading\n": "import threading\nimport time\n",
    """        try:
            connection, peer = listener.accept()
        except OSError:
            continue
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
""": """        connection, peer = listener.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()
        time.sleep(0.05)
""",
}
