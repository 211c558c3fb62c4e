"""Group 2: a watched server against the same server unwatched, and under a general tracer; ten clients ask as fast as they can."""

import os

from measuring import PEERS, ROOT, SERVER_CORE, Missing, c_rate, in_turns, pin, program, ratios, row

from servers import launch

MODELS = "tcp_epoll", "tcp_thread", "tcp_fork", "tcp_asyncio"
SECONDS = 1


def run(rounds):
    rows = []
    for model in MODELS:
        found = in_turns({True: lambda m=model: rate(m, True), False: lambda m=model: rate(m, False)}, rounds)
        rows.append(row(f"{model}: watched / unwatched", ratios(found[True], found[False]), "ratio", 0.8))
    return rows + general_tracer(rounds)


def general_tracer(rounds):
    found = in_turns({"traced": traced, "bare": lambda: rate("tcp_epoll", False)}, rounds)
    if "traced" not in found:
        return []
    return [row("tcp_epoll: under viztracer / unwatched", ratios(found["traced"], found["bare"]), "ratio")]


def rate(model, watch):
    with launch(model, name="bench", watch=watch) as server:
        pin(server.pid, SERVER_CORE)
        return c_rate(server.port, 10, SECONDS)


def traced():
    """Measure tcp_epoll under viztracer, which records every function call in a ring buffer; the recording is not kept."""
    viztracer = PEERS.with_name("viztracer")
    if not viztracer.exists():
        raise Missing("viztracer is not installed")
    command = [viztracer, "--quiet", "--output_file", "/tmp/never-written.json", "--", ROOT / "servers" / "tcp_epoll.py", "--port", 0]
    with program(*map(str, command), env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}) as port:
        return c_rate(port, 10, SECONDS)
