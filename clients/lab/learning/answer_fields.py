"""The input field of a prediction: a choice, a number, or an order."""

import math
import random

import ipywidgets as widgets

from clients.lab.ui.fields import text_field


def answer_field(choices, order, shuffle_by=""):
    """Return the field for a question. choices=None asks for a number; shuffle_by determines the order of the choices."""
    if order and not choices:
        raise ValueError("order=True needs the choices that are to be put in order.")
    shown = shuffled(choices, shuffle_by) if choices else None
    return Order(shown) if order else Choice(shown) if choices else Number()


def shuffled(choices, by):
    """Return the choices in an order that gives nothing away: the same `by` gives the same order, "" changes nothing.

    Numbers keep their order.
    """
    if not by or all(str(choice).isdecimal() for choice in choices):
        return choices
    return tuple(random.Random(by).sample(choices, len(choices)))


def _number(text):
    """Return the number in a text, with a decimal point or comma; None if it is not a finite number."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() else value


class _OneField:
    """A question answered in a single field, `widget`."""

    missing = ""  # why the answer is incomplete, in words

    def observe(self, callback):
        """Call callback(change) whenever the answer may have changed."""
        self.widget.observe(callback, names="value")


class Choice(_OneField):
    """One of several choices."""

    def __init__(self, choices):
        self.choices = choices
        self.widget = widgets.RadioButtons(options=choices, value=None, layout=widgets.Layout(width="max-content"))

    @property
    def answer(self):
        """The choice; None if there is none yet."""
        return self.widget.value

    @answer.setter
    def answer(self, answer):
        if answer is not None and answer not in self.choices:
            raise ValueError(f"{answer!r} is not among the choices: {', '.join(map(repr, self.choices))}.")
        self.widget.value = answer


class Number(_OneField):
    """A typed number."""

    def __init__(self):
        self.widget = text_field("Your number", placeholder="type a number", label_width="initial")

    @property
    def answer(self):
        """The number; None if there is none yet."""
        return _number(self.widget.value)

    @answer.setter
    def answer(self, answer):
        if answer is not None and _number(str(answer)) is None:
            raise ValueError(f"{answer!r} is not a number.")
        self.widget.value = "" if answer is None else str(answer)

    @property
    def missing(self):
        return "This is not a number yet." if self.widget.value else ""


class Order:
    """All the choices put in order, with a dropdown list for each place."""

    def __init__(self, choices):
        self.choices = choices
        options = [("choose ...", None), *((str(choice), choice) for choice in choices)]
        self.places = [
            widgets.Dropdown(options=options, value=None, description=f"{place}.", style={"description_width": "2em"})
            for place in range(1, len(choices) + 1)
        ]
        self.widget = widgets.VBox(self.places)

    @property
    def answer(self):
        """The choices in order, as a tuple; None until each has a place."""
        given = tuple(place.value for place in self.places)
        return given if set(given) == set(self.choices) else None

    @answer.setter
    def answer(self, answer):
        if answer is not None and sorted(map(str, answer)) != sorted(map(str, self.choices)):
            raise ValueError(f"{answer!r} is not an order of the choices: {', '.join(map(repr, self.choices))}.")
        for place, choice in zip(self.places, answer or [None] * len(self.choices), strict=True):
            place.value = choice

    @property
    def missing(self):
        given = [place.value for place in self.places if place.value is not None]
        return "Each of them goes in one place only." if len(set(given)) < len(given) else ""

    def observe(self, callback):
        """Call callback(change) whenever the answer may have changed."""
        for place in self.places:
            place.observe(callback, names="value")
