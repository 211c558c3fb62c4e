# Misconception: only the writing needs the lock. Two threads have looked already, and both have seen the same seat.
# Fails: sells each seat once
# Told: some of them were told the same seat as another buyer
# Changes: the lesson's solution
CHANGES = {
    """            with lock:
                seat = theatre.take()
""": """            seat = theatre.free
            time.sleep(0.005)
            with lock:
                theatre.free = max(seat - 1, 0)
""",
}
