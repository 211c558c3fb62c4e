"""Group 2: a watched server against the same server unwatched, and under a general tracer; ten clients ask as fast as they can."""

import os
import subprocess

from measuring import PEERS, ROOT, SERVER_CORE, Missing, c_rate, in_turns, pin, ratios, row

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
    program = PEERS.with_name("viztracer")
    if not program.exists():
        raise Missing("viztracer is not installed")
    command = [program, "--quiet", "--output_file", "/tmp/never-written.json", "--"]
    command += [ROOT / "servers" / "tcp_epoll.py", "--port", 0]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, start_new_session=True
    )
    try:
        where, ready, _ = process.stdout.readline().partition(b" is ready")
        if not ready:
            raise Missing("viztracer does not start")
        pin(process.pid, SERVER_CORE)
        return c_rate(int(where.rpartition(b":")[2]), 10, SECONDS)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
