"""How the benchmark measures: in turns, several times, with medians; and on which machine.

Whoever is compared has a turn in each round (A B A B ...), so that a machine that becomes slower meanwhile hits all of them.
Server and generator are pinned to cores of their own where there are two.
"""

import contextlib
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PEERS = Path(os.environ.get("BENCH_PEERS", ROOT / ".venv-bench" / "bin" / "python"))  # the Python that has uvloop and locust
BYTES = 64  # a question and its answer, the newline included
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
SERVER_CORE, LOAD_CORE = (CORES[0], CORES[-1]) if len(CORES) > 1 else (None, None)


class Missing(Exception):
    """Something that would be compared is not installed; the text says what."""


def in_turns(candidates, rounds):
    """{name: function} -> {name: [what it returned in each round]}; a candidate that raises Missing is left out, and said so."""
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
    """A line of the results; `target` is what the project set itself, as a lower bound, or an upper one with at_most."""
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
    """Round by round: what was measured in one round belongs together."""
    return [a / b for a, b in zip(above, below, strict=True) if b]


# ---------------------------------------------------------------- processes


def pin(pid, core):
    """Keep a process on one core, where the system lets us."""
    if core is not None:
        with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
            psutil.Process(pid).cpu_affinity([core])


def compiled(name):
    """The path of a C program of this folder, compiled on the spot."""
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
def program(*command):
    """A server that prints its port in its first line, on the server's core; gives the port. It ends with the block."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True)
    try:
        pin(process.pid, SERVER_CORE)
        port = process.stdout.readline()
        if not port.strip().isdecimal():
            raise Missing(f"{Path(command[0]).name} {' '.join(command[1:])} does not start")
        yield int(port)
    finally:
        os.killpg(process.pid, 9)
        process.wait()
        process.stdout.close()


def c_server(*options):
    return program(compiled("echo"), *options)


def peer(name):
    """A server of peers.py; uvloop's in the environment that has it."""
    if name.startswith("uvloop") and not PEERS.exists():
        raise Missing(f"no {PEERS}: `make bench` installs uvloop and locust there")
    python = str(PEERS) if PEERS.exists() else sys.executable
    return program(python, str(HERE / "peers.py"), name)


@contextlib.contextmanager
def ours(name, *arguments):
    """A model of the course, not watched, its whole family on the server's core."""
    from servers import launch

    with launch(name, *arguments, name="bench", watch=False) as server:
        for one in server.processes():
            pin(one.pid, SERVER_CORE)
        yield server.port


def c_rate(port, connections, seconds, each=False):
    """Answers a second that the C generator gets."""
    command = [compiled("load"), str(port), str(connections), str(seconds), str(BYTES), *["each"] * each]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    pin(process.pid, LOAD_CORE)
    said, problem = process.communicate(timeout=seconds + 60)
    if process.returncode:
        raise RuntimeError(f"the C generator failed: {problem.strip()}")
    return float(said)


# ---------------------------------------------------------------- the machine


def machine():
    """What was measured on."""
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
