# Misconception: to be asked is to be served. Every client is always waited for as ready to be written, which it always is: a busy loop.
# Fails: rests when nobody talks
# Told: it asks in a loop
# Changes: the lesson's solution
CHANGES = {
    "    answer = [sock for sock in unsent if unsent[sock]]\n": "    answer = [*unsent]\n",
    "can_read + can_write": "can_read + [sock for sock in can_write if unsent[sock]]",
}
