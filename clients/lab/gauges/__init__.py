"""Gauges: numbers of a running server, live; and the charts of a race.

    charts           Charts of reports: how many answers a second, and how long they took, from the quickest to the slowest.
    gauge            A gauge: one number of a server or of its clients, as it stands now, at most so far, and how it came about.
"""
