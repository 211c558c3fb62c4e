"""Durations in words, and the steps of a time axis."""

import math

MS = 1_000_000  # nanoseconds, the unit of events and records


def duration(nanoseconds: float) -> str:
    """Return a duration in words: "0.4 ms", "12 ms", "2.5 s"."""
    milliseconds = nanoseconds / MS
    if milliseconds < 10:
        return f"{milliseconds:.1f} ms"
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1000:.1f} s"


def nice_step(least_ns: float) -> int:
    """Return the smallest of 1, 2, 5, 10, 20 ... microseconds that is at least least_ns, in nanoseconds."""
    power = 10 ** math.floor(math.log10(max(least_ns, 1000)))
    return next(int(power * factor) for factor in (1, 2, 5, 10) if power * factor >= least_ns)


def tick_label(at_ns: float, step_ns: float, last_ns: float) -> str:
    """Return the label of a tick, with enough digits to tell neighbours apart, in the unit of the last tick."""
    units = ("s", 10**9), ("ms", 10**6), ("us", 10**3)
    unit, size = next((u, s) for u, s in units if step_ns >= s / 10 or u == "us" or (u == "s" and last_ns >= s))
    digits = max(0, math.ceil(-math.log10(step_ns / size) - 1e-9))
    return f"{at_ns / size:.{digits}f} {unit}"
