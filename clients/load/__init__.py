"""Many clients at once: a load generator. It asks a server, and measures how many answers come, and how long each one takes.

    python -m clients.load 127.0.0.1:6666 --connections 100 --seconds 5
    python -m clients.load 127.0.0.1:6666 --mix "9 hello, 1 sleep 0.01" --rate 500

One thread plays all clients, on `selectors`, like the server of tcp_select. Each client is a generator: it reads like a client
that waits, and says `yield` wherever it would. (`measure` of clients.report runs this program and looks at the server meanwhile.)

Closed loop: each client asks again as soon as it has its answer. So a slow server is asked less often, and looks better than it
is. Open loop (`rate`): questions come due at fixed moments, whatever the server does, as those of people who do not know of each
other. Their latency counts from the moment when they were due: a question that finds all clients busy waits, and its wait counts
("coordinated omission" is to leave it out).

Percentiles are exact: every latency is kept and sorted, and the one at rank ceil(q * n) is taken (nearest rank). A question that
nobody answered counts among them, as long as it was waited for.

    load        Load: what a server has to bear
    client      one client: it asks, waits for the answer, and tries again after an error
    crowd       all clients, and the loop that wakes them: they arrive, warm up, are measured
    tally       what is counted: answers, errors, latencies
"""

from clients.load.load import Load

__all__ = ["Load"]
