"""The UI kit: what panels, timeline, gauges and learning share.

    link             link_to(server): a link to a web server of this notebook, for the reader's own browser, wherever that runs.
    source           show("tcp_fork"): a server's source exactly as it runs, highlighted.
    status           The line in which a panel says how its last action went, and buttons and fields that start actions.
    tasks            How a click starts work: as an asyncio task on the loop that the notebook's cells use.
    waiting          Waiting for something to be seen, and no longer: what a cell does instead of sleeping and hoping.
"""
