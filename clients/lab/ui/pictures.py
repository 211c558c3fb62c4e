"""Helpers for pictures that Pillow draws for viewers without a kernel."""

import base64

from PIL import ImageFont

SCALE = 2  # device pixels per CSS pixel, to be sharp on a high-resolution screen


def font(size: int):
    """Return Pillow's built-in font at a size in CSS pixels."""
    return ImageFont.load_default(size * SCALE)


def plain(text: str) -> str:
    """Return the text in ASCII, which the built-in font is sure to have; other characters become "?"."""
    return text.encode("ascii", "replace").decode()


def with_picture(live, png: bytes, width: int, words: str, text: str):
    """Add a picture to a widget's mimebundle, for viewers in which the widget is not live.

    live: what the widget's own _repr_mimebundle_ returns; width: CSS pixels; words: the picture in words, for readers who cannot
    see it (nbconvert makes it the image's alt attribute); text: for viewers of plain text. Returns (data, metadata).
    """
    data, metadata = live if isinstance(live, tuple) else (live or {}, {})
    data = {**data, "image/png": base64.b64encode(png).decode(), "text/plain": text}
    return data, {**metadata, "image/png": {"width": width, "alt": words}}
