# Over UDP no silent client is in the way, but these clients connect.
# Fails: with few threads
# Told: over UDP there are no connections
# Changes: the lesson's solution
CHANGES = {"tcp_asyncio": "udp_loop"}
