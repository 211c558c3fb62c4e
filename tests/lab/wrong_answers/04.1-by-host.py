# Misconception: a client is its host. All clients on one machine share one half line.
# Fails: keeps the halves apart
# Told: got 'ihrowleh'
# Changes: 04.1-by-descriptor.py
CHANGES = {"number = sock.fileno()": "number, port = sock.getpeername()"}
