"""What a server did under a load: `report = measure(server, connections=100)`; several reports make a table, `Reports([...])`.

The load comes from a separate process (`python -m clients.load`), so neither the notebook nor the server pays for it. The server's
process tree is examined from outside, at the beginning and at the end of the measured time.
"""

import csv
import dataclasses
import html
import json
import math
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from clients.load import Load
from servers.runtime.events import written

ROOT = str(Path(__file__).parent.parent)


def measure(server, load=None, **options):
    """Put a load on a server and return the Report; block until the load ends.

    server    a running Server, or an address like ("127.0.0.1", 6666), whose Report lacks what the server used
    load      a Load; or pass its fields: measure(server, connections=100, seconds=2)

    Raises LoadError when the load generator fails.
    """
    measurement = Measurement(server, load or Load(**options))
    try:
        return measurement.wait()
    except BaseException:  # the learner interrupts the cell
        measurement.kill()
        raise


class LoadError(RuntimeError):
    """The load generator failed; the message says why."""


# ---------------------------------------------------------------- the report


@dataclasses.dataclass(frozen=True)
class Report:
    """What one server did under one load. What the server used is None if only its address was given."""

    server: str
    load: Load
    seconds: float  # how long it was measured
    answers: int  # correct answers in that time
    errors: dict  # {what went wrong: how often}: time-outs, lost, refused, reset, short reads, wrong answers ...
    unanswered: int  # questions that were open at the end, and were not answered shortly after
    starved: int  # clients that asked, and got no answer in all that time
    quantiles: list  # latencies in ms: the smallest, then the 1st, 2nd ... 1000th of a thousand; [] when nothing was answered
    generator_busy: float  # share of a core that the load generator used: near 1, it could not ask faster
    stopped: bool = False  # stopped early
    cpu_user: float | None = None  # seconds of CPU time of the whole process tree, children that have ended included (Linux)
    cpu_system: float | None = None
    memory: int | None = None  # bytes of the process tree, at the end, with all clients connected: PSS on Linux, else resident set
    processes: int | None = None  # at that moment, like the two below
    threads: int | None = None
    descriptors: int | None = None

    @property
    def throughput(self):
        """Correct answers per second."""
        return self.answers / self.seconds if self.seconds else 0.0

    @property
    def failures(self):
        return sum(self.errors.values())

    @property
    def cpu(self):
        """Seconds of CPU time of the process tree, user plus system."""
        return None if self.cpu_user is None else self.cpu_user + self.cpu_system

    @property
    def cpu_per_answer(self):
        """Microseconds of CPU time per answer."""
        return None if self.cpu is None or not self.answers else self.cpu / self.answers * 1e6

    def percentile(self, percent):
        """Return the latency in ms that `percent` of all questions did not exceed: exact, nearest rank, in steps of 0.1 percent."""
        if not 0 <= percent <= 100:
            raise ValueError(f"a percentile is a number from 0 to 100, not {percent}.")
        return self.quantiles[math.ceil(percent * 10)] if self.quantiles else math.nan

    @property
    def p50(self):
        return self.percentile(50)

    @property
    def p90(self):
        return self.percentile(90)

    @property
    def p99(self):
        return self.percentile(99)

    @property
    def longest(self):
        return self.percentile(100)

    def row(self):
        """Return the numbers that a table shows, by column name."""
        return {
            "server": self.server,
            "answers/s": round(self.throughput, 1),
            "p50 ms": round(self.p50, 3),
            "p90 ms": round(self.p90, 3),
            "p99 ms": round(self.p99, 3),
            "longest ms": round(self.longest, 3),
            "errors": self.failures,
            "unanswered": self.unanswered,
            "starved": self.starved,
            "CPU user s": None if self.cpu is None else round(self.cpu_user, 3),
            "CPU system s": None if self.cpu is None else round(self.cpu_system, 3),
            "memory MB": None if self.memory is None else round(self.memory / 2**20, 1),
            "processes": self.processes,
            "threads": self.threads,
            "descriptors": self.descriptors,
        }

    def __repr__(self):
        return repr(Reports([self]))

    def _repr_html_(self):
        return Reports([self])._repr_html_()


