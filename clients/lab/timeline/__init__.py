"""The timeline: what a server and its clients did, lane by lane, read from the running processes.

    lanes            What a watched server and its clients did, as lanes of spans and marks. Knows no widget and reads no socket.
    picture          The timeline as a picture that any viewer shows: lanes and spans drawn into a PNG.
    recording        What a timeline shows, gathered while it happens: reads a server's events and its clients' records. Knows no widget.
    transcript       What a server and its clients did, told in plain words, lane by lane.
    widget           The timeline of a server and its clients: live in JupyterLab, a picture in a stored notebook, a story in plain words.
"""
