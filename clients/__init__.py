"""The learner's side of the wire: clients, and what a notebook shows of them.

    tcp         A TCP client as you would write it: connect, send a line, read a line.
    udp         The same over UDP.
    web         The same over HTTP: fetch a page, submit a form.
    mail        Send a mail, read a mailbox.
    ftp         Upload a file, download it, list a folder.
    load        Many clients at once: a load generator.
    report      measure(): what a server did under a load: throughput, latency, errors.
    haproxy     The runtime API of a running HAProxy: the state of its servers, and commands to it.
    cluster     Several servers behind one balancer: start the balancer, and find out which server answers.
    log         Values that a server prints in its log: a folder, a password.
    examiner    One framework of requirements against which any running server can be tested.
    lab         What a notebook shows.
    course      The course as a thing to install and hand out.
"""
