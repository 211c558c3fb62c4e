"""`make bench`: the project's own figures, measured in turns, medians of at least five rounds, beside the project's targets.

    python tests/bench/bench.py [--only 1,3] [--rounds 5]

Writes results.json (everything), results.md (a table) and the chart in notebooks/images. New figures replace the old ones of
their group; other groups keep theirs, each with its own date and machine.
"""

import argparse
import datetime
import importlib
import json
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
JSON, TABLE = HERE / "results.json", HERE / "results.md"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="numbers of groups, as in 1,3 (all)")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    chosen = options.only.replace(",", " ").split() or list(GROUPS)
    if unknown := set(chosen) - set(GROUPS):
        sys.exit(f"there is no group {', '.join(sorted(unknown))}. Groups: {', '.join(f'{n} {g[1]}' for n, g in GROUPS.items())}")
    results = json.loads(JSON.read_text()) if JSON.exists() else {}
    for number in chosen:
        module, title = GROUPS[number]
        print(f"{number}. {title}", flush=True)
        began = time.monotonic()
        about = {"title": title, "when": datetime.date.today().isoformat(), "machine": machine()}
        try:
            rows = importlib.import_module(module).run(options.rounds)
        except Missing as reason:
            print(f"  left out: {reason}")
            continue
        results[number] = about | {"took s": round(time.monotonic() - began), "rows": rows}
        print(table(rows), flush=True)
        JSON.write_text(json.dumps(dict(sorted(results.items())), indent=1) + "\n")
    TABLE.write_text(page(results))
    for path in chart.draw(results, ROOT / "notebooks" / "images"):
        print(f"chart: {path.relative_to(ROOT)}")
    missed = [row for group in results.values() for row in group["rows"] if row["reached"] is False]
    print(f"{len(missed)} targets not reached" + "".join(f"\n  {row['name']}: {shown(row)}, {row['target']}" for row in missed))


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


def page(results):
    parts = [
        "# What `make bench` measured",
        "",
        "Medians of rounds taken in turns. Made by tests/bench/bench.py: do not edit.",
        "",
    ]
    for number, group in results.items():
        machine = ", ".join(f"{name} {value}" for name, value in group["machine"].items())
        parts += [f"## {number}. {group['title']}", "", f"{group['when']}, in {group['took s']} s, on: {machine}", ""]
        parts += [table(group["rows"]), ""]
    return "\n".join(parts)


if __name__ == "__main__":
    main()
