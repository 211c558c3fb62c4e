"""The look of a gauge: as live HTML in JupyterLab, and as a picture in a stored notebook."""

import html
import io

from PIL import Image, ImageDraw

from clients.lab.ui.colours import ALARM, HAIR, INK, LIVE_ALARM, LIVE_MUTED, MUTED, PAPER, colour_at
from clients.lab.ui.pictures import SCALE, font, plain

LINE = colour_at(0)
WIDTH, HEIGHT = 150, 40  # size of the history, in pixels

# ---------------------------------------------------------------- live

LIVE_LINE = f"var(--jp-brand-color1, {LINE})"


def face(gauge):
    """Return name, number, history and highest value as HTML."""
    value = html.escape(gauge.says(gauge.history[-1][1]))
    limit = f" of {html.escape(gauge.says(gauge.limit))}" if gauge.limit is not None else ""
    colour = LIVE_ALARM if gauge.at_its_limit else LIVE_LINE
    notes = "<br>".join(map(html.escape, gauge.notes))
    return (
        f'<div style="display: flex; gap: 16px; align-items: center; border-left: 4px solid {colour}; padding: 2px 12px; '
        f'margin: 4px 24px 4px 0; line-height: 1.35; font-variant-numeric: tabular-nums">'
        f'<div style="min-width: 150px"><div>{html.escape(gauge.name)}</div>'
        f'<div><b style="font-size: 170%">{value}</b><span style="color: {LIVE_MUTED}">{limit}</span></div></div>'
        f"{_sparkline(gauge, colour)}"
        f'<div style="color: {LIVE_MUTED}">{notes}</div></div>'
    )


def _sparkline(gauge, colour):
    """Return the history as a step line and the limit as a dashed line. The text beside it repeats both."""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in steps(gauge, WIDTH, HEIGHT))
    top = _scale_of(gauge)
    dashed = ""
    if gauge.limit is not None and gauge.limit <= top:
        y = _height_of(gauge.limit, top, HEIGHT)
        dashed = (
            f'<line x1="0" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke-dasharray="4 3" style="stroke: {LIVE_ALARM}"></line>'
        )
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" aria-hidden="true" style="overflow: visible">'
        f'<line x1="0" x2="{WIDTH}" y1="{HEIGHT}" y2="{HEIGHT}" style="stroke: {LIVE_MUTED}; opacity: 0.5"></line>{dashed}'
        f'<polyline points="{points}" style="fill: none; stroke: {colour}; stroke-width: 2"></polyline></svg>'
    )


def voice(gauge):
    """Return the text for screen readers, announced every few seconds and invisible on the page."""
    hidden = "position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)"
    return f'<div role="status" aria-live="polite" style="{hidden}">{html.escape(gauge.words)}</div>'


def _scale_of(gauge):
    """Return the value at the top of the picture; a limit is included once the values come near it."""
    top = max(1, *(other.highest for other in gauge.beside))
    return max(top, gauge.limit) * 1.08 if gauge.limit is not None and gauge.limit <= 4 * top else top * 1.08


def _height_of(value, top, height):
    return height - max(0, value) / top * height


def steps(gauge, width, height):
    """Return the points (x, y) of a line that stays level until the value changes."""
    history, top = list(gauge.history), _scale_of(gauge)
    start, end = history[0][0], history[-1][0]
    length = max(end - start, 1e-3)
    y = _height_of(history[0][1], top, height)
    points = [(0.0, y)]
    for at, value in history[1:]:
        x = (at - start) / length * width
        points.append((x, y))
        y = _height_of(value, top, height)
        points.append((x, y))
    return points if len(history) > 1 else [(0.0, y), (width, y)]


# ---------------------------------------------------------------- stored

CARD_WIDTH, CARD_HEIGHT, MARGIN = 440, 74, 14  # CSS pixels


def png_of(gauges):
    """Return (PNG of the gauges side by side, its width in CSS pixels)."""
    image = Image.new("RGB", (CARD_WIDTH * len(gauges) * SCALE, CARD_HEIGHT * SCALE), PAPER)
    for place, gauge in enumerate(gauges):
        _draw(ImageDraw.Draw(image), gauge, place * CARD_WIDTH)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue(), CARD_WIDTH * len(gauges)


def _draw(canvas, gauge, left):
    small, large = font(11), font(22)
    colour = ALARM if gauge.at_its_limit else LINE

    def write(x, y, text, size, ink):
        canvas.text(((left + x) * SCALE, y * SCALE), plain(text), ink, size, "lm")
        return x + size.getlength(plain(text)) / SCALE

    def at(x, y):
        return (left + 190 + x) * SCALE, (MARGIN + 4 + y) * SCALE

    canvas.rectangle((left * SCALE, 8 * SCALE, (left + 4) * SCALE, (CARD_HEIGHT - 8) * SCALE), fill=colour)
    write(MARGIN, 20, gauge.name, small, INK)
    end = write(MARGIN, 47, gauge.says(gauge.history[-1][1]), large, INK)
    if gauge.limit is not None:
        write(end + 6, 51, f"of {gauge.says(gauge.limit)}", small, MUTED)
    canvas.line([at(0, HEIGHT), at(WIDTH, HEIGHT)], HAIR, SCALE)
    top = _scale_of(gauge)
    if gauge.limit is not None and gauge.limit <= top:
        y = _height_of(gauge.limit, top, HEIGHT)
        for x in range(0, WIDTH, 8):
            canvas.line([at(x, y), at(x + 4, y)], ALARM, SCALE)
    canvas.line([at(x, y) for x, y in steps(gauge, WIDTH, HEIGHT)], colour, 2 * SCALE)
    for line, note in enumerate(gauge.notes[:3]):
        write(190 + WIDTH + 12, 20 + 17 * line, note.replace("▲ ", ""), small, ALARM if "limit" in note else MUTED)
