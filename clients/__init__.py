"""The learner's side of the wire: clients, and what a notebook shows of them.

    tcp         A TCP client as you would write it: connect, send a line, read a line.
    udp         The same over UDP.
    web         The same over HTTP: fetch a page, submit a form.
    mail        Send a mail, read a mailbox.
    ftp         Upload a file, download it, list a folder.
    load        Many clients at once: a load generator.
    report      measure(): what a server did under a load: throughput, latency, errors.
    haproxy     What a running HAProxy says of its servers, and how to tell it something.
    cluster     Servers behind one balancer: start it, and ask which of them answers.
    log         What a server says about itself in its log: a folder, a password.
    examiner    One framework of requirements that any running server can be tried against.
    lab         What a notebook shows.
    course      The course as a thing to install and hand out.
"""
