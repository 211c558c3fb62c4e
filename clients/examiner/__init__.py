"""The examiner: a demanding client that takes any running server and tells, requirement by requirement, whether it is met.

    report = examine(server)          a Server: launched, or written in a %%server cell
    print(report)                     what was sent, expected, what came, and the likely mistake
    report.hint("framing")            a nudge; again: more

    python -m clients.examiner 127.0.0.1:6666      the same from a terminal, over the wire only

It judges what a server does, over the wire and with its process tree, and never how it is written: a thread per
client, a fork, a loop around select, a pool, all may pass. It waits long for what should come, so a slow machine is no
reason to fail; and it shows concurrency by order, not by a stopwatch, so nobody passes by luck.

requirements.py             what a requirement is, what is seen of one that is not met, and what that means
requirements_tcp.py         what a TCP server is asked for
requirements_udp.py         what a UDP server is asked for
requirements_processes.py   what is asked of the server's processes: no zombie, no open descriptor, a clean stop
chat.py                     what a chat server is asked for
exam.py                     one examination: the server, the requirements in turn
mistakes_tcp.py             what a TCP server gets wrong, in words and hints
mistakes_chat.py            what a chat server gets wrong
diagnosis.py                from the evidence to the mistake: what a server says itself, and whose calls closed what
unserved.py                 why a client is not served
unclosed.py                 why a connection stays open
report.py                   what is found, and how it is told
peers.py                    the clients that it sends
waiting.py                  how long to wait for what does not come
hasty/                      makes an examined Python's threads take turns as often as they can
partial/                    makes its send() take only a part
impatient/                  makes a timeout on its sockets ten or more times shorter
"""

from clients.examiner.exam import examine
from clients.examiner.report import Report
from clients.examiner.requirements import Diagnosis, NotMet, Requirement

__all__ = ["Diagnosis", "NotMet", "Report", "Requirement", "examine"]
