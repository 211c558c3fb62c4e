# Misconception: nobody leaves while one thread goes over the members. Another thread deletes one meanwhile.
# Fails: outlives one who leaves meanwhile | outlives one who breaks off | outlives a listener
# Told: dictionary changed size during iteration
# Changes: the lesson's solution
CHANGES = {"for other in list(members):": "for other in members:"}
