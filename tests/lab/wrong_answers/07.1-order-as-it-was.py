# Sets the limit and leaves the mixin second, where nobody asks it.
# Fails: serves three at once
# Told: it is busy with another
# Changes: the lesson's solution
CHANGES = {
    "class Few(ForkingMixIn, TCPServer):": "class Few(TCPServer, ForkingMixIn):",
}
