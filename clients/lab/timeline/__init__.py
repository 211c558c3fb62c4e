"""The timeline: what a server and its clients did, lane by lane, read from the running processes.

    widget          Timeline(server, panel), live in JupyterLab.
    recording       What a timeline shows, gathered while it happens.
    lanes           Events and records in, lanes of spans and marks out.
    reordering      Facts that arrive late and mixed, taken up in the order in which they happened.
    server_lanes    The server's side: what each of its threads does.
    client_lanes    The clients' side: connecting, in the backlog, waiting, idle.
    spans           Lanes, spans and marks, and their kinds.
    transcript      The same in plain words.
    picture         The same as a PNG.
    saving          A run as a file: a page that shows it, or a trace for Perfetto.
    look            How spans and marks look, live and in the picture.
    packing         What the views are told, as bytes.
    esm             The view, joined into one module for anywidget. Its parts are in view/:
                    store, viewport, painter, brush, legend, tip, status, words, view; player for a page without a kernel.
"""
