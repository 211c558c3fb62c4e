"""Messages to the views: spans and marks as bytes, and the look of each kind. view/store.js reads them."""

import struct
from collections.abc import Collection

from clients.lab.timeline import look
from clients.lab.timeline.recording import ACTIVE, Recording
from clients.lab.timeline.spans import MARK_KINDS, SPAN_KINDS, Mark, Span, Update, in_rows
from clients.lab.ui.colours import PALETTE
from clients.lab.ui.durations import MS

SPAN = struct.Struct("<ddIIHhBxxx")  # start, end (NaN: still open), received, sent, lane, client, kind; times in ms since the origin
MARK = struct.Struct("<diHhBxxx")  # at, detail, lane, client, kind
MAX_NUMBER = 2**31 - 1  # the largest value of a byte count
_SPAN_NUMBER = {kind: number for number, kind in enumerate(SPAN_KINDS)}
_MARK_NUMBER = {kind: number for number, kind in enumerate(MARK_KINDS)}

LOOK = {
    "kinds": [
        {
            **look.LOOKS[kind]._asdict(),
            "says": says,
            "dash": look.DASHES.get(look.LOOKS[kind].pattern),
            "active": kind in ACTIVE,
        }
        for kind, says in SPAN_KINDS.items()
    ],
    "marks": [{"says": says, "shape": look.SHAPES[kind]} for kind, says in MARK_KINDS.items()],
    "shapes": look.SHAPES_IN_LEGEND,
    "palette": PALETTE,
}


def message(recording: Recording, update: Update, number: int, now: int, snapshot: bool) -> tuple[dict, list[bytes]]:
    """Return a message's content and buffers: a snapshot, or what is new since the previous message. now: nanoseconds."""
    origin = recording.origin or 0

    def ms(at):
        return None if at is None else (at - origin) / MS

    content = {
        "type": "snapshot" if snapshot else "add",
        "number": number,
        "now": ms(recording.latest if recording.ended else now),
        "first": ms(origin if recording.first is None else recording.first),
        "latest": ms(recording.latest),
        "ended": recording.ended,
        "note": recording.losses,
        "lanes": [vars(lane) | {"born": ms(lane.born), "ended": ms(lane.ended)} for lane in update.lanes],
    }
    if update.lanes:
        content["rows"] = [lane.number for lane in in_rows(recording.lanes.lanes)]
    if snapshot:
        content |= {"title": recording.title, "look": LOOK}
    return content, [_spans(update.spans, origin), _spans(update.open, origin), _marks(update.marks, origin)]


def _spans(spans: Collection[Span], origin):
    packed, kinds = bytearray(SPAN.size * len(spans)), _SPAN_NUMBER
    for place, (lane, kind, client, start, end, received, sent) in enumerate(spans):
        ends = float("nan") if end is None else (end - origin) / MS
        fields = (start - origin) / MS, ends, min(received, MAX_NUMBER), min(sent, MAX_NUMBER), lane, client, kinds[kind]
        SPAN.pack_into(packed, place * SPAN.size, *fields)
    return bytes(packed)


def _marks(marks: Collection[Mark], origin):
    kinds = _MARK_NUMBER
    return b"".join(
        MARK.pack((at - origin) / MS, min(detail, MAX_NUMBER), lane, client, kinds[kind]) for lane, kind, client, at, detail in marks
    )
