"""The timeline: what a server and its clients did, lane by lane, read from the running processes.

    widget          Timeline(server, panel), live in JupyterLab.
    recording       The data of a timeline, collected while server and clients run.
    lanes           Converts events and records into lanes of spans and marks.
    reordering      A buffer that puts late facts back into the order in which they happened.
    server_lanes    The server's side: what each of its threads does.
    client_lanes    The clients' side: connecting, in the backlog, waiting, idle.
    spans           Lanes, spans and marks, and their kinds.
    transcript      The timeline in plain words.
    picture         The timeline as a PNG.
    saving          A run as a file: a page that shows it, or a trace for Perfetto.
    look            The look of spans and marks, live and in the picture.
    packing         Messages to the views, packed as bytes.
    esm             The view, joined into one module for anywidget. Its parts are in view/:
                    store, viewport, painter, brush, legend, tip, status, words, view; player for a page without a kernel.
"""
