"""A class on one hub: `make bench-hub LEARNERS=30 MINUTES=10` measures it on this machine.

All learners log in at the same moment. Each opens the lessons one after the other, runs every cell at a learner's pace, clicks a
button after each, and shuts down a lesson's kernel before opening the next (`--keep`: keeps it). Then all are idle, and the
CPU time of that phase is measured, too. As root, the learners are accounts of this machine, which are removed at the end.
"""

import argparse
import asyncio
import random
import statistics
import sys
import time
from pathlib import Path

import psutil

sys.path[0] = str(Path(__file__).parents[1])  # not this folder, whose hub.py would hide the package hub
from hub.classroom import Failed, Learner, accounts, hub  # noqa: E402

from clients.course import memory_limit  # noqa: E402

LESSONS = "01-loop-model", "02-fork", "06-socketserver", "09-http"
READING = 60  # seconds in which all learners are idle


class Measured:
    """The measurements; times in seconds, memory in bytes."""

    def __init__(self):
        self.starts, self.clicks, self.cells, self.failures = [], [], 0, []
        self.labs, self.kernels = [], []  # memory of a JupyterLab alone; of a kernel with its servers
        self.late = 0.0


async def attend(address, name, number, options, measured, everybody_is_there):
    """Play one learner."""
    start = time.monotonic()
    async with Learner(address, name) as learner:
        measured.starts.append(time.monotonic() - start)
        await everybody_is_there.wait()
        lessons = [(f"{lesson}.ipynb", (await learner.lesson(f"{lesson}.ipynb"))["cells"]) for lesson in LESSONS]
        measured.labs.append(memory(processes_of(name)))
        pace = random.Random(number)
        begin, step = time.monotonic(), options.minutes * 60 / sum(len(cells) for _, cells in lessons)
        done = 0
        for path, cells in lessons:
            before = memory(processes_of(name))
            async with learner.kernel(path) as kernel:
                for cell in cells:
                    due = begin + (done + pace.random()) * step
                    done += 1
                    await asyncio.sleep(due - time.monotonic())
                    if cell["cell_type"] == "code":
                        await run(kernel, cell, f"{name}, {path}", measured)
                measured.late = max(measured.late, time.monotonic() - begin - done * step)
                measured.kernels.append(memory(processes_of(name)) - before)
            if path != lessons[-1][0] and not options.keep:
                await learner.shut_down_kernels()


async def run(kernel, cell, where, measured):
    measured.cells += 1
    try:
        await kernel.run("".join(cell["source"]))
    except Failed as error:
        if "raises-exception" not in cell["metadata"].get("tags", []):
            measured.failures.append(f"{where}: {error}")
    measured.clicks.append(await kernel.click())


def processes_of(name):
    """Return a learner's processes: those of the account, or, without root, the tree of the JupyterLab with the name in its command."""
    found = []
    for process in psutil.process_iter(["username", "cmdline"]):
        if process.info["username"] == name:
            found.append(process)
        elif process.info["username"] != "root" and any(f"/{name}/" in word for word in process.info["cmdline"] or ()):
            found += [process, *process.children(recursive=True)]
    return found


def memory(processes):
    return memory_limit.memory(process.pid for process in processes)


def processor_time(processes):
    """Return {process ID: CPU seconds}."""
    spent = {}
    for process in processes:
        try:
            times = process.cpu_times()
            spent[process.pid] = times.user + times.system
        except psutil.NoSuchProcess:
            pass
    return spent


async def measure(options):
    measured = Measured()
    with accounts(options.learners) as names:
        async with hub() as (process, address):
            there = asyncio.Event()
            attending = [
                asyncio.create_task(attend(address, name, number, options, measured, there)) for number, name in enumerate(names)
            ]
            while len(measured.starts) < len(names) and not any(task.done() for task in attending):
                await asyncio.sleep(0.2)
            print(f"{len(measured.starts)} learners have their JupyterLab", flush=True)
            there.set()
            for task, name in zip(attending, names, strict=True):
                try:
                    await task
                except Exception as error:
                    measured.failures.append(f"{name}: {type(error).__name__}: {error}")
            main = psutil.Process(process.pid)
            everything = [main, *main.children(recursive=True)]
            whole, before = memory(everything), processor_time(everything)
            await asyncio.sleep(READING)
            after = processor_time(everything)
            spent = sum(after[pid] - before[pid] for pid in after if pid in before)
            service = memory([main, *(child for child in main.children() if child.name() in ("node", "MainThread"))])
    report(options, measured, whole, service, spent)
    return not measured.failures


def report(options, measured, whole, service, spent):
    mib = 2**20
    clicks = sorted(measured.clicks)
    cores, size = psutil.cpu_count(), psutil.virtual_memory().total
    lines = [
        ("learners, lessons each, minutes", f"{options.learners}, {len(LESSONS)}, {options.minutes:g}"),
        ("cells run, of these failed", f"{measured.cells}, {len(measured.failures)}"),
        ("furthest behind the pace at the end of a lesson", f"{measured.late:.0f} s"),
        (
            "from the login to one's JupyterLab, median and longest",
            f"{statistics.median(measured.starts):.1f} s, {max(measured.starts):.1f} s",
        ),
        (
            "a click, median and 95th percentile",
            f"{1e3 * statistics.median(clicks):.0f} ms, {1e3 * clicks[int(len(clicks) * 0.95)]:.0f} ms",
        ),
        ("memory of a JupyterLab without a kernel, median", f"{statistics.median(measured.labs) / mib:.0f} MiB"),
        (
            "memory of a kernel with its servers, median and most",
            f"{statistics.median(measured.kernels) / mib:.0f} MiB, {max(measured.kernels) / mib:.0f} MiB",
        ),
        ("memory of the hub and its proxy", f"{service / mib:.0f} MiB"),
        (
            f"memory of everything, with {'all lessons' if options.keep else 'one lesson'} open, by learner",
            f"{whole / options.learners / mib:.0f} MiB",
        ),
        ("processor while all read", f"{100 * spent / READING:.1f} % of a core"),
        ("the machine", f"{cores} cores, {size / 2**30:.0f} GiB; load before {options.load:.1f}"),
    ]
    width = max(len(label) for label, _ in lines)
    for label, value in lines:
        print(f"{label:{width}}  {value}")
    for failure in measured.failures:
        print(f"failed: {failure}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A class on one hub, on this machine.")
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=10, help="in which each runs all four lessons (default: %(default)s)")
    parser.add_argument("--keep", action="store_true", help="leave the kernels of earlier lessons open")
    options = parser.parse_args()
    options.load = psutil.getloadavg()[0]  # other programs on this machine affect every figure
    sys.exit(0 if asyncio.run(measure(options)) else 1)
