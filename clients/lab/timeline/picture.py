"""The timeline as a PNG, for any viewer."""

import io
import math

from PIL import Image, ImageColor, ImageDraw

from clients.lab.timeline.look import DASHES, LOOKS, SHAPES, SHAPES_IN_LEGEND, THIN_PATTERNS
from clients.lab.timeline.recording import Recording
from clients.lab.timeline.spans import SPAN_KINDS, in_rows
from clients.lab.ui.colours import HAIR, INK, MUTED, NEUTRAL, PAPER, colour_at
from clients.lab.ui.durations import nice_step, tick_label
from clients.lab.ui.pictures import SCALE, font, plain

MAX_WORDED = 12  # lanes described in words
WIDTH, LABELS, MARGIN = 900, 172, 18  # in CSS pixels, like all lengths below
TITLE, AXIS, ROW, BAR, THIN, LEGEND = 40, 26, 32, 18, 4, 20


class Picture:
    """A PNG of a timeline, shown at the end of a cell; `save("timeline.png")` writes it to a file."""

    def __init__(self, recording: Recording):
        self._title, self._note = recording.title, recording.losses
        self._lanes = in_rows(recording.lanes.lanes)
        self._row = {lane.number: row for row, lane in enumerate(self._lanes)}
        self._client = {lane.number: lane for lane in self._lanes if lane.side == "client"}
        start, end = recording.extent()
        self._origin, self._start, self._end = recording.origin or 0, start, end
        spans = [*recording.spans, *recording.open]
        self._spans = [span for span in spans if span.start < end and (span.end is None or span.end > start)]
        self._marks = [mark for mark in recording.marks if start <= mark.at <= end]
        self.png = self._draw()

    def save(self, path) -> None:
        with open(path, "wb") as file:
            file.write(self.png)

    @property
    def words(self) -> str:
        """The picture in words, for readers who cannot see it: what happened in each lane, without times."""
        said: dict[int | None, dict] = {lane.number: {} for lane in self._lanes[:MAX_WORDED]}  # per lane, in order of time
        for lane, kind, client, *_ in self._spans:
            if lane in said:
                said[lane].setdefault((kind, client))
        told = [f"{_name(self._lanes[row])}: {'; '.join(map(self._says, kinds)) or 'nothing'}" for row, kinds in enumerate(said.values())]
        more = len(self._lanes) - len(told)
        return ". ".join([self._title, *told, *([f"{more} more lanes"] if more else [])]) + "."

    def _says(self, what):
        kind, client = what
        return SPAN_KINDS[kind].replace("{client}", _name(self._client[client]) if client in self._client else "a client")

    def __repr__(self):
        return f"Picture of the {self._title[0].lower()}{self._title[1:]}"

    def _repr_png_(self):
        return self.png, {"width": WIDTH}

    # Drawing. All lengths are CSS pixels; `_box` and the fonts scale them.

    def _draw(self):
        least = (self._end - self._start) / (WIDTH - LABELS)  # anything narrower than a pixel needs no legend
        long = {span.kind for span in self._spans if (span.end or self._end) - span.start > least}
        kinds = [kind for kind in SPAN_KINDS if kind in long or kind == "serving"]
        shapes = [shape for shape in SHAPES_IN_LEGEND if any(SHAPES[mark.kind] == shape for mark in self._marks)]
        top = TITLE + AXIS
        bottom = top + ROW * max(1, len(self._lanes))
        columns = 4
        height = bottom + 14 + LEGEND * math.ceil((len(kinds) + len(shapes)) / columns) + MARGIN
        self._image = Image.new("RGB", (WIDTH * SCALE, height * SCALE), PAPER)
        self._canvas = ImageDraw.Draw(self._image)
        self._small, self._large = font(11), font(14)
        self._write(MARGIN, TITLE / 2 + 2, self._title, self._large, INK)
        if self._note:
            self._write(WIDTH - MARGIN, TITLE / 2 + 2, self._note, self._small, MUTED, "rm")
        self._draw_axis(top, bottom)
        for row, lane in enumerate(self._lanes):
            self._draw_lane(lane, top + row * ROW)
        self._draw_spans(top)
        for mark in self._thinned_marks():
            self._draw_mark(mark, top + self._row[mark.lane] * ROW + ROW / 2)
        self._draw_legend(kinds, shapes, bottom + 14, columns)
        file = io.BytesIO()
        self._image.save(file, "PNG", optimize=True)
        return file.getvalue()

    def _x(self, at):
        left, right = LABELS + MARGIN, WIDTH - MARGIN
        return left + (min(max(at, self._start), self._end) - self._start) / (self._end - self._start) * (right - left)

    def _write(self, x, y, text, size, colour, anchor="lm"):
        self._canvas.text((x * SCALE, y * SCALE), plain(text), colour, size, anchor)

    def _width(self, text):
        return self._small.getlength(plain(text)) / SCALE

    def _rectangle(self, x0, y0, x1, y1, **look):
        self._canvas.rectangle((round(x0 * SCALE), round(y0 * SCALE), round(x1 * SCALE) - 1, round(y1 * SCALE) - 1), **look)

    def _line(self, x0, y0, x1, y1, colour, width=1.0):
        self._canvas.line([round(v * SCALE) for v in (x0, y0, x1, y1)], colour, max(1, round(width * SCALE)))

    def _draw_axis(self, top, bottom):
        step = nice_step((self._end - self._start) / 7)
        tick = math.ceil((self._start - self._origin) / step) * step
        while tick <= self._end - self._origin:
            x = self._x(self._origin + tick)
            self._line(x, top - 4, x, bottom, HAIR, 0.5)
            if x < WIDTH - MARGIN - 14:
                self._write(x, top - AXIS / 2 - 2, tick_label(tick, step, self._end - self._origin), self._small, MUTED, "mm")
            tick += step

    def _draw_lane(self, lane, y):
        middle = y + ROW / 2
        self._line(MARGIN, y, WIDTH - MARGIN, y, HAIR, 0.5)
        x = MARGIN + (14 if lane.role in ("child", "thread") else 0)
        if lane.side == "client":
            self._rectangle(x, middle - 5, x + 10, middle + 5, fill=colour_at(lane.place))
            x += 18
        self._write(x, middle, _fitting(lane.label, self._width, LABELS + MARGIN - 8 - x), self._small, INK)
        if lane.side == "server" and lane.born is not None and (lane.ended is None or lane.ended > self._start):
            self._line(self._x(lane.born), middle, self._x(lane.ended or self._end), middle, HAIR, 1)

    def _draw_spans(self, top):
        """Draw each wide span, and of narrow spans in the same pixel only the longest."""
        narrow = {}
        for span in self._spans:
            x0, x1 = self._x(span.start), self._x(span.end or self._end)
            if x1 - x0 >= 2:
                self._draw_span(span, x0, x1, top + self._row[span.lane] * ROW + ROW / 2)
            else:
                place = span.lane, round(x0 * SCALE)
                length = (span.end or self._end) - span.start
                if place not in narrow or narrow[place][0] < length:
                    narrow[place] = length, span
        for (lane, x), (_, span) in narrow.items():
            middle = top + self._row[lane] * ROW + ROW / 2
            colour, pattern = self._colour(span), LOOKS[span.kind].pattern
            half = (THIN if pattern in THIN_PATTERNS else BAR) / 2
            if pattern not in {"solid", "stripes"} | THIN_PATTERNS:
                colour = _mixed(colour, 0.55)
            self._rectangle(x / SCALE, middle - half, x / SCALE + 1, middle + half, fill=colour)

    def _colour(self, span):
        lane = self._client.get(span.client)
        return colour_at(lane.place) if lane else NEUTRAL

    def _draw_span(self, span, x0, x1, middle):
        pattern, text = LOOKS[span.kind].pattern, LOOKS[span.kind].text
        self._bar(pattern, self._colour(span), x0, x1, middle)
        if span.kind in ("receiving", "serving", "sending") and span.client in self._client:
            text = self._client[span.client].label
        if text and self._width(text) + 12 <= x1 - x0:
            solid = pattern in ("solid", "stripes")
            if pattern in ("hatch", "dots", "cross"):  # these patterns would make the text hard to read
                half = self._width(text) / 2 + 4
                self._rectangle((x0 + x1) / 2 - half, middle - 7, (x0 + x1) / 2 + half, middle + 7, fill=PAPER)
            self._write((x0 + x1) / 2, middle, text, self._small, PAPER if solid else INK, "mm")

    def _bar(self, pattern, colour, x0, x1, middle, height=BAR):
        if pattern in THIN_PATTERNS:
            self._thin_bar(pattern, colour, x0, x1, middle)
            return
        y0, y1 = middle - height / 2, middle + height / 2
        if pattern == "solid":
            self._rectangle(x0, y0, x1, y1, fill=colour)
            return
        fill = colour if pattern == "stripes" else PAPER if pattern == "dashes" else _mixed(colour, 0.1)
        tile = Image.new("RGB", (max(2, round((x1 - x0) * SCALE)), height * SCALE), fill)
        _draw_pattern(ImageDraw.Draw(tile), pattern, colour, *tile.size)
        self._image.paste(tile, (round(x0 * SCALE), round(y0 * SCALE)))

    def _thin_bar(self, pattern, colour, x0, x1, middle):
        if pattern == "line":
            self._rectangle(x0, middle - THIN / 2, x1, middle + THIN / 2, fill=_mixed(colour, 0.55))
            return
        dash, period = DASHES[pattern]
        for x in range(math.ceil(x0), math.floor(x1) - 1, period):
            self._rectangle(x, middle - THIN / 2, min(x + dash, x1), middle + THIN / 2, fill=_mixed(colour, 0.8))

    def _thinned_marks(self):
        """Yield the marks, but of overlapping marks of one kind only the first."""
        last = {}
        for mark in self._marks:
            x = self._x(mark.at)
            if x - last.get((mark.lane, mark.kind), -9) >= 5:
                last[mark.lane, mark.kind] = x
                yield mark

    def _draw_mark(self, mark, middle):
        x, shape = self._x(mark.at), SHAPES[mark.kind]
        lane = self._client.get(mark.client)
        colour = colour_at(lane.place) if lane and self._lanes[self._row[mark.lane]].side == "client" else INK
        _draw_shape(self._canvas, shape, colour, x * SCALE, middle * SCALE, 4 * SCALE)

    def _draw_legend(self, kinds, shapes, y, columns):
        width = (WIDTH - 2 * MARGIN) / columns
        for place, entry in enumerate([*kinds, *shapes]):
            x = MARGIN + place % columns * width
            middle = y + LEGEND * (place // columns) + LEGEND / 2
            if entry in shapes:
                _draw_shape(self._canvas, entry, MUTED, (x + 12) * SCALE, middle * SCALE, 4 * SCALE)
                text = SHAPES_IN_LEGEND[entry]
            else:
                look = LOOKS[entry]
                self._bar(look.pattern, NEUTRAL if look.neutral else colour_at(0), x, x + 24, middle, 12)
                text = look.legend
            self._write(x + 32, middle, _fitting(text, self._width, width - 36), self._small, MUTED)


def _name(lane):
    """Return a name for the lane without a pid or port, which would differ from run to run."""
    return lane.label if lane.role == "client" else "client" if lane.role == "peer" else lane.role


def _mixed(colour, share):
    """Return a colour mixed with white; share 1 is the colour itself."""
    pairs = zip(ImageColor.getrgb(colour), ImageColor.getrgb(PAPER), strict=True)
    return tuple(round(ink * share + white * (1 - share)) for ink, white in pairs)


def _draw_pattern(canvas, pattern, colour, width, height):
    """Fill a tile of this size, in device pixels, with the pattern of a bar."""
    line = SCALE
    if pattern in ("hatch", "cross"):
        for x in range(-height, width, (5 if pattern == "hatch" else 6) * SCALE):
            canvas.line((x, height, x + height, 0), colour, line)
            if pattern == "cross":
                canvas.line((x, 0, x + height, height), colour, line)
    elif pattern == "dots":
        for row, y in enumerate(range(4 * SCALE, height - SCALE, 5 * SCALE)):
            for x in range((3 if row % 2 else 6) * SCALE, width - SCALE, 6 * SCALE):
                canvas.ellipse((x - SCALE, y - SCALE, x + SCALE, y + SCALE), colour)
    elif pattern == "stripes":
        for x in range(4 * SCALE, width, 5 * SCALE):
            canvas.line((x, 0, x, height), PAPER, SCALE)
    if pattern == "dashes":
        for x in range(0, width, 7 * SCALE):
            canvas.rectangle((x, 0, x + 4 * SCALE, line - 1), colour)
            canvas.rectangle((x, height - line, x + 4 * SCALE, height), colour)
        canvas.rectangle((0, 0, line - 1, height), colour)
        canvas.rectangle((width - line, 0, width, height), colour)
    elif pattern != "stripes":
        canvas.rectangle((0, 0, width - 1, height - 1), outline=colour, width=line)


def _draw_shape(canvas, shape, colour, x, y, size):
    """Draw a mark, in device pixels, with a white edge that sets it off from the bar below."""
    for grow, ink in ((SCALE, PAPER), (0, colour)):
        r = size + grow
        if shape == "disc":
            canvas.ellipse((x - r, y - r, x + r, y + r), ink)
        elif shape == "ring":
            canvas.ellipse((x - r, y - r, x + r, y + r), ink)
            if not grow:
                canvas.ellipse((x - r + 1.5 * SCALE, y - r + 1.5 * SCALE, x + r - 1.5 * SCALE, y + r - 1.5 * SCALE), PAPER)
        elif shape == "square":
            canvas.rectangle((x - r * 0.85, y - r * 0.85, x + r * 0.85, y + r * 0.85), ink)
        elif shape == "diamond":
            canvas.polygon([(x, y - r * 1.2), (x + r * 1.2, y), (x, y + r * 1.2), (x - r * 1.2, y)], ink)
        elif shape == "tick":
            canvas.rectangle((x - SCALE / 2 - grow / 2, y - r * 2, x + SCALE / 2 + grow / 2, y + r * 2), ink)
        elif shape == "cross":
            width = round(SCALE * 1.5) + 2 * grow
            canvas.line((x - r, y - r, x + r, y + r), ink, width)
            canvas.line((x - r, y + r, x + r, y - r), ink, width)


def _fitting(text, width, room):
    """Return the text, shortened if it does not fit."""
    if width(text) <= room:
        return text
    while len(text) > 4 and width(text + "...") > room:
        text = text[:-1]
    return text + "..."
