"""The timeline: lanes from hand-made events, the picture, the transcript, and the messages to a view. No browser."""

import io
import os
import random
import signal

import pytest
from PIL import Image
from timeline_by_hand import ANN, BEN, MS, HandMadeServer, event, loop_with_two_clients, record

from clients.lab.panels.client_panel import ClientPanel
from clients.lab.timeline import recording
from clients.lab.timeline.lanes import Lanes
from clients.lab.timeline.look import DASHES
from clients.lab.timeline.packing import SPAN
from clients.lab.timeline.transcript import Transcript, collapsed
from clients.lab.timeline.widget import Timeline
from clients.lab.ui.waiting import wait_until
from servers import launch


def spans_of(lanes, update):
    """Return (lane's label, kind, client's label, start, end in milliseconds) of each span, sorted by lane and time."""
    label = {lane.number: lane.label for lane in lanes.lanes}
    found = [
        (label[span.lane], span.kind, label.get(span.client), span.start / MS, span.end and span.end / MS)
        for span in [*update.spans, *update.open]
    ]
    return sorted(found, key=lambda span: (span[0], span[3]))


def test_a_loop_lets_the_second_client_wait_in_the_backlog():
    lanes = Lanes(["Ann", "Ben"])
    found = spans_of(lanes, lanes.feed(*loop_with_two_clients()))
    assert [span[1:] for span in found if span[0] == "server 1"] == [
        ("accepting", None, 2, 10),
        ("serving", "Ann", 10, 11),
        ("receiving", "Ann", 11, 20),
        ("serving", "Ann", 20, 26),
        ("receiving", "Ann", 26, 60),
        ("accepting", None, 62, 63),
        ("serving", "Ben", 63, 64),
        ("receiving", "Ben", 64, 65),
        ("serving", "Ben", 65, 71),
        ("receiving", "Ben", 71, None),
    ]
    assert [span[1::2] for span in found if span[0] == "Ann"][:3] == [("connecting", 9), ("idle", 10), ("waiting", 19)]
    assert [(span[1], *span[3:]) for span in found if span[0] == "Ben"] == [
        ("connecting", 30, 31),
        ("queued", 31, 63),
        ("waiting", 63, 71),
        ("idle", 71, None),
    ]


def test_piece_by_piece_and_out_of_order_equals_all_at_once():
    """Events and records arrive late and out of order, beginnings before ends; the lanes must be the same."""
    events, records = loop_with_two_clients()
    whole = Lanes(["Ann", "Ben"])
    expected = spans_of(whole, whole.feed(events, records))
    begins = [event._replace(end=None, bytes=0) for event in events if event.kind in ("accept", "receive") and event.end]
    arriving = [(event.end or event.start, "event", event) for event in [*events, *begins]]
    arriving += [(record.end, "record", record) for record in records]
    late = random.Random(1)
    arriving.sort(key=lambda arrival: arrival[0] + late.randrange(5 * MS))
    lanes, found = Lanes(["Ann", "Ben"]), []
    for moment, source, fact in arriving:
        pieces = ([fact], []) if source == "event" else ([], [fact])
        found += lanes.feed(*pieces, settled_at=moment - 10 * MS).spans
    last = lanes.feed()
    last.spans = found + last.spans
    assert spans_of(lanes, last) == expected


def test_a_client_that_is_accepted_at_once_was_not_in_the_backlog():
    lanes = Lanes(["Ann"])
    events = [event("listen", 0, 0), event("accept", 1, 12, ANN)]
    found = spans_of(lanes, lanes.feed(events, [record("Ann", "connect", 9, 10)]))
    assert [span[1::2] for span in found if span[0] == "Ann"] == [("connecting", 9), ("idle", 10)]


def test_a_program_makes_a_lane_and_holds_no_connection():
    lanes = Lanes()
    events = [event("accept", 0, 5, ANN), event("fork", 6, 8, detail="2 program"), event("close", 9, 9, ANN)]
    update = lanes.feed([*events, event("reap", 10, 11, detail="2 0")])
    assert [(lane.label, lane.ended) for lane in lanes.lanes if lane.role == "child"] == [("child 2", 11 * MS)]
    assert any(mark.kind == "closed by server" and mark.at == 9 * MS for mark in update.marks)


