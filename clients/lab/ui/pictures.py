"""Pictures that Pillow draws for viewers without a kernel: what all of them share."""

import base64

from PIL import ImageFont

SCALE = 2  # device pixels for each CSS pixel: sharp on a screen of high resolution, too


def font(size: int):
    """Pillow's built-in font at a size in CSS pixels."""
    return ImageFont.load_default(size * SCALE)


def plain(text: str) -> str:
    """Text in the letters that the built-in font is sure to have: ASCII."""
    return text.encode("ascii", "replace").decode()


def with_picture(live, png: bytes, width: int, words: str, text: str):
    """A widget's mimebundle with a picture beside it, for every viewer in which the widget is not live.

    live: what the widget's own _repr_mimebundle_ returns; width: CSS pixels; words: the picture in words, for readers who do not
    see it (nbconvert makes it the image's alt attribute); text: for viewers of plain text. Returns (data, metadata).
    """
    data, metadata = live if isinstance(live, tuple) else (live or {}, {})
    data = {**data, "image/png": base64.b64encode(png).decode(), "text/plain": text}
    return data, {**metadata, "image/png": {"width": width, "alt": words}}
