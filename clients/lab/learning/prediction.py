"""A question before the run; after it, your answer beside what the run showed; and at the end of a lesson all of them."""

import html
import math

import ipywidgets as widgets

from clients.lab.learning import prediction_store as keeping

made = {}  # question -> its Prediction, in the order of the lesson: what summary() tells of


class Prediction:
    """`Prediction("Who is answered first?", ["Ann", "Ben"])`; without choices it asks for a number.

    order=True asks for all the choices in their order, the first first. `prediction.answer` is None until an answer is given,
    by click or by code (`prediction.answer = "Ann"`; of an order, a list). `prediction.reason` is what was given as the reason.
    """

    def __init__(self, question, choices=None, order=False):
        self.question = question
        self.choices = tuple(choices) if choices is not None else None
        self._said = widgets.HTML()
        self._field = field(self.choices, order)
        self._reason = widgets.Text(
            placeholder="if you like",
            description="Because",
            continuous_update=False,
            style={"description_width": "initial"},
            layout={"width": "420px"},
        )
        heading = widgets.HTML(f"<b>Predict:</b> {html.escape(question)}")
        fields = [heading, self._field.widget, self._reason, self._said]
        self.widget = widgets.VBox(fields, layout=widgets.Layout(margin="4px 0"))
        self.outcome_seen = None
        self.note = keeping.find(keeping.lesson_of_this_kernel(), question)
        self._recall()
        self._field.observe(self._answered)
        self._reason.observe(self._answered, names="value")
        made[question] = self  # a cell that is run again asks anew, in its old place

    @property
    def answer(self):
        """The choice, the number, or the choices in order (a tuple) that were given; None when there is no answer yet."""
        return self._field.answer

    @answer.setter
    def answer(self, answer):
        self._field.answer = answer

    @property
    def reason(self):
        return self._reason.value.strip()

    @reason.setter
    def reason(self, reason):
        self._reason.value = reason

    def outcome(self, what_happened, because=None, within=0):
        """Your answer beside what the run showed. because: an explanation for each answer that asks for one, or one text for all.

        within: how far a number may be from what happened and still be right.
        """
        self.outcome_seen = Outcome(self, what_happened, because or {}, within)
        self._keep()
        return self.outcome_seen

    def __repr__(self):
        return f"Prediction: {self.question} " + ("(no answer yet)" if self.answer is None else f"({told(self.answer)})")

    def _repr_mimebundle_(self, **options):
        return self.widget._repr_mimebundle_(**options) | {"text/plain": repr(self)}

    def _answered(self, change):
        if self.answer is not None:
            text = f"You say: {told(self.answer)}. Now let the server show it."
        else:
            text = self._field.missing
        self._say(text + self._keep())

    def _say(self, text):
        self._said.value = f'<div role="status" aria-live="polite">{html.escape(text)}</div>'

    def _recall(self):
        """Give the answer that is kept from before, if it still fits the question."""
        try:
            self.answer = self.note.get("answer")
        except (TypeError, ValueError):
            return
        if self.answer is not None:
            self.reason = str(self.note.get("reason", ""))
            self._say(f"You said, before: {told(self.answer)}. You may change it.")

    def _keep(self):
        """Keep the answer, and what came of it. Returns what is to be said when that fails."""
        if self.answer is None and not self.note:
            return ""
        note = {
            "lesson": keeping.lesson_of_this_kernel(),
            "question": self.question,
            "answer": self.answer,
            "reason": self.reason,
        }
        seen = self.outcome_seen
        if seen and seen.answer == self.answer:
            note |= {"happened": told(seen.what_happened), "verdict": seen.verdict, "explanation": seen.explanation}
        elif self.answer == ordered(self.note.get("answer")):  # only the reason is new
            note |= {key: self.note[key] for key in ("happened", "verdict", "explanation") if key in self.note}
        self.note = note
        try:
            keeping.keep(note)
        except OSError as problem:
            return f" (It could not be kept: {problem}.)"
        return ""


class Outcome:
    """What a prediction came to; shown by the last expression of a cell."""

    def __init__(self, prediction, what_happened, because, within):
        self.question = prediction.question
        self.answer = prediction.answer
        self.reason = prediction.reason
        self.what_happened = what_happened = ordered(what_happened)
        if self.answer is None:
            self.verdict = "you gave no answer"
        elif self.answer == what_happened or (prediction.choices is None and abs(self.answer - what_happened) <= within):
            self.verdict = "right"
        else:
            self.verdict = "not this time"
        self.explanation = because if isinstance(because, str) else because.get(self.answer) or because.get(what_happened) or ""

    @property
    def lines(self):
        """(who, what) pairs, in the order in which they are shown."""
        if self.answer is not None:
            yield "You said:", told(self.answer) + (f", because {self.reason}" if self.reason else "")
        yield "The run:", told(self.what_happened)
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


