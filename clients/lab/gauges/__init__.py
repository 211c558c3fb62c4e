"""Gauges: one live number measured on a running server or its clients.

    measures    The quantities that a gauge can measure, and what counts as a number.
    gauge       Gauge and Gauges: the number, its history, its highest value.
    drawing     The look of a gauge, live and in a stored notebook.
"""
