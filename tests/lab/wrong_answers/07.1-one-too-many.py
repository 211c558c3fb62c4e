# Thinks that the server counts as a child, or that it stops only above the limit.
# Fails: three at most
# Told: a fourth asked, and was answered at once
# Changes: the lesson's solution
CHANGES = {
    "max_children = 3": "max_children = 4",
}
