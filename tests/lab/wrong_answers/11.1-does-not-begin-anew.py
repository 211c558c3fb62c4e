# Misconception: the next server is further down the list. After the last one comes the first.
# Fails: survives dead servers
# Told: servers 1 and 3 are dead, server 2 lives; new client
# Changes: the lesson's solution
CHANGES = {
    "for address in servers[first:] + servers[:first]:":
    "for address in servers[first:]:",
}
