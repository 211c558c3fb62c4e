"""Run the unit tests of the timeline's view that need no page, in the Node that comes with Playwright."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from timeline_by_hand import MS, HandMadeClient, HandMadeServer, loop_with_two_clients

from clients.lab.timeline import esm
from clients.lab.timeline.packing import message
from clients.lab.timeline.recording import Recording
from clients.lab.timeline.saving import recorded
from clients.lab.timeline.spans import MARK_KINDS, SPAN_KINDS, Update

UNIT_TESTS = Path(__file__).with_name("timeline_view.test.mjs")


@pytest.fixture(scope="module")
def node():
    try:
        import playwright
    except ImportError:
        found = shutil.which("node")
    else:
        found = shutil.which("node", path=Path(playwright.__file__).parent / "driver")
    return found or pytest.skip("no Node: neither Playwright's nor one of this machine's")


def run(node, *arguments, **environment):
    return subprocess.run(
        [node, *arguments], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )


def sent(recording, update, number, snapshot):
    """Return a message as data for JSON."""
    content, buffers = message(recording, update, number, 71 * MS, snapshot)
    return {"content": content, "buffers": [base64.b64encode(packed).decode() for packed in buffers]}


def test_the_units_of_the_view(node, tmp_path):
    events, records = loop_with_two_clients()
    server = HandMadeServer(events[:5])
    server.running = True
    recording = Recording(server, [HandMadeClient(name, records) for name in ("Ann", "Ben")])
    first = recording.read(15 * MS)
    told = {"snapshot": sent(recording, Update(recording.lanes.lanes, first.spans, first.marks, first.open), 7, True)}
    server._events = events
    told["more"] = sent(recording, recording.read(100 * MS), 8, False)
    label = {lane.number: lane.label for lane in recording.lanes.lanes}
    told |= {
        "recorded": recorded(recording),
        "rows": ["server 1", "Ann", "Ben"],
        "kinds": list(SPAN_KINDS),
        "markKinds": list(MARK_KINDS),
        "spans": [
            [label[lane], kind, label.get(client), start // MS, end // MS, received, sent]
            for lane, kind, client, start, end, received, sent in recording.spans
        ],
        "marks": [[label[mark.lane], mark.kind, mark.at // MS, mark.detail] for mark in recording.marks],
        "open": len(recording.open),
    }
    file = tmp_path / "timeline.json"
    file.write_text(json.dumps(told))
    done = run(node, UNIT_TESTS, TIMELINE=str(file))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_joined_module_is_what_anywidget_takes(node, tmp_path):
    """One module without imports, whose default export returns initialize and render; the script of a page has every file."""
    joined = tmp_path / "joined.mjs"
    joined.write_text(esm.module())
    script = f"import view from {json.dumps(joined.as_uri())}; console.log(Object.keys(view()).join())"
    done = run(node, "--input-type=module", "--eval", script)
    assert done.stdout == "initialize,render\n", done.stderr
    assert all(path.read_text().splitlines()[0] in esm.script() for path in esm.FOLDER.glob("*.js"))
