"""`make bench`: the project's own figures, measured in turns, medians of at least five rounds, beside the project's targets.

    python tests/bench/bench.py [--only 1,3] [--rounds 5]

Writes results.md and, after group 3, the chart in notebooks/images. New figures replace the old ones of their group; other
groups keep theirs, each with its own date and machine.
"""

import argparse
import datetime
import importlib
import sys
import time

import chart
from measuring import HERE, ROOT, Missing, machine

GROUPS = {
    "1": ("startup", "From launch() to the first answer"),
    "2": ("watching", "Watched against unwatched"),
    "3": ("models", "The models against C, uvloop, asyncio and the stock socketserver"),
    "4": ("generators", "The load generator against C, wrk and locust"),
    "5": ("browser", "In a real browser"),
    "6": ("lessons", "The whole course under nbval"),
}
TABLE = HERE / "results.md"
HEAD = "# What `make bench` measured\n\nMedians of rounds taken in turns. Made by tests/bench/bench.py: do not edit.\n\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="numbers of groups, as in 1,3 (all)")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    chosen = options.only.replace(",", " ").split() or list(GROUPS)
    if unknown := set(chosen) - set(GROUPS):
        sys.exit(f"there is no group {', '.join(sorted(unknown))}. Groups: {', '.join(f'{n} {g[1]}' for n, g in GROUPS.items())}")
    for number in chosen:
        module, title = GROUPS[number]
        print(f"{number}. {title}", flush=True)
        began = time.monotonic()
        on = ", ".join(f"{name} {value}" for name, value in machine().items())
        try:
            rows = importlib.import_module(module).run(options.rounds)
        except Missing as reason:
            print(f"  left out: {reason}")
            continue
        print(table(rows), flush=True)
        about = f"{datetime.date.today().isoformat()}, in {time.monotonic() - began:.0f} s, on: {on}"
        put(f"{number}. {title}\n\n{about}\n\n{table(rows)}")
        if module == "models":
            print(f"chart: {chart.draw(rows, ROOT / 'notebooks' / 'images').relative_to(ROOT)}")
    missed = [line for line in TABLE.read_text().splitlines() if line.endswith("| not reached |")]
    print("\n".join([f"{len(missed)} targets not reached", *missed]))


def put(section):
    """Write the section of one group into the page, in place of the old one of that group."""
    old = TABLE.read_text().split("## ")[1:] if TABLE.exists() else []
    sections = {text.partition(".")[0]: text.strip() for text in [*old, section]}
    TABLE.write_text(HEAD + "\n\n".join(f"## {sections[number]}" for number in sorted(sections)) + "\n")


def shown(row):
    return f"{row['value']:,.0f}" if abs(row["value"]) >= 1000 else f"{row['value']:.3g}"


def table(rows):
    """Return the rows of a group as a Markdown table."""
    lines = ["| | median | unit | from | to | runs | target | |", "|---|---:|---|---:|---:|---:|---|---|"]
    for row in rows:
        least, most = (shown({"value": row[end]}) for end in ("least", "most"))
        mark = {True: "reached", False: "not reached", None: ""}[row["reached"]]
        cells = row["name"], shown(row), row["unit"], least, most, row["runs"], row["target"] or "", mark
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
