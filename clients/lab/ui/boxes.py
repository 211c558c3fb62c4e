"""Text boxes as HTML: a log box and a small table."""

import html

from clients.lab.ui.colours import LIVE_MUTED

MUTED = f"color: {LIVE_MUTED}"
BOX = (
    "margin: 4px 0; padding: 6px 8px; line-height: 1.35; white-space: pre-wrap; overflow-wrap: anywhere; "
    "background: var(--jp-layout-color2, rgba(128,128,128,0.12))"
)
CELL = "padding: 2px 16px 2px 0; line-height: 1.4; vertical-align: top; white-space: pre-wrap; text-align: "


def log_box(text, label):
    """Return unformatted text in a box; `label` is its name for a screen reader."""
    return f'<pre role="group" aria-label="{html.escape(label)}" style="{BOX}">{html.escape(text)}</pre>'


def newest_last(lines, label):
    """Return a log box of fixed height that keeps its newest line in sight."""
    text = html.escape("\n".join(lines)) or "(nothing yet)"
    # column-reverse keeps the newest line in sight, however long the lines are; the auto margin keeps a short log at the top
    return (
        f'<div role="log" aria-label="{html.escape(label)}" style="display: flex; flex-direction: column-reverse; '
        f'height: 15em; overflow: auto; {BOX}; padding: 0"><pre style="margin: 0 0 auto; padding: 4px; line-height: 1.25; '
        f'white-space: pre-wrap; overflow-wrap: anywhere; overflow: visible; background: none">{text}</pre></div>'
    )


def table(caption, heads, rows, nothing="", numbers=()):
    """Return a small table, or the text `nothing` if there are no rows. `numbers`: indices of the right-aligned columns."""
    if not rows:
        return f'<div style="{MUTED}">{html.escape(nothing)}</div>'

    def row(cells, tag):
        sides = ("right" if column in numbers else "left" for column in range(len(cells)))
        cells = (f'<{tag} style="{CELL}{side}">{html.escape(str(cell))}</{tag}>' for cell, side in zip(cells, sides, strict=True))
        return "<tr>" + "".join(cells) + "</tr>"

    head = f"<thead>{row(heads, 'th')}</thead>" if heads else ""
    caption = f'<caption style="text-align: left">{html.escape(caption)}</caption>' if caption else ""
    body = "".join(row(cells, "td") for cells in rows)
    return (
        '<table style="border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 4px 0">'
        f"{caption}{head}<tbody>{body}</tbody></table>"
    )
