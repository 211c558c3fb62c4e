"""A run saved to a file: the trace for Perfetto, and errors. tests/browser/test_saved.py opens the page."""

import json

import pytest
from timeline_by_hand import ANN, BEN, HandMadeClient, HandMadeServer, event, loop_with_two_clients

from clients.lab.timeline import saving
from clients.lab.timeline.widget import Timeline


def timeline_of(events, records=()):
    return Timeline(HandMadeServer(events), [HandMadeClient(name, records) for name in ("Ann", "Ben")])


def track_names(events, kind, key):
    return {event[key]: event["args"]["name"] for event in events if event["name"] == kind}


def test_a_trace_holds_every_span_and_mark_in_its_track(tmp_path):
    timeline = timeline_of(*loop_with_two_clients())
    trace = json.loads(timeline.save(tmp_path / "run.json").read_text())
    events = trace["traceEvents"]
    assert trace["displayTimeUnit"] == "ms"
    assert sorted(track_names(events, "process_name", "pid").values()) == ["clients", "server 1"]
    lane = track_names(events, "thread_name", "tid")
    spans = [(lane[event["tid"]], event["name"], event["ts"], event["dur"]) for event in events if event["ph"] == "X"]
    assert ("server 1", "serves Ann", 10_000, 1_000) in spans
    assert ("Ben", "is connected, not accepted yet: in the backlog", 31_000, 32_000) in spans
    marks = [(lane[event["tid"]], event["name"], event["ts"]) for event in events if event["ph"] == "i"]
    assert ("Ann", "asks (6 bytes)", 19_000) in marks
    recording = timeline.recording
    assert (len(spans), len(marks)) == (len(recording.spans) + len(recording.open), len(recording.marks))


THREAD_AND_CHILD = [
    event("listen", 0, 0),
    event("thread start", 1, 1, tid=2),
    event("accept", 1, 3, ANN, tid=2),
    event("fork", 4, 4, detail="7"),
    event("receive", 5, 8, ANN, 6, pid=7, tid=7),
]


def test_threads_are_in_their_process_and_children_are_processes():
    timeline = timeline_of(THREAD_AND_CHILD)
    timeline.recording.catch_up()
    trace = saving.trace(timeline.recording)
    tracks = {event["args"]["name"]: (event["pid"], event["tid"]) for event in trace if event["name"] == "thread_name"}
    labels = {lane.role: lane.label for lane in timeline.recording.lanes.lanes}
    server, thread, child = (tracks[labels[role]] for role in ("server", "thread", "child"))
    assert thread[0] == server[0] != child[0] and tracks["Ann"][0] == tracks["Ben"][0] == saving.CLIENTS
    assert len(set(tracks.values())) == len(tracks)
    order = {event["pid"]: event["args"]["sort_index"] for event in trace if event["name"] == "process_sort_index"}
    assert sorted(order, key=order.get) == [server[0], child[0], saving.CLIENTS]


@pytest.mark.parametrize("run", [loop_with_two_clients(), (THREAD_AND_CHILD,)], ids=["loop", "thread and child"])
def test_a_trace_is_in_the_form_that_perfetto_reads(run):
    """Perfetto treats overlapping spans in one track as an error, and moves them elsewhere.

    Source: "Trace Event Format" (Google, 2016), and json_trace_tokenizer.cc and slice_tracker.cc of Perfetto (August 2026).
    """
    timeline = timeline_of(*run)
    timeline.recording.catch_up()
    trace = json.loads(saving.trace_text(timeline.recording))["traceEvents"]
    named = {(entry["pid"], entry["tid"]) for entry in trace if entry["name"] == "thread_name"}
    assert len({tid for _, tid in named}) == len(named), "a thread belongs to one process"
    ends = {}
    for entry in trace:
        assert {type(entry["pid"]), type(entry["tid"])} == {int} and (entry["pid"], entry["tid"]) in named, entry
        assert entry["ph"] == "M" or entry["ts"] >= 0, entry
        if entry["ph"] == "X":
            assert entry["dur"] >= 0 and entry["ts"] >= ends.get(entry["tid"], 0) - 1e-6, entry
            ends[entry["tid"]] = entry["ts"] + entry["dur"]
    assert len(ends) == 3


def test_nothing_in_a_page_ends_its_script():
    assert "</script" not in saving.in_script({"label": "</script><script>alert(1)"})


@pytest.mark.parametrize("name", ["run.png", "run", "run.HTML.txt"])
def test_another_ending_is_refused_in_words(tmp_path, name):
    with pytest.raises(ValueError, match="run.html.*run.json.*is neither"):
        timeline_of(*loop_with_two_clients()).save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_run_in_which_nothing_happened_is_refused_in_words(tmp_path):
    with pytest.raises(ValueError, match="empty.*Let a client connect"):
        timeline_of([]).save(tmp_path / "run.html")


def test_a_peer_without_a_name_has_a_track(tmp_path):
    timeline = timeline_of([event("listen", 0, 0), event("accept", 1, 3, BEN)])
    assert BEN in timeline.save(tmp_path / "run.json").read_text()