def test_a_fork_makes_a_lane_and_a_child_that_is_not_reaped_is_a_zombie():
    events = [
        event("accept", 0, 5, ANN),
        event("fork", 6, 8, detail="2"),
        event("close", 9, 9, ANN),
        event("accept", 10, None),
        event("receive", 9, 20, ANN, 6, pid=2, tid=2),
        event("send", 22, 22, ANN, 6, pid=2, tid=2),
        event("close", 23, 23, ANN, pid=2, tid=2),
        event("exit", 24, 24, pid=2, tid=2, detail="0"),
    ]
    lanes = Lanes()
    update = lanes.feed(events)
    child = next(lane for lane in lanes.lanes if lane.role == "child")
    assert (child.label, child.parent, child.ended) == ("child 2", 0, 24 * MS)
    assert any(mark.kind == "closed by server" and mark.at == 23 * MS for mark in update.marks), "the last copy counts"
    assert not any(span.kind == "zombie" for span in update.open), "an exit alone does not prove a zombie"
    assert lanes.unreaped(25 * MS) == [2]
    lanes.inspected(2, True, 25 * MS)
    assert [span.kind for span in lanes.feed().open if span.lane == child.number] == ["zombie"]
    reaped = lanes.feed([event("reap", 90, 90, detail="2 0")])
    assert [(span.kind, span.start, span.end) for span in reaped.spans] == [("zombie", 24 * MS, 90 * MS)]


def test_threads_have_lanes_below_their_process_and_peers_one_by_their_address():
    events = [
        event("thread start", 0, 0, tid=6),  # asyncio resolves names in a thread before the first thread does anything
        event("accept", 0, 5, ANN),
        event("thread start", 6, 6, tid=7),
        event("receive", 7, 9, ANN, 6, tid=7),
        event("send", 12, 12, ANN, 6, tid=7),
        event("thread end", 13, 13, tid=7),
    ]
    lanes = Lanes()
    found = spans_of(lanes, lanes.feed(events))
    assert ("thread 7 of 1", "serving", ANN, 9, 13) in found
    assert (ANN, "waiting", ANN, 9, 12) in found
    assert str(Transcript(events, [], [], "tcp")).startswith("server: accepts client 1\nthread 1: starts\nthread 2: starts, ")


def test_a_worker_that_was_there_before_serves_a_client_from_its_accept_to_its_close():
    """So do the threads of a pool; they then wait for the next job, which no socket event shows."""
    events = [
        event("thread start", 0, 0, tid=7),
        event("accept", 1, 5, ANN),
        event("receive", 8, 9, ANN, 6, tid=7),
        event("send", 10, 10, ANN, 6, tid=7),
        event("close", 20, 20, ANN),
    ]
    lanes = Lanes()
    found = spans_of(lanes, lanes.feed(events))
    assert [span[1:] for span in found if span[0] == "thread 7 of 1"] == [
        ("serving", ANN, 5, 8),
        ("receiving", ANN, 8, 9),
        ("serving", ANN, 9, 20),
    ]


@pytest.mark.parametrize("kind, comes", [("tcp", event("accept", 2, 5, ANN)), ("udp", event("receive", 2, 5, ANN, 6))])
def test_a_thread_that_sends_to_all_from_time_to_time_serves_nobody_between(kind, comes):
    sends = [event("send", at, at + 1, ANN, 6, tid=7) for at in (50, 100)]
    lanes = Lanes([], kind)
    found = spans_of(lanes, lanes.feed([event("thread start", 0, 0, tid=7), comes, *sends]))
    assert [span[3:] for span in found if span[0] == "thread 7 of 1"] == [(50, 51), (100, 101)]


