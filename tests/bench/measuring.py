"""How the benchmark measures: in turns, several times, with medians; and on which machine.

Each candidate has a turn in each round (A B A B ...), so that a machine that slows down affects all of them.
If there are two cores, server and generator are pinned to one each.
"""

import contextlib
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PEERS = Path(os.environ.get("BENCH_PEERS", ROOT / ".venv-bench" / "bin" / "python"))  # the Python that has uvloop and locust
BYTES = 64  # the length of a question, and of its answer, including the newline
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
SERVER_CORE, LOAD_CORE = (CORES[0], CORES[-1]) if len(CORES) > 1 else (None, None)


class Missing(Exception):
    """A candidate is not installed; the message says which."""


def in_turns(candidates, rounds):
    """Turn {name: function} into {name: [its result in each round]}; leave out a candidate that raises Missing, with a message."""
    results, gone = {name: [] for name in candidates}, {}
    for number in range(rounds):
        for name, measure in candidates.items():
            if name in gone:
                continue
            try:
                results[name].append(measure())
            except Missing as reason:
                gone[name] = str(reason)
                print(f"    {name}: left out, {reason}", flush=True)
        print(f"    round {number + 1} of {rounds}", flush=True)
    return {name: values for name, values in results.items() if name not in gone}


def row(name, values, unit, target=None, at_most=False):
    """Return a row of the results; `target` is the project's target, a lower bound, or an upper bound with at_most."""
    value = statistics.median(values)
    reached = None if target is None else (value <= target if at_most else value >= target)
    return {
        "name": name,
        "value": round(value, 4),
        "unit": unit,
        "least": round(min(values), 4),
        "most": round(max(values), 4),
        "runs": len(values),
        "target": target and ("at most " if at_most else "at least ") + f"{target:g}",
        "reached": reached,
    }


def ratios(above, below):
    """Return the ratios round by round, since only values of the same round are comparable."""
    return [a / b for a, b in zip(above, below, strict=True) if b]


# ---------------------------------------------------------------- processes


def pin(pid, core):
    """Pin a process to one core, if the OS allows it."""
    if core is not None:
        with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
            psutil.Process(pid).cpu_affinity([core])


def compiled(name):
    """Compile a C program of this folder; return the path of the executable."""
    folder = Path(tempfile.gettempdir()) / f"bench-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    target, source = folder / name, HERE / f"{name}.c"
    if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
        compiler = os.environ.get("CC", "cc")
        try:
            subprocess.run([compiler, "-O2", "-o", str(target), str(source)], check=True)
        except (OSError, subprocess.CalledProcessError):
            raise Missing(f"no C compiler made {source.name} ({compiler})") from None
    return str(target)


@contextlib.contextmanager
def program(*command, **options):
    """Start a server on the server's core, yield the port that its first line ends with or says is ready, and end it with the block."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, **pipes, text=True, start_new_session=True, **options)
    try:
        pin(process.pid, SERVER_CORE)
        port = re.search(r"(\d+)( is ready.*)?$", process.stdout.readline().strip())
        if not port:
            raise Missing(f"{Path(command[0]).name} {' '.join(command[1:])} does not start")
        yield int(port[1])
    finally:
        os.killpg(process.pid, 9)
        process.wait()
        process.stdout.close()


def c_server(*options):
    return program(compiled("echo"), *options)


def peer(name):
    """Start a server of peers.py; uvloop's in the environment that has it."""
    if name.startswith("uvloop") and not PEERS.exists():
        raise Missing(f"no {PEERS}: `make bench` installs uvloop and locust there")
    python = str(PEERS) if PEERS.exists() else sys.executable
    return program(python, str(HERE / "peers.py"), name)


@contextlib.contextmanager
def ours(name, *arguments):
    """Start a model of the course unwatched, with its whole process tree on the server's core."""
    from servers import launch

    with launch(name, *arguments, name="bench", watch=False) as server:
        for one in server.processes():
            pin(one.pid, SERVER_CORE)
        yield server.port


def c_rate(port, connections, seconds, each=False):
    """Return the answers per second that the C generator gets."""
    said = said_by([compiled("load"), port, connections, seconds, BYTES, *["each"] * each], seconds + 60)
    if not said:
        raise RuntimeError("the C generator failed: the line above says why")
    return float(said)


def said_by(command, timeout, **options):
    """Run a load generator on its core; return what it prints."""
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True, **options)
    pin(process.pid, LOAD_CORE)
    return process.communicate(timeout=timeout)[0]


# ---------------------------------------------------------------- the machine


def machine():
    """Describe the machine."""
    return {
        "processor": processor(),
        "cores": len(CORES) or os.cpu_count(),
        "memory GB": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load before": round(os.getloadavg()[0], 2),
    }


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
