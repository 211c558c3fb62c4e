"""A run as a file: a page that shows it without a notebook, or a trace for Perfetto (https://ui.perfetto.dev)."""

import base64
import html
import json
import os
from pathlib import Path

from clients.lab.timeline import esm
from clients.lab.timeline.packing import message
from clients.lab.timeline.recording import Recording
from clients.lab.timeline.spans import MARK_KINDS, NOBODY, SPAN_KINDS, Update, in_rows
from clients.lab.ui.durations import MS

CLIENTS = 0  # in a trace: the pid of the "process" whose threads are the clients; the server's processes follow
# The page is self-contained: it makes no requests.
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ max-width: 1100px; margin: 0 auto; padding: 8px 12px; font: 15px/1.5 system-ui, sans-serif; }}
pre {{ overflow-x: auto; }}
{style}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<div id="timeline"></div>
<details><summary>In words</summary><pre tabindex="0">{words}</pre></details>
</main>
<script type="module">
{script}
showRecording(timelines, {recording}, document.getElementById("timeline"));
</script>
</body>
</html>
"""


def save(recording: Recording, path: str | os.PathLike) -> Path:
    """Write a recording to this file. Raises ValueError for an unknown suffix or an empty recording."""
    path = Path(path)
    forms = {".html": page, ".json": trace_text}
    if path.suffix not in forms:
        raise ValueError(
            f"A timeline is saved as a page, such as run.html, or as a trace for Perfetto, such as run.json; "
            f"{path.name!r} is neither. For a picture: timeline.picture()."
        )
    if recording.origin is None:
        raise ValueError(
            f"{recording.title} is empty: the server has not done anything yet that a recording could hold. "
            "Let a client connect, then save again."
        )
    path.write_text(forms[path.suffix](recording), encoding="utf-8")
    return path


def page(recording: Recording) -> str:
    """Return one HTML file: the timeline as in the notebook (zoom, hover, play), and the transcript."""
    return PAGE.format(
        title=html.escape(recording.title),
        style=esm.style(),
        words=html.escape(str(recording.transcript())),
        script=esm.script(),
        recording=in_script(recorded(recording)),
    )


def recorded(recording: Recording) -> dict:
    """Return a snapshot of the whole recording for view/player.js, as data for JSON."""
    assert recording.origin is not None, "an empty run has nothing to show"
    start, end = recording.extent()
    everything = Update(recording.lanes.lanes, list(recording.spans), list(recording.marks), recording.open)
    content, buffers = message(recording, everything, 0, end, snapshot=True)
    content["whole"] = [(moment - recording.origin) / MS for moment in (start, end)]
    return {"content": content, "buffers": [base64.b64encode(packed).decode() for packed in buffers]}


def in_script(data: dict) -> str:
    """Return JSON that is safe inside a <script>: nothing in it can end the script."""
    return json.dumps(data).replace("<", "\\u003c")


def trace_text(recording: Recording) -> str:
    """Return the trace as the text of a JSON file, one event per line."""
    events = ",\n".join(map(json.dumps, trace(recording)))
    return f'{{"displayTimeUnit": "ms", "traceEvents": [\n{events}\n]}}\n'


def trace(recording: Recording) -> list[dict]:
    """Return the run as Chrome trace events, which Perfetto reads ("Trace Event Format", Google, 2016); times in microseconds.

    Each process and thread of the server is one in the trace; the clients are the threads of one process "clients".
    """
    lanes = {lane.number: lane for lane in recording.lanes.lanes}
    end = recording.extent()[1]
    track: dict[int | None, dict] = {lane.number: {"pid": _process(lane, lanes), "tid": lane.number + 1} for lane in lanes.values()}

    def microseconds(at):
        return (at - recording.origin) / 1000

    def client(number):
        return "a client" if number in (None, NOBODY) else lanes[number].label

    events: list[dict] = []
    named: set[int] = set()
    for lane in in_rows(lanes.values()):  # by default, Perfetto puts the busiest process on top
        place = track[lane.number]
        if place["pid"] not in named:
            name = "clients" if lane.side == "client" else lane.label
            events.append({"ph": "M", "name": "process_name", "args": {"name": name}, **place})
            events.append({"ph": "M", "name": "process_sort_index", "args": {"sort_index": len(named)}, **place})
            named.add(place["pid"])
        events.append({"ph": "M", "name": "thread_name", "args": {"name": lane.label}, **place})
    for span in sorted([*recording.spans, *recording.open], key=lambda span: span.start):
        until = end if span.end is None else span.end
        events.append(
            {
                "ph": "X",
                "cat": span.kind,
                "name": SPAN_KINDS[span.kind].format(client=client(span.client)),
                "ts": microseconds(span.start),
                "dur": max(0, until - span.start) / 1000,
                "args": {"bytes received": span.received, "bytes sent": span.sent, "still open": span.end is None},
                **track[span.lane],
            }
        )
    for mark in recording.marks:
        says = MARK_KINDS[mark.kind].format(client=client(mark.client), detail=mark.detail)
        events.append({"ph": "i", "s": "t", "cat": mark.kind, "name": says, "ts": microseconds(mark.at), **track[mark.lane]})
    return events


def _process(lane, lanes):
    """Return the number of the process to which a lane belongs."""
    if lane.side == "client":
        return CLIENTS
    while lane.role == "thread" and lane.parent is not None:
        lane = lanes[lane.parent]
    return lane.number + 1