def test_a_worker_that_waits_for_the_next_job_serves_nobody():
    """A thread that only sends works until it has sent. In a ThreadPoolExecutor, a job ends with a pause of zero length."""
    events = [
        event("accept", 0, 5, ANN),
        event("thread start", 6, 6, tid=7),
        event("send", 9, 9, ANN, 6, tid=7),
        event("pause", 10, 40, tid=7),
        event("send", 42, 42, ANN, 6, tid=7),
        event("send", 42, 43, BEN, 6, tid=7),
        event("pause", 43, 43, tid=7),
        event("receive", 70, 71, ANN, 6, tid=7),
        event("pause", 73, None, tid=7),
    ]
    lanes = Lanes()
    found = spans_of(lanes, lanes.feed(events))
    assert [(span[1], *span[3:]) for span in found if span[0] == "thread 7 of 1"] == [
        ("serving", 6, 9),
        ("pausing", 10, 40),
        ("serving", 40, 42),
        ("serving", 42, 43),
        ("receiving", 70, 71),
        ("serving", 71, 73),
        ("pausing", 73, None),
    ]


def test_a_signals_handler_that_reaps_leaves_the_server_waiting():
    lanes = Lanes()
    found = spans_of(lanes, lanes.feed([event("accept", 0, None), event("fork", 1, 2, detail="2"), event("reap", 5, 5, detail="2 0")]))
    assert ("server 1", "accepting", None, 0, None) in found


@pytest.mark.parametrize("seen_live", [False, True])
def test_a_signals_handler_that_talks_interrupts_a_wait(seen_live):
    begun = [event("wait", 7, None)] * seen_live
    events = [event("accept", 0, 5, ANN), *begun, event("receive", 40, 41, ANN, 6), event("send", 43, 43, ANN, 6)]
    lanes = Lanes()
    found = spans_of(lanes, lanes.feed([*events, event("wait", 7, 44, bytes=1)]))
    spans = [span[1:] for span in found if span[0] == "server 1"]
    assert spans[-2:] == [("serving", ANN, 41, 43), ("selecting", None, 43, 44)]
    assert spans[1:3] == [("serving", ANN, 5, 7), ("selecting", None, 7, 40)] or not seen_live


def test_who_talks_over_a_unix_socket_is_no_client():
    """multiprocessing passes connections over a Unix socket; programs receive commands such as reload over one."""
    events = [event("listen", 0, 0), event("accept", 1, 5, ANN), event("receive", 6, 8, bytes=3), event("receive", 9, None)]
    assert str(Transcript(events, [], [], "tcp")) == "server: accepts client 1\nclient 1: is accepted"
    lanes = Lanes()
    update = lanes.feed(events)
    assert not [mark for mark in update.marks if mark.kind == "listen"]
    assert {span.kind for span in update.spans + update.open if span.lane == 0} == {"accepting", "serving"}


def test_a_connection_that_is_handed_on_is_its_new_holders_to_close():
    events = [event("accept", 0, 5, ANN), event("receive", 6, 9, ANN, 6, pid=2, tid=2), event("close", 12, 12, ANN, pid=2, tid=2)]
    assert str(Transcript(events, [], [], "tcp")).endswith("client 1: is accepted, asks, is closed by the server")


def test_a_client_leaves_once_however_often_its_end_is_read():
    ends = [event("receive", at, at, ANN, 0) for at in (6, 7)]
    assert str(Transcript([event("accept", 0, 5, ANN), *ends], [], [], "tcp")).endswith("client 1: is accepted, closes")


def test_whom_the_server_asks_is_no_client():
    """The server is a proxy, or looks something up in another server."""
    other = "127.0.0.1:5432"
    events = [
        event("accept", 0, 5, ANN),
        event("receive", 6, 9, ANN, 6),
        event("connect", 10, 11, other, detail="EINPROGRESS"),
        event("send", 12, 12, other, 9),
        event("receive", 13, 60, other, 8),
        event("send", 61, 61, ANN, 8),
        event("close", 62, 62, other),
    ]
    lanes = Lanes()
    found = spans_of(lanes, lanes.feed(events))
    assert ("server 1", "serving", ANN, 9, None) in found and {lane.label for lane in lanes.lanes} == {"server 1", ANN}
    assert str(Transcript(events, [], [], "tcp")) == (
        "server: accepts client 1, receives 6 bytes from client 1, connects to another server, sends 9 bytes to another server, "
        "receives 8 bytes from another server, sends 8 bytes to client 1, closes its connection to another server\n"
        "client 1: is accepted, asks, is answered"
    )
    own = [event("listen", 0, 0, detail=other), *events]  # as if checking whether it answers itself
    assert "connects to itself" in str(Transcript(own, [], [], "tcp"))
    lanes.feed([event("accept", 70, 75, other)])
    assert other in {lane.label for lane in lanes.lanes}, "a client may get the port of a server that has ended"


