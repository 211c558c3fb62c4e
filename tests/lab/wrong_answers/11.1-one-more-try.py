# Misconception: if one server is dead, the next one lives. Two may be dead at once.
# Fails: survives dead servers
# Told: servers 1 and 2 are dead, server 3 lives; new client 1 got no answer
# Changes: the lesson's solution
CHANGES = {
    "for address in servers[first:] + servers[:first]:":
    "for address in (servers[first:] + servers[:first])[:2]:",
}
