# Takes the length of the backlog for the number of clients that are served at once.
# Fails: three at most
# Told: a fourth asked, and was answered at once
# Changes: the lesson's solution
CHANGES = {
    "max_children = 3": "request_queue_size = 3",
}