def test_a_connection_over_a_unix_socket_hides_no_other_call():
    """The server talks to a manager's process, or to the system's log."""
    lanes = Lanes()
    lanes.feed([event("accept", 0, 5, ANN), event("connect", 6, 6), event("fork", 7, 8, detail="2"), event("close", 9, 9, ANN)])
    found = spans_of(lanes, lanes.feed([event("exit", 10, 10, pid=2, tid=2)]))
    assert (ANN, "idle", ANN, 5, 10) in found and [lane.label for lane in lanes.lanes if lane.role == "child"] == ["child 2"]


def test_a_datagrams_sender_is_not_connected_to_a_tcp_server():
    """A DNS server listens for both on one port."""
    lanes = Lanes()
    found = spans_of(lanes, lanes.feed([event("listen", 0, 0), event("receive", 1, 5, ANN, 6), event("send", 8, 8, ANN, 6)]))
    assert [span[1:] for span in found if span[0] == ANN] == [("waiting", ANN, 5, 8)]


def test_udp_has_nobody_in_a_backlog():
    events = [event("receive", 1, 10, ANN, 6), event("send", 15, 15, ANN, 6), event("receive", 16, None)]
    lanes = Lanes(["Ann"], "udp")
    records = [record("Ann", "connect", 8), record("Ann", "send", 9), record("Ann", "answer", 9, 16)]
    assert spans_of(lanes, lanes.feed(events, records)) == [
        ("Ann", "waiting", "Ann", 9, 16),
        ("server 1", "accepting", None, 1, 10),
        ("server 1", "serving", "Ann", 10, 16),
        ("server 1", "accepting", None, 16, None),
    ]


def test_an_empty_datagram_is_a_request_and_nobody_leaves():
    events = [event("receive", 1, 10, ANN, 0), event("send", 15, 15, ANN, 0)]
    assert str(Transcript(events, [], [], "udp")) == (
        "server: receives 0 bytes from client 1, sends 0 bytes to client 1\nclient 1: asks, is answered"
    )


def test_the_transcript_has_no_number_that_differs_from_run_to_run():
    events, records = loop_with_two_clients()
    assert str(Transcript(events, records, ["Ann", "Ben"], "tcp")) == (
        "server: listens, accepts Ann, receives 6 bytes from Ann, sends 6 bytes to Ann, sees Ann leave, closes Ann, "
        "accepts Ben, receives 6 bytes from Ben, sends 6 bytes to Ben, waits for Ben\n"
        "Ann: connects, asks, is answered, closes\n"
        "Ben: connects, waits in the backlog, asks, is accepted, is answered"
    )
    assert collapsed(list("abababc")) == ["3 times (a, b)", "c"]


def test_the_bundle_has_a_png_and_a_text_without_ports():
    timeline = Timeline(HandMadeServer(loop_with_two_clients()[0]))
    data, metadata = timeline._repr_mimebundle_()
    assert data["text/plain"] == "Timeline of tcp_loop"
    assert "application/vnd.jupyter.widget-view+json" in data
    image = Image.open(io.BytesIO(timeline.picture().png))
    assert image.width == 2 * metadata["image/png"]["width"]
    assert len(image.getcolors(1 << 24)) > 20, "something is drawn"


def test_a_view_gets_a_snapshot_then_what_is_new_in_numbered_messages():
    events, _ = loop_with_two_clients()
    server = HandMadeServer(events[:4])
    server.running = True
    timeline, told = Timeline(server), []
    timeline.send = lambda content, buffers=(): told.append((content, buffers))
    timeline._keeper = object()  # the test takes the thread's place
    timeline._on_message(timeline, {"type": "hello"}, [])
    timeline._tell()
    server._events, server.running = events, False
    timeline._tell()
    (first, before), (second, after) = told
    assert (first["type"], second["type"]) == ("snapshot", "add")
    assert second["number"] == first["number"] + 1 and second["ended"]
    assert {kind["pattern"]: kind["dash"] for kind in first["look"]["kinds"] if kind["dash"]} == DASHES
    assert len(before[0]) // SPAN.size + len(after[0]) // SPAN.size == len(timeline.recording.spans)


