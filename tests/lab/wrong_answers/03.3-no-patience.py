# Misconception: workers that survive are enough. Two silent clients, and nobody else is served.
# Fails: shows the silent the door
# Told: two clients were connected and silent; Cem asked, and had no answer
# Changes: the lesson's solution
CHANGES = {
    """        connection.settimeout(3)
""": "",
}
