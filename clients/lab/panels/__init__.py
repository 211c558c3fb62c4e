"""Panels to click, one subject each, built on the UI kit.

    browser         A web browser that keeps every byte it sends and receives. It uses no widgets.
    chat            Chat: people in a chat room, each in a pane.
    client_panel    ClientPanel: clients side by side, each with its own buttons.
    ftp_panel       FtpPanel: upload, download, list the folder.
    mail_panel      MailPanel: write a mail, send it, read a mailbox.
    race            Race: servers under the same load, one after the other. It uses no widgets.
    race_charts     The charts of a race: throughput and latency.
    race_panel      The fields, buttons and results of a race.
    server_card     ServerCard: state, address, processes and log of a server.
    web_panel       WebPanel: an address, the page, its form and links, the bytes.
"""