def turns(first, number):
    """Return `number` questions of Ann's with their answers; 4 ms each."""
    found = []
    for at in range(first, first + 4 * number, 4):
        found += [event("receive", at, at + 2, ANN, 6), event("send", at + 3, at + 3, ANN, 6)]
    return found


def test_so_many_spans_are_kept_and_no_more(monkeypatch):
    monkeypatch.setattr(recording, "MAX_SPANS", 1_000)
    monkeypatch.setattr(recording, "MAX_MARKS", 500)
    kept = recording.Recording(HandMadeServer([event("accept", 0, 1, ANN), *turns(2, 600)]))
    kept.read(settled_at=None)
    assert len(kept.spans) == 1_000 and len(kept.marks) == 500
    assert kept.losses == "the oldest part is forgotten"


def test_more_events_than_can_be_read_leave_a_gap_that_is_told(monkeypatch):
    monkeypatch.setattr(recording, "MAX_UNREAD", 1_000)
    server = HandMadeServer([event("accept", 0, 1, ANN), *turns(2, 10), event("receive", 42, None, ANN)])
    server.running = True
    watched = recording.Recording(server)
    watched.read(settled_at=100 * MS)
    server._events = [*server._events, *turns(42, 600)]  # 1,200 more
    watched.read(settled_at=10_000 * MS)
    assert watched.losses == "200 events were left out: the server is too busy to show all it does"
    across = [span for span in watched.spans if span.start < 43 * MS and span.end > 100 * MS]
    assert not across, "what is not known is not drawn"
    assert str(watched.transcript()).startswith("(the last 1,000 of 1,222 events)\nserver: ")


def test_a_server_that_cannot_be_watched_does_not_seem_to_do_nothing():
    server = HandMadeServer([])
    server.running, server.unseen = True, "it cannot be watched"
    shown = recording.Recording(server)
    assert shown.losses == "it cannot be watched"
    server.running, server.unseen = False, ""
    assert str(shown.transcript()) == "(it cannot be watched)", "also when it has ended"


@pytest.mark.parametrize("model", ["tcp_loop", "tcp_fork", "udp_loop"])
async def test_the_transcript_of_a_real_server(model):
    with launch(model) as server:
        async with ClientPanel(server, "Ann", "Ben") as panel:
            timeline = Timeline(server, panel)
            await panel["Ann"].send("hello")
            await panel["Ben"].connect()
            asked = panel["Ben"].ask("hello")
            await panel["Ann"].send("hello")
            await panel["Ann"].close()
            await asked
            transcript = timeline.transcript()
    assert ("waits in the backlog" in transcript["Ben"]) == (model == "tcp_loop")
    assert ("child 2" in transcript.lanes) == (model == "tcp_fork")
    assert "asks, is answered" in str(transcript)


def waits(server, pid):
    """Return whether this process is blocked in recv(), by its last event."""
    events = [event for event in server.events() if event.pid == pid]
    return events[-1].kind == "receive" and events[-1].end is None


async def test_the_transcript_says_who_was_killed_and_not_that_its_client_had_left():
    with launch("tcp_fork") as server:
        async with ClientPanel(server, "Ann") as panel:
            timeline = Timeline(server, panel)
            await panel["Ann"].send("hello")
            (child,) = [process.pid for process in server.processes() if process.pid != server.pid]
            await wait_until(lambda: waits(server, child))  # it has answered, but may not be back in recv() yet
            os.kill(child, signal.SIGKILL)
            await wait_until(lambda: any(event.status == -signal.SIGKILL for event in server.events()))
            await wait_until(lambda: any(event.kind == "exit" and event.pid == child for event in server.events()))  # from its supervisor
            transcript = timeline.transcript()
    assert transcript["child 1"][-2:] == ["waits for Ann", "is killed"]