class Reports(list):
    """Reports side by side: prints as a table, saves as CSV."""

    def rows(self):
        """Return a dictionary for each report, without the columns that are None in all of them."""
        rows = [report.row() for report in self]
        names = [name for name in (rows[0] if rows else ()) if any(row[name] is not None for row in rows)]
        return [{name: row[name] for name in names} for row in rows]

    def save(self, path):
        """Write the table as CSV: a header, then a line for each report; the last column says in words what went wrong."""
        rows = [row | {"what went wrong": wrongs(report)} for row, report in zip(self.rows(), self, strict=True)]
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0] if rows else (), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def __repr__(self):
        rows = self.rows()
        if not rows:
            return "no reports"
        table = [list(rows[0])] + [["-" if value is None else f"{value}" for value in row.values()] for row in rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table]
        return "\n".join(lines + [f"{report.server}: {wrongs(report)}" for report in self if wrongs(report)])

    def _repr_html_(self):
        cell = '<{0} style="padding: 2px 7px 2px 0; text-align: {1}">{2}</{0}>'
        rows = self.rows()
        if not rows:
            return "no reports"
        lines = [[cell.format("th", "left" if i == 0 else "right", html.escape(name)) for i, name in enumerate(rows[0])]]
        for row in rows:
            values = [shown(value) for value in row.values()]
            lines.append(
                [
                    cell.format("td", "left; white-space: nowrap" if i == 0 else "right", html.escape(value))
                    for i, value in enumerate(values)
                ]
            )
        table = "".join(f"<tr>{''.join(line)}</tr>" for line in lines)
        notes = "".join(f"<div>{html.escape(f'{one.server}: {wrongs(one)}')}</div>" for one in self if wrongs(one))
        style = "font-variant-numeric: tabular-nums; font-size: 90%"
        return f'<div style="overflow-x: auto"><table style="{style}">{table}</table></div>{notes}'


def shown(value):
    """Format a value for a table that people read; digits after the third are noise."""
    if value is None:
        return "–"
    if isinstance(value, float) and abs(value) >= 100:
        value = round(value)
    return value if isinstance(value, str) else f"{value:,}"


def wrongs(report):
    """Say in words what went wrong; empty if nothing did."""
    words = [f"{number} {what}" for what, number in report.errors.items()]
    if report.unanswered:
        words.append(f"{report.unanswered} unanswered at the end")
    if report.starved:
        words.append(f"{report.starved} of {report.load.connections} clients never answered")
    if report.stopped:
        words.append(f"stopped after {report.seconds:.1f} s")
    return ", ".join(words)


# ---------------------------------------------------------------- a running measurement


