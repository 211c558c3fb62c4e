"""Panels: what a learner clicks. One subject each, on the UI kit.

    browser          One browser of a web server, driven from a notebook without ever blocking it, every byte kept. It knows no widget.
    chat             A chat for several people in a notebook: each has a pane of their own, and is driven by clicks or by code.
    client_panel     Several clients side by side: each connects, sends and closes on its own, by click or by code.
    ftp_panel        An FTP program in a notebook: bring a file up, fetch it down, list the folder; by click or by code.
    mail_panel       A mail program in a notebook: write a mail, send it, look into a mailbox; by click or by code.
    race             A race: choose servers and a load, predict who wins, run, and see what became of it.
    server_card      What a server is and does now: state, address, log, processes, and buttons to start, stop and restart it.
    web_panel        A browser in a notebook: an address, the page, its form and its links, and the bytes that passed; by click or by code.
"""
