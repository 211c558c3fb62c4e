"""Group 4: our load generator against one in C, and against wrk and locust if they are installed; and ten thousand connections.

wrk speaks only HTTP, so for it the C server runs in a mode that answers with an empty HTTP response of about the same size.
"""

import json
import os
import re
import shutil
import subprocess
import time
from functools import partial

import psutil
from measuring import BYTES, HERE, LOAD_CORE, PEERS, Missing, c_rate, c_server, in_turns, pin, ratios, row, said_by

from clients.load import Load
from clients.report import Measurement

SECONDS = 1.5
CROWD = 10_000


def run(rounds):
    rows = []
    for connections in 100, 1000:
        print(f"  {connections} connections", flush=True)
        found = in_turns({name: partial(rate, connections) for name, rate in GENERATORS.items()}, rounds)
        rows.append(row(f"C generator, {connections} connections", found["C"], "answers/s"))
        for name, target in ("ours", 0.85), ("wrk", None), ("locust", None):
            if name in found:
                rows.append(row(f"{name} / C, {connections} connections", ratios(found[name], found["C"]), "ratio", target))
        if "locust" in found:
            rows.append(row(f"ours / locust, {connections} connections", ratios(found["ours"], found["locust"]), "ratio", 3.0))
    return rows + crowd(rounds)


def crowd(rounds):
    print(f"  {CROWD:,} connections", flush=True)
    found = in_turns({"C": partial(c, CROWD), "ours": ours_with_memory, "wrk": partial(wrk, CROWD)}, rounds)
    rates, bytes_each = zip(*found["ours"], strict=True)
    rows = [
        row(f"ours, {CROWD:,} connections", rates, "answers/s"),
        row(f"ours / C, {CROWD:,} connections", ratios(rates, found["C"]), "ratio"),
        row("memory of our generator for each connection held", [one / 1024 for one in bytes_each], "KiB", 3.0, at_most=True),
    ]
    if "wrk" in found:
        rows.append(row(f"ours / wrk, {CROWD:,} connections", ratios(rates, found["wrk"]), "ratio", 1.0))
    return rows


# ---------------------------------------------------------------- answers per second that each gets from the C server


def c(connections):
    with c_server() as port:
        return c_rate(port, connections, SECONDS)


def ours(connections):
    with c_server() as port:
        return measured(port, connections)[0]


def ours_with_memory():
    """Return (answers per second, bytes of memory for each additional connection)."""
    with c_server() as port:
        _, few = measured(port, 10)
        rate, many = measured(port, CROWD)
        return rate, (many - few) / (CROWD - 10)


def measured(port, connections):
    """Return (answers per second, bytes that the generator held when all were connected, and it began to measure).

    Earlier it also holds the latencies of answers during the connecting phase, which it drops at that moment.
    """
    measurement = Measurement(("127.0.0.1", port), Load(connections=connections, seconds=SECONDS, mix="x" * (BYTES - 1)))
    process = psutil.Process(measurement.process.pid)
    pin(process.pid, LOAD_CORE)
    held = 0
    while not measurement.over:
        if measurement.progress["phase"] == "measuring" and not held:
            held = process.memory_info().rss
        time.sleep(0.005)
    report = measurement.wait()
    if report.failures:
        print(f"    ours: {report.errors}", flush=True)
    return report.throughput, held


def wrk(connections):
    if not shutil.which("wrk"):
        raise Missing("wrk is not installed")
    with c_server("http") as port:
        said = said_by(["wrk", "-t1", f"-c{connections}", f"-d{round(SECONDS + 0.5)}s", f"http://127.0.0.1:{port}/"], 60)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])


def locust(connections):
    program = PEERS.with_name("locust")
    if not program.exists():
        raise Missing("locust is not installed: `make bench` does it")
    with c_server() as port:
        command = [program, "-f", HERE / "locustfile.py", "--headless", "-u", connections, "-r", connections]
        command += ["-t", "3s", "--json", "--reset-stats", "--loglevel", "CRITICAL"]
        environment = {**os.environ, "BENCH_PORT": str(port), "BENCH_BYTES": str(BYTES)}
        said = said_by(command, 120, stderr=subprocess.DEVNULL, env=environment)
    (stats,) = json.loads(said[said.index("[") :])
    seconds = stats["last_request_timestamp"] - stats["start_time"]
    return stats["num_requests"] / seconds


GENERATORS = {"C": c, "ours": ours, "wrk": wrk, "locust": locust}
