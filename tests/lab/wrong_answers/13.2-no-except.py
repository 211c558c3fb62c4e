# Misconception: a thread may fail as it likes. Every client that leaves fills the log.
# Fails: outlives clients that break off
# Told: there is a traceback in the log
# Changes: the lesson's solution
CHANGES = {
    'with suppress(OSError), connection, connection.makefile("rb") as lines:':
    'with connection, connection.makefile("rb") as lines:',
}
