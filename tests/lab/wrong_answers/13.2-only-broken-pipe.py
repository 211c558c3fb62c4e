# Misconception: who leaves breaks the pipe. A reset is another error.
# Fails: outlives clients that break off
# Told: there is a traceback in the log
# Changes: the lesson's solution
CHANGES = {
    'with suppress(OSError), connection, connection.makefile("rb") as lines:':
    'with suppress(BrokenPipeError), connection, connection.makefile("rb") as lines:',
}
