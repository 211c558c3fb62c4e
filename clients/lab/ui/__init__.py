"""The UI kit that panels, timeline, gauges and learning share.

    boxes       A log box and a small table.
    colours     The palette of clients and servers, and the colours of widgets and pictures.
    durations   Durations in words, and the steps of a time axis.
    fields      Buttons and labelled fields.
    link        links_to(address): links to a web server of this notebook, for the reader's own browser.
    pictures    Helpers for pictures drawn for viewers without a kernel.
    refresher   One thread that keeps cards and gauges up to date.
    seldom      A cache for a slow measurement, taken every few seconds only.
    source      show("tcp_fork"): a server's source exactly as it runs, highlighted.
    status      The status line of a panel, and the actions whose outcome it shows.
    tasks       Start work on the notebook's asyncio loop from a click.
    waiting     wait_until(condition): wait for what a cell needs, instead of sleeping and hoping.
"""
