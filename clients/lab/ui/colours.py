"""The colours of widgets and pictures. Colour is never the only cue: a word, a sign or a pattern always repeats it."""

# Colours of clients and servers in order of appearance: (on a light page, on a dark page). Colour-blind readers can tell
# them apart: after Okabe and Ito, "Color Universal Design" (2002).
PALETTE = (
    ("#0072B2", "#5BB0E8"),
    ("#C9530A", "#F2894B"),
    ("#00805E", "#35C29A"),
    ("#A4478A", "#E29CCB"),
    ("#8A6A00", "#E3BE3C"),
    ("#4A5568", "#AEB9C9"),
)

# A picture in a stored notebook has a white background, whatever the page's theme
INK, MUTED, HAIR, PAPER, NEUTRAL = "#1f2430", "#626b7a", "#e6e9ee", "#ffffff", "#8b95a5"
ALARM = "#c62828"

# A live widget follows JupyterLab's theme; the fallback colour is for other viewers
LIVE_GOOD = "var(--jp-success-color1, #2e7d32)"
LIVE_WAITING = "var(--jp-warn-color1, #b45309)"
LIVE_ALARM = f"var(--jp-error-color1, {ALARM})"
LIVE_MUTED = f"var(--jp-ui-font-color2, {MUTED})"
LIVE_BRAND = "var(--jp-brand-color1, #1976d2)"


def colour_at(place: int) -> str:
    """Return the light-page colour of the client or server at this place, counted from 0; the palette repeats."""
    return PALETTE[place % len(PALETTE)][0]
