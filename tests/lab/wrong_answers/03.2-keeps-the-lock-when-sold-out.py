# Misconception: release() at the end is enough. When all is sold, `continue` goes round it, and the lock is never given back.
# Fails: sells out
# Told: one buyer was told 'sold out'; then Ann asked, and had no answer
# Changes: the lesson's solution
CHANGES = {
    r"""            with lock:
                seat = theatre.take()
            connection.sendall(b"pay for seat %d\n" % seat if seat else b"sold out\n")
            if seat and lines.readline():
""": r"""            lock.acquire()
            seat = theatre.take()
            if not seat:
                connection.sendall(b"sold out\n")
                continue
            lock.release()
            connection.sendall(b"pay for seat %d\n" % seat)
            if lines.readline():
""",
}