class Measurement:
    """A running load: it starts at once, in a separate process; a thread here reads its progress.

    `progress` is the last report: phase (connecting, warming up, measuring, measured), passed (seconds), answers, errors.
    """

    def __init__(self, server, load):
        is_address = isinstance(server, tuple)
        if not is_address and not server.running:
            raise LoadError(f"{server.name} is not running: it is {server.state}. Launch it first.")
        if not is_address and (server.kind == "udp") != load.udp:
            load = dataclasses.replace(load, udp=server.kind == "udp")
        self.server, self.load = server, load
        self.address = server if is_address else server.address
        self.progress = {"phase": "connecting", "passed": 0, "answers": 0, "errors": {}}
        self.stopped = False
        self.report = self.problem = None
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "clients.load", written(self.address), "--json", *options(load)],
            stdin=subprocess.PIPE,  # end of file there means that the notebook is gone
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": ROOT},
            start_new_session=True,  # "Interrupt kernel" must reach the notebook only
        )
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    @property
    def over(self):
        return not self.reader.is_alive()

    def stop(self):
        """End the load early. What was measured by then is kept."""
        self.stopped = True
        self.tell("stop")

    def wait(self, timeout=None):
        """Return the Report when the load has ended, or None after `timeout` seconds. Raises LoadError."""
        self.reader.join(timeout)
        if self.problem:
            raise LoadError(self.problem)
        return self.report

    def kill(self):
        self.process.kill()
        self.reader.join()

    def tell(self, word):
        try:
            self.process.stdin.write(word + "\n")
            self.process.stdin.flush()
        except (OSError, ValueError):
            pass  # the load has just ended

    def read(self):
        try:
            self.report = self.listen()
        except Exception as problem:  # an exception in a thread would go unnoticed
            self.problem = f"the load ended early: {problem!r}"
        finally:
            with self.process:  # closes its pipes, so that the process ends
                if self.report is None and not self.problem:
                    self.problem = f"the load ended early: {self.process.stderr.read().strip() or 'it was killed'}"

    def listen(self):
        before, used = self.used_cpu(), {}
        for line in self.process.stdout:
            said = json.loads(line)
            if "result" in said:
                return self.reported(said["result"], used)
            fresh = said["phase"] != self.progress["phase"]
            self.progress = self.progress | said
            if fresh and said["phase"] == "measuring":
                before = self.used_cpu()
            if fresh and said["phase"] == "measured":
                used = self.used(before)
                self.tell("go")

    # ------------------------------------------------------------ examining the server

    def used_cpu(self):
        """Return the CPU time that the process tree has used so far; None if it cannot be known."""
        if isinstance(self.server, tuple) or not self.server.running:
            return None
        try:
            return cpu_of_family(self.server)
        except psutil.NoSuchProcess:  # the server has just ended
            return None

    def used(self, before):
        after = self.used_cpu()
        if before is None or after is None:
            return {}
        table = self.server.processes()
        user, system = after.since(before)
        return {
            "cpu_user": user,
            "cpu_system": system,
            "memory": sum(one.memory or 0 for one in table),
            "processes": len(table),
            "threads": sum(one.threads or 0 for one in table),
            "descriptors": sum(one.descriptors or 0 for one in table),
        }

    def reported(self, result, used):
        busy = result.pop("generator_cpu") / (result["seconds"] or 1)
        quantiles = [value * 1000 for value in result.pop("quantiles")]
        name = written(self.address) if isinstance(self.server, tuple) else self.server.name
        whole = self.load.seconds - result["seconds"] < 0.001
        return Report(
            name, self.load, quantiles=quantiles, generator_busy=busy, stopped=self.stopped and not whole, **result, **used
        )


def options(load):
    """Yield the command-line options that describe a load."""
    for field in dataclasses.fields(load):
        name, value = "--" + field.name.replace("_", "-"), getattr(load, field.name)
        if field.type is not bool:
            yield f"{name}={value}"
        elif value:
            yield name


class CpuTime(NamedTuple):
    """CPU time in seconds. User and system are counted in hundredths; `exact` is their sum, exact where the OS has a clock for it."""

    user: float
    system: float
    exact: float

    def since(self, earlier):
        """Return (user, system) used since `earlier`; their sum is exact."""
        user, system = max(self.user - earlier.user, 0), max(self.system - earlier.system, 0)
        exact = max(self.exact - earlier.exact, 0)
        share = user / (user + system) if user + system else 0.5
        return round(exact * share, 4), round(exact * (1 - share), 4)


def cpu_of_family(server):
    """Return the CpuTime of all processes of a server so far, including those that have ended.

    The CPU time of an ended process is added to that of the parent that reaps it (wait(2), RUSAGE_CHILDREN in getrusage(2)).
    So the living processes plus what they have reaped make the total; the supervisor reaps orphans. Two parts are lost: children
    that no parent reaps because the server ignores SIGCHLD, and, on macOS, all ended children: it hides them from other processes.
    """
    user = system = exact = 0.0
    for one in [*server.members(), psutil.Process(server.supervisor_pid)]:
        try:
            times = one.cpu_times()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        reaped = getattr(times, "children_user", 0), getattr(times, "children_system", 0)
        own = (0, 0) if one.pid == server.supervisor_pid else (times.user, times.system)
        user, system = user + own[0] + reaped[0], system + own[1] + reaped[1]
        exact += sum(reaped) + (cpu_clock(one.pid, sum(own)) if one.pid != server.supervisor_pid else 0)
    return CpuTime(user, system, exact)


def cpu_clock(pid, otherwise):
    """Return the CPU time of a process to the nanosecond, or `otherwise` where the OS has no such clock.

    Linux has a clock for each process, and this is its ID (clock_getcpuclockid(3)); process tables count in hundredths of a second.
    """
    try:
        return time.clock_gettime(~pid << 3 | 2) if sys.platform == "linux" else otherwise
    except OSError:  # the process has ended
        return otherwise
