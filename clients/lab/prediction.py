"""A question before the run; after it, your answer beside what the run showed."""

import html
import math

import ipywidgets as widgets


class Prediction:
    """`Prediction("Who is answered first?", ["Ann", "Ben"])`; without choices it asks for a number.

    `prediction.answer` is None until an answer is given, by click or by code (`prediction.answer = "Ann"`).
    """

    def __init__(self, question, choices=None):
        self.question = question
        self.choices = tuple(choices) if choices is not None else None
        self._said = widgets.HTML()
        if self.choices is None:
            self._field = widgets.Text(
                placeholder="type a number", description="Your number", style={"description_width": "initial"}
            )
        else:
            self._field = widgets.RadioButtons(options=self.choices, value=None, layout=widgets.Layout(width="max-content"))
        self._field.observe(self._answered, names="value")
        heading = widgets.HTML(f"<b>Predict:</b> {html.escape(question)}")
        self.widget = widgets.VBox([heading, self._field, self._said], layout=widgets.Layout(margin="4px 0"))

    @property
    def answer(self):
        """The choice or the number that was given, or None."""
        return self._field.value if self.choices is not None else number(self._field.value)

    @answer.setter
    def answer(self, answer):
        if self.choices is None:
            if answer is not None and number(str(answer)) is None:
                raise ValueError(f"{answer!r} is no number.")
            self._field.value = "" if answer is None else str(answer)
        elif answer is None or answer in self.choices:
            self._field.value = answer
        else:
            raise ValueError(f"{answer!r} is not among the choices: {', '.join(map(repr, self.choices))}.")

    def outcome(self, what_happened, because=None, within=0):
        """Your answer beside what the run showed. because: an explanation for each answer that asks for one.

        within: how far a number may be from what happened and still be right.
        """
        return Outcome(self, what_happened, because or {}, within)

    def __repr__(self):
        return f"Prediction: {self.question} " + ("(no answer yet)" if self.answer is None else f"({self.answer})")

    def _repr_mimebundle_(self, **options):
        return self.widget._repr_mimebundle_(**options) | {"text/plain": repr(self)}

    def _answered(self, change):
        if self.answer is not None:
            text = f"You say: {self.answer}. Now let the server show it."
        else:
            text = "This is not a number yet." if change.new else ""
        self._said.value = f'<div role="status" aria-live="polite">{html.escape(text)}</div>'


class Outcome:
    """What a prediction came to; shown by the last expression of a cell."""

    def __init__(self, prediction, what_happened, because, within):
        self.question = prediction.question
        self.answer = prediction.answer
        self.what_happened = what_happened
        if self.answer is None:
            self.verdict = "you gave no answer"
        elif self.answer == what_happened or (prediction.choices is None and abs(self.answer - what_happened) <= within):
            self.verdict = "right"
        else:
            self.verdict = "not this time"
        self.explanation = because.get(self.answer) or because.get(what_happened) or ""

    @property
    def lines(self):
        """(who, what) pairs, in the order in which they are shown."""
        if self.answer is not None:
            yield "You said:", str(self.answer)
        yield "The run:", str(self.what_happened)
        yield "", f"{self.verdict.capitalize()}. {self.explanation}".strip()

    def __repr__(self):
        return "\n".join(f"{who:10}{what}" for who, what in self.lines)

    def _repr_html_(self):
        style = "padding: 2px 14px 2px 0; text-align: left; vertical-align: top"
        head = style + "; white-space: nowrap"
        rows = "".join(
            f'<tr style="background: none"><th style="{head}">{who}</th><td style="{style}">{html.escape(what)}</td></tr>'
            for who, what in self.lines
        )
        return f'<div>{html.escape(self.question)}<table style="margin: 4px 0">{rows}</table></div>'


def number(text):
    """The number that text says, with a point or a comma; None when it says none."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() else value
