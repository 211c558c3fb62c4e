# Misconception: one try around the loop is enough. Whoever comes after the one that has gone hears nothing.
# Fails: outlives a listener
# Told: and ben did not hear it
# Changes: 12.1-deletes-while-it-iterates.py
CHANGES = {
    r"""                for other, his in members.items():
                    if other != name:
                        try:
                            his.sendall(f"SAID {name} {rest}\n".encode())
                        except OSError:
                            del members[other]
""": r"""                try:
                    for other, his in list(members.items()):
                        if other != name:
                            his.sendall(f"SAID {name} {rest}\n".encode())
                except OSError:
                    pass
""",
}
