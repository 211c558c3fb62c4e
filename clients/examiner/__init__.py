"""The examiner: a demanding client that tests any running server, requirement by requirement.

    report = examine(server)          a Server: launched, or written in a %%server cell
    print(report)                     what was sent, what was expected, what came, and the likely mistake
    report.hint("framing")            a hint; each further call gives a stronger one

    python -m clients.examiner 127.0.0.1:6666      the same from a terminal, over the wire only

It judges what a server does, over the wire and in its process tree, and never how it is written: a thread per
client, a fork, a loop around select, a pool may all pass. It waits long for an answer, so no server fails because the
machine is slow; and it proves concurrency by order, not by a stopwatch, so no server passes by luck.

requirements.py             a requirement, the evidence that it is not met, and the diagnosis
requirements_tcp.py         the requirements for a TCP server
requirements_udp.py         the requirements for a UDP server
requirements_processes.py   the requirements for a server's processes: no zombie, no open descriptor, a clean stop
chat.py                     the requirements for a chat server
exam.py                     one examination: the server, the requirements in turn
mistakes_tcp.py             the mistakes of TCP servers, in words and hints
mistakes_chat.py            the mistakes of chat servers
diagnosis.py                from the evidence to the mistake: the server's own output, and which thread closed what
unserved.py                 why a client is not served
unclosed.py                 why a connection stays open
report.py                   the findings, and how they are printed
peers.py                    the examiner's clients
waiting.py                  how long to wait for an answer that may not come
hasty/                      makes the threads of an examined Python switch as often as possible
partial/                    makes its send() accept only a part
impatient/                  makes its timeouts ten or more times shorter
"""

from clients.examiner.exam import examine
from clients.examiner.report import Report
from clients.examiner.requirements import Diagnosis, NotMet, Requirement

__all__ = ["Diagnosis", "NotMet", "Report", "Requirement", "examine"]
