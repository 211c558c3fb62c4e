"""A load generator: many clients at once. It measures how many answers a server gives, and how long each one takes.

    python -m clients.load 127.0.0.1:6666 --connections 100 --seconds 5
    python -m clients.load 127.0.0.1:6666 --mix "9 hello, 1 sleep 0.01" --rate 500

One thread plays all clients, using `selectors`, like the server tcp_select. Each client is a generator: it reads like a blocking
client, with a `yield` wherever that one would block. (`measure` of clients.report runs this program and watches the server.)

Closed loop: each client asks again as soon as it has its answer. So a slow server is asked less often, and looks better than it
is. Open loop (`rate`): questions come due at fixed moments, whatever the server does, like those of independent users. Latency
counts from the moment when a question was due: if all clients are busy then, the question waits, and the wait counts (leaving it
out is called "coordinated omission").

Percentiles are exact: every latency is kept and sorted, and the one at rank ceil(q * n) is taken (nearest rank). A question that
got no answer counts with the time that its client waited.

    load        Load: the parameters of a load
    client      one client: it asks, waits for the answer, and tries again after an error
    crowd       all clients, and the loop that wakes them: they arrive, warm up, are measured
    tally       the counters: answers, errors, latencies
"""

from clients.load.load import Load

__all__ = ["Load"]
