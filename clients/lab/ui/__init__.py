"""The UI kit that panels, timeline, gauges and learning share.

    boxes       A log box, and a small table.
    colours     The palette of clients and servers, and the colours of widgets and pictures.
    durations   Lengths of time in words, and the steps of a time axis.
    fields      Buttons and fields with their labels.
    link        links_to(address): links to a web server of this notebook, for the reader's own browser.
    pictures    What all pictures share that are drawn for viewers without a kernel.
    refresher   One thread that keeps cards and gauges up to date.
    seldom      A look that takes time, and is taken now and then only.
    source      show("tcp_fork"): a server's source exactly as it runs, highlighted.
    status      The status line of a panel, and the actions whose outcome it tells.
    tasks       How a click starts work on the notebook's asyncio loop.
    waiting     wait_until(condition): wait for what a cell needs, instead of sleeping and hoping.
"""
