"""The program: its command line, and its progress reports, for people or for programs."""

import argparse
import dataclasses
import json
import os
import selectors
import signal
import sys

from clients import load as package
from clients.load.crowd import Crowd
from clients.load.load import Load
from clients.tcp import address_of


def main():
    parser = argparse.ArgumentParser(
        "python -m clients.load", description=package.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address", help="such as 127.0.0.1:6666")
    for field in dataclasses.fields(Load):
        name = "--" + field.name.replace("_", "-")
        if field.type is bool:
            parser.add_argument(name, action="store_true")
        else:
            parser.add_argument(name, type=field.type, default=field.default, help=f"({field.default})")
    parser.add_argument("--json", action="store_true", help="for programs: a JSON object in each line; ends with standard input")
    options = vars(parser.parse_args())
    as_json = options.pop("json")
    try:
        address, load = address_of(options.pop("address")), Load(**options)
    except ValueError as problem:
        sys.exit(str(problem))
    crowd = Crowd(address, load, say_json if as_json else say)
    signal.signal(signal.SIGINT, lambda *_: crowd.at(0, crowd.end))  # what was measured by then is kept
    try:
        heard = as_json and crowd.selector.register(0, selectors.EVENT_READ, lambda: obey(crowd))
    except (OSError, ValueError):  # /dev/null, a file, or closed: cannot be waited for, and no command can come
        heard = None
    if not heard:
        crowd.dismiss()
    result = crowd.run()
    say_json({"result": result}) if as_json else print(summary(result))


def obey(crowd):
    """Obey the calling program: `stop` ends the load early, `go` lets the clients leave; end of file means both."""
    words = os.read(0, 100).split()
    if b"stop" in words or not words:
        crowd.end()
    if b"go" in words or not words:
        crowd.dismiss()
    if not words:
        crowd.selector.unregister(0)


def say_json(progress):
    try:
        print(json.dumps(progress), flush=True)
    except BrokenPipeError:  # the reader has gone
        os._exit(1)


def say(progress):
    if progress.get("passed") and sys.stderr.isatty():
        print(f"\r{progress['phase']}: {progress['passed']:.1f} s, {progress['answers']} answers", end="", file=sys.stderr)


def summary(result):
    percentiles = result["quantiles"] and [result["quantiles"][step] * 1000 for step in (500, 900, 990, 1000)]
    troubles = ", ".join(f"{number} {what}" for what, number in result["errors"].items()) or "no errors"
    lines = [
        f"{result['answers']} answers in {result['seconds']:.2f} s: {result['answers'] / (result['seconds'] or 1):.0f} a second"
    ]
    if percentiles:
        lines.append("latency: p50 {:.3f} ms, p90 {:.3f} ms, p99 {:.3f} ms, longest {:.3f} ms".format(*percentiles))
    lines.append(f"{troubles}; {result['unanswered']} unanswered at the end, {result['starved']} clients never answered")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
