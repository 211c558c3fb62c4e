"""Panels: what a learner clicks. One subject each, on the UI kit.

    browser         A browser of a web server that keeps every byte. It knows no widget.
    chat            Chat: people in a chat room, a pane each.
    client_panel    ClientPanel: clients side by side, each with its own buttons.
    ftp_panel       FtpPanel: upload, download, list the folder.
    mail_panel      MailPanel: write a mail, send it, read a mailbox.
    race            Race: servers under one load, one after the other. It knows no widget.
    race_charts     The charts of a race: throughput and latency.
    race_panel      What a learner sees of a race, and clicks.
    server_card     ServerCard: state, address, processes and log of a server.
    web_panel       WebPanel: an address, the page, its form and links, the bytes.
"""
