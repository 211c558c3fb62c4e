"""A prediction: a question before the run; afterwards, your answer compared with the result."""

import html

import ipywidgets as widgets

from clients.lab.learning import progress_store
from clients.lab.learning.answer_fields import answer_field
from clients.lab.ui.fields import text_field

asked_here = {}  # question -> its Prediction, for the questions this kernel has asked, in the order of the lesson


class Prediction:
    """A question to answer before the run: `Prediction("Who is answered first?", ["Ann", "Ben"])`.

    Without choices, it asks for a number; order=True asks you to put all the choices in order. `prediction.answer` is None until
    you answer, by click or by code (`prediction.answer = "Ann"`; for an order, a list). `prediction.reason` is the reason given.
    In a learner's own copy, the choices are shuffled differently for each learner, so that their order gives nothing away.
    """

    def __init__(self, question, choices=None, order=False):
        self.question = question
        self.choices = tuple(choices) if choices is not None else None
        self._said = widgets.HTML()
        learner = progress_store.learner()
        self._field = answer_field(self.choices, order, learner and learner + question)
        self._reason = text_field("Because", "", None, "420px", "initial", placeholder="optional", continuous_update=False)
        heading = widgets.HTML(f"<b>Predict:</b> {html.escape(question)}")
        fields = [heading, self._field.widget, self._reason, self._said]
        self.widget = widgets.VBox(fields, layout=widgets.Layout(margin="4px 0"))
        self.outcome_seen = None
        self.note = progress_store.prediction(progress_store.lesson_of_this_kernel(), question)
        self._recall()
        self._field.observe(self._answered)
        self._reason.observe(self._answered, names="value")
        asked_here[question] = self  # a cell that is run again replaces its question and keeps its place

    @property
    def answer(self):
        """Your answer: a choice, a number, or the choices in order (a tuple); None if there is none yet."""
        return self._field.answer

    @answer.setter
    def answer(self, answer):
        self._field.answer = answer

    @property
    def reason(self):
        """The reason in your own words; may be empty."""
        return self._reason.value.strip()

    @reason.setter
    def reason(self, reason):
        self._reason.value = reason

    def outcome(self, what_happened, because=None, within=0):
        """Return the Outcome: your answer compared with the result of the run.

        because: {answer: explanation}, or one explanation for all answers.
        within: the largest difference at which a number still counts as right.
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
        """Fill in the saved answer, if it still fits the question."""
        try:
            self.answer = self.note.get("answer")
        except (TypeError, ValueError):
            return
        if self.answer is not None:
            self.reason = str(self.note.get("reason", ""))
            self._say(f"You said before: {told(self.answer)}. You can change it.")

    def _keep(self):
        """Save the answer and its outcome. Return a message if that fails, otherwise ""."""
        if self.answer is None and not self.note:
            return ""
        note = {
            "lesson": progress_store.lesson_of_this_kernel(),
            "question": self.question,
            "answer": self.answer,
            "reason": self.reason,
        }
        seen = self.outcome_seen
        if seen and seen.answer == self.answer:
            note |= {"happened": told(seen.what_happened), "verdict": seen.verdict, "explanation": seen.explanation}
        elif self.answer == ordered(self.note.get("answer")):  # only the reason has changed
            note |= {key: self.note[key] for key in ("happened", "verdict", "explanation") if key in self.note}
        self.note = note
        try:
            progress_store.keep_prediction(note)
        except OSError as problem:
            return f" (It could not be saved: {problem}.)"
        return ""


class Outcome:
    """The outcome of a prediction, shown at the end of a cell."""

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
        """Yield (who, what) pairs in the order in which they are shown."""
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
    """Return an answer as text; the items of an order are joined by "then"."""
    return ", then ".join(map(str, answer)) if isinstance(answer, (tuple, list)) else str(answer)


def ordered(answer):
    """Return an order as a tuple, because lessons and the file may store it as a list; return any other answer unchanged."""
    return tuple(answer) if isinstance(answer, list) else answer
