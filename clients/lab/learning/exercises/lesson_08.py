"""The exercises of lesson 08: a percentile that hides nothing, and a model that fits its load."""

import asyncio
import itertools
import math
import time

from clients.lab.learning.exercises import Exercise, NotMet, client, dialogue, expect, require
from clients.load import Load
from clients.report import LoadError, Measurement

# ---------------------------------------------------------------- 08.1

NOTES = "a line with the three times of a question is answered with `noted`, and `new` with `forgotten`"


async def counts_from_the_moment_it_was_due(server):
    """a question that was due at 10, sent at 30 and answered at 31 has a latency of 21"""
    await percentiles(server, [(10, 30, 31)], {"100": "21"})


async def by_nearest_rank(server):
    """of the latencies 1 to 10, `p 50` is 5, `p 90` is 9, `p 91` is 10, `p 100` is 10"""
    questions = [(0, 0, latency) for latency in (3, 8, 1, 10, 5, 2, 9, 4, 7, 6)]
    await percentiles(server, questions, {"50": "5", "90": "9", "91": "10", "100": "10", "1": "1"})


async def of_any_number(server):
    """of 3, 7 and 200, `p 50` is 7, and `p 99` is 200; of 4.5 alone, each is 4.5; of 1 to 25, `p 28` is 7"""
    await percentiles(server, [(5, 5, 205), (1, 2, 8), (9, 9, 12)], {"50": "7", "99": "200", "33": "3"})
    await percentiles(server, [(1, 1, 5.5)], {"0.1": "4.5", "50": "4.5", "99.9": "4.5"})
    await percentiles(server, [(0, 0, latency) for latency in range(1, 26)], {"28": "7"})  # 28 / 100 * 25 > 7 in floating point


async def of_all_clients(server):
    """the questions of several clients count together"""
    async with client(server, "Ann") as ann, client(server, "Ben") as ben:
        await expect(ann, "new", "forgotten")
        await expect(ann, "0 0 100", "noted")
        await expect(ben, "0 0 2", "noted")
        await expect(ben, "p 100", "100", same=is_number)
        await expect(ann, "p 50", "2", same=is_number)


def is_number(came, expected):
    """Return whether the answer is this number, written as 21 or 21.0."""
    try:
        return float(came) == float(expected)
    except ValueError:
        return False


async def percentiles(server, questions, expected):
    """Send the server these questions, then ask it for percentiles."""
    async with client(server) as ann:
        await expect(ann, "new", "forgotten")
        for question in questions:
            await expect(ann, " ".join(map(str, question)), "noted")
        for percent, value in expected.items():
            try:
                await expect(ann, f"p {percent}", value, same=is_number)
            except NotMet as problem:
                told = "; ".join(" ".join(map(str, question)) for question in questions)
                raise NotMet(f"told (due, sent, answered): {told}\n{problem}") from None


# ---------------------------------------------------------------- 08.2 and 08.3: a load decides

WAITING = Load(connections=10, idle=30, mix="sleep 0.1", seconds=0.6, warm_up=0.1, timeout=2)
FEW_THREADS = 8
SHORT_VISITS = Load(connections=12, connect_each=True, mix="burn 0.02", seconds=0.8, warm_up=0.1, timeout=10)
FEW_PROCESSES = 6
GAP = 0.5  # seconds between two looks at the processes; a longer gap means that this machine was too busy
TRIES = 3


async def nobody_starves(server):
    """under that load each of the 10 is answered, and they do not wait for each other"""
    report, *_ = await under(server, WAITING)
    if report.errors or report.starved or report.answers < 15:
        troubles = ", ".join(f"{number} {what}" for what, number in report.errors.items()) or "no errors"
        raise NotMet(
            f"{report.starved} of the 10 were never answered in {report.seconds:.1f} s; {report.answers} answers, {troubles}.\n"
            "A server that serves one at a time can give 6 answers in that time; one that serves all ten at once, 60"
        )


async def with_few_threads(server):
    """30 clients are connected and silent, 10 ask `sleep 0.1` again and again: all its processes have at most 8 threads together"""
    *_, threads, _ = await under(server, WAITING)
    require(threads <= FEW_THREADS, "there were more than 8 at one moment; a process without further threads has one")


async def on_several_cores(server):
    """under that load, at least two processes compute"""
    before = {one.pid: one.cpu or 0 for one in server.processes()}
    report, seen, *_ = await under(server, SHORT_VISITS)
    if report.errors:
        raise NotMet(f"{report.answers} answers; " + ", ".join(f"{number} {what}" for what, number in report.errors.items()))
    computing = sum(cpu - before.get(pid, 0) >= 0.015 for pid, cpu in seen.items())
    if max(computing, answering_at_once(server.events())) < 2:
        raise NotMet(f"{computing} process computed: on two cores, one of them was idle")


