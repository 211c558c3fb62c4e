"""Gauges: one number of a running server or of its clients, live.

    measures    What a gauge can measure, and what counts as a number.
    gauge       Gauge and Gauges: the number, its history, its highest value.
    drawing     How a gauge looks, live and in a stored notebook.
"""