def told(answer):
    """An answer as it is shown: an order is told one after the other."""
    return ", then ".join(map(str, answer)) if isinstance(answer, (tuple, list)) else str(answer)


def ordered(answer):
    """An order as a tuple: a lesson and the file may hold it as a list. Any other answer as it is."""
    return tuple(answer) if isinstance(answer, list) else answer


def number(text):
    """The number that text says, with a point or a comma; None when it says none."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() else value


# ---------------------------------------------------------------- the fields: a widget, and the answer that it holds


def field(choices, order):
    if order and not choices:
        raise ValueError("order=True needs the choices that are to be put in order.")
    return Order(choices) if order else Choice(choices) if choices else Number()


class Choice:
    """One of several choices."""

    missing = ""

    def __init__(self, choices):
        self.choices = choices
        self.widget = widgets.RadioButtons(options=choices, value=None, layout=widgets.Layout(width="max-content"))

    @property
    def answer(self):
        return self.widget.value

    @answer.setter
    def answer(self, answer):
        if answer is not None and answer not in self.choices:
            raise ValueError(f"{answer!r} is not among the choices: {', '.join(map(repr, self.choices))}.")
        self.widget.value = answer

    def observe(self, callback):
        self.widget.observe(callback, names="value")


class Number:
    """A number, typed."""

    def __init__(self):
        self.widget = widgets.Text(placeholder="type a number", description="Your number", style={"description_width": "initial"})

    @property
    def answer(self):
        return number(self.widget.value)

    @answer.setter
    def answer(self, answer):
        if answer is not None and number(str(answer)) is None:
            raise ValueError(f"{answer!r} is no number.")
        self.widget.value = "" if answer is None else str(answer)

    @property
    def missing(self):
        return "This is not a number yet." if self.widget.value else ""

    def observe(self, callback):
        self.widget.observe(callback, names="value")


class Order:
    """All the choices, in an order: a list to choose from for each place."""

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
        return "Each of them stands in one place." if len(set(given)) < len(given) else ""

    def observe(self, callback):
        for place in self.places:
            place.observe(callback, names="value")


# ---------------------------------------------------------------- at the end of a lesson


def summary(lesson):
    """What came of your predictions in the lesson of this number: `summary("03")` as the last expression of a cell."""
    here = made if keeping.lesson_of_this_kernel() in ("", lesson) else {}
    notes = {note["question"]: note for note in keeping.kept() if note.get("lesson") == lesson}
    notes |= {question: one.note for question, one in here.items()}
    return Summary(lesson, [note for note in notes.values() if note.get("answer") is not None])


class Summary:
    """The predictions of a lesson that were answered, beside what the runs showed."""

    def __init__(self, lesson, notes):
        self.lesson, self.notes = lesson, notes

    @property
    def lines(self):
        if not self.notes:
            yield (
                f"You gave no answer to a prediction of lesson {self.lesson}. What you predict, and see come out otherwise, you remember."
            )
            return
        right = sum(note.get("verdict") == "right" for note in self.notes)
        yield f"Your predictions in lesson {self.lesson}: {right} of {len(self.notes)} right."
        for note in self.notes:
            yield ""
            yield note["question"]
            yield f"  You said: {told(note['answer'])}" + (f", because {note['reason']}" if note.get("reason") else "")
            if "verdict" not in note:
                yield "  You have not seen what the run shows: go back to this question, and run the cells below it."
                continue
            yield f"  The run:  {note['happened']}"
            again = f" {note['explanation']}" if note["verdict"] != "right" else ""
            yield f"  {note['verdict'].capitalize()}.{again}"

    def __repr__(self):
        return "\n".join(self.lines)

    def _repr_html_(self):
        if not self.notes:
            return f"<p>{html.escape(repr(self))}</p>"
        style = "padding: 3px 14px 3px 0; text-align: left; vertical-align: top"
        first, *_ = self.lines
        head = "".join(f'<th style="{style}">{word}</th>' for word in ("The question", "You said", "The run", ""))
        rows = "".join(
            "<tr>" + "".join(f'<td style="{style}">{html.escape(cell)}</td>' for cell in self.cells(note)) + "</tr>"
            for note in self.notes
        )
        return f"<p>{html.escape(first)}</p><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def cells(self, note):
        said = told(note["answer"]) + (f", because {note['reason']}" if note.get("reason") else "")
        if "verdict" not in note:
            return note["question"], said, "not seen yet", "Run the cells below the question."
        again = f" {note['explanation']}" if note["verdict"] != "right" else ""
        return note["question"], said, note["happened"], f"{note['verdict'].capitalize()}.{again}"
