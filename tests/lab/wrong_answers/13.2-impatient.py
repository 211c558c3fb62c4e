# Misconception: who does not read at once is gone.
# Fails: gives large files whole
# Told: a part of it came, and then the end of the connection
# Changes: the lesson's solution
CHANGES = {
    "connection.settimeout(60)": "connection.settimeout(0.2)",
}