def answering_at_once(events):
    """Return how many answering processes lived at the same moment. A process that ends after its answer may escape the process table."""
    answering = {one.pid for one in events if one.kind == "send"}
    return most_at_once([one for one in events if one.pid in answering], lambda one: one.pid)


async def with_few_processes(server):
    """12 clients at a time come, each with `burn 0.02`, leave and come again: it never has more than 6 processes"""
    *_, processes = await under(server, SHORT_VISITS)
    require(processes <= FEW_PROCESSES, "at one moment there were more than 6")


async def under(server, load):
    """Put the load on the server; return (report, highest CPU time seen of each process, most threads, most processes).

    Repeat if this machine was too busy meanwhile.
    """
    require(server.kind != "udp", "these clients connect, and UDP has no connections")
    for _ in range(TRIES):
        measured, longest_gap = await once_under(server, load)
        if longest_gap < GAP:
            break
    return measured


async def once_under(server, load):
    """Return (what under() returns, the longest time between two looks at the processes)."""
    measurement = Measurement(server, load)
    seen, threads, processes = {}, 0, 0
    going_on, looked, longest_gap = True, time.monotonic(), 0
    while going_on:
        going_on = not measurement.over  # one last look after the end
        table = await asyncio.to_thread(server.processes)
        looked, longest_gap = time.monotonic(), max(longest_gap, time.monotonic() - looked)
        seen |= {one.pid: max(one.cpu or 0, seen.get(one.pid, 0)) for one in table}
        threads = max(threads, sum(one.threads or 0 for one in table))
        processes = max(processes, sum(one.state != "zombie" for one in table))
        await asyncio.sleep(0.05)
    try:
        report = measurement.wait()
    except LoadError as problem:
        raise NotMet(str(problem)) from None
    events = server.events()
    threads = max(threads, most_at_once(events, lambda one: (one.pid, one.tid)))
    processes = max(processes, most_at_once(events, lambda one: one.pid))
    return (report, seen, threads, processes), longest_gap


def most_at_once(events, who):
    """Return how many lived at once, each from first to last event. Looking at the process table now and then would miss some."""
    lives = {}
    for one in events:
        first, last = lives.get(who(one), (one.start, one.start))
        lives[who(one)] = min(first, one.start), max(last, one.end or math.inf)
    changes = sorted([(first, 1) for first, _ in lives.values()] + [(last, -1) for _, last in lives.values()])
    return max(itertools.accumulate(change for _, change in changes), default=0)


EXERCISES = {
    "08.1": Exercise(
        "percentiles that hide nothing",
        [
            dialogue("notes", NOTES, {"new": "forgotten", "10 10 12.5": "noted"}),
            counts_from_the_moment_it_was_due,
            by_nearest_rank,
            of_any_number,
            of_all_clients,
        ],
        [
            "From which of the three moments on does the person at the other end wait?",
            "Sort the latencies, as numbers. The nearest rank of p percent of n values is ceil(p * n / 100), counted from 1.",
            "Python's lists count from 0, and math.ceil rounds up. Multiply before you divide: 7 / 100 * 100 is 7.000000000000001.",
        ],
        point=counts_from_the_moment_it_was_due,
    ),
    "08.2": Exercise(
        "many who wait, few threads",
        [dialogue("answers who waits", "`sleep 0.1` is answered", {"sleep 0.1": "sleep 0.1"}), with_few_threads, nobody_starves],
        [
            "Forty clients are connected. Which models need a thread or a process for each of them?",
            "Which models serve a client to its end before the next one? The 30 silent ones never leave.",
            "In most of the models that remain, `sleep` stops the only thread. In which one does it not? See lessons 04 and 05.",
        ],
        point=with_few_threads,
    ),
    "08.3": Exercise(
        "short visits that compute",
        [
            dialogue("answers who computes", "`burn 0.02` is answered", {"burn 0.02": "burn 0.02"}),
            with_few_processes,
            on_several_cores,
        ],
        [
            "Which models use several cores for Python code? Threads of one process share one GIL (lesson 03).",
            "Which of those do not make a process for each client?",
            "Take prefork, or a pool of processes (`%%server visited --pool processes`). "
            "How many workers can there be, if the parent counts, too?",
        ],
        point=with_few_processes,
    ),
}
