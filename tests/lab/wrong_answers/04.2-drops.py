# Misconception: what is ready for writing takes all that one has: nobody looks at what send() returns.
# Fails: loses nothing
# Told: each send() took only a part
# Changes: the lesson's solution
CHANGES = {
    "        sent = sock.send(unsent[sock])\n        unsent[sock] = unsent[sock][sent:]\n":
    "        sock.send(unsent[sock])\n        unsent[sock] = b\"\"\n",
}
