# Misconception: any concurrency will do. Threads leave no copy and no zombie, but no child serves anybody.
# Fails: holds no connection
# Told: still holds 3 connections
# Changes: 01.1-a-thread-each.py
CHANGES = {}
