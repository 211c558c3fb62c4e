"""Your predictions in a lesson and their outcomes, shown at its end."""

import html

from clients.lab.learning import prediction, progress_store
from clients.lab.learning.prediction import told
from clients.lab.ui.boxes import table


def summary(lesson):
    """Return your predictions in the lesson with this number, and their outcomes. `summary("03")` at the end of a cell shows them."""
    here = prediction.asked_here if progress_store.lesson_of_this_kernel() in ("", lesson) else {}
    notes = {note["question"]: note for note in progress_store.predictions() if note.get("lesson") == lesson}
    notes |= {question: asked.note for question, asked in here.items()}
    return Summary(lesson, [note for note in notes.values() if note.get("answer") is not None])


class Summary:
    """The answered predictions of a lesson, compared with the results of the runs."""

    def __init__(self, lesson, notes):
        self.lesson, self.notes = lesson, notes

    @property
    def lines(self):
        if not self.notes:
            yield f"You made no predictions in lesson {self.lesson}. A prediction that turns out wrong is what you remember best."
            return
        right = sum(note.get("verdict") == "right" for note in self.notes)
        yield f"Your predictions in lesson {self.lesson}: {right} of {len(self.notes)} right."
        for note in self.notes:
            question, said, happened, verdict = _cells(note)
            yield ""
            yield question
            yield f"  You said: {said}"
            if "verdict" in note:
                yield f"  The run:  {happened}"
                yield f"  {verdict}"
            else:
                yield "  You have not seen what the run shows: go back to this question and run the cells below it."

    def __repr__(self):
        return "\n".join(self.lines)

    def _repr_html_(self):
        if not self.notes:
            return f"<p>{html.escape(repr(self))}</p>"
        first, *_ = self.lines
        rows = [_cells(note) for note in self.notes]
        return f"<p>{html.escape(first)}</p>" + table("", ("The question", "You said", "The run", ""), rows)


def _cells(note):
    """Return a row of the table: the question, the answer, the result of the run, the verdict."""
    said = told(note["answer"]) + (f", because {note['reason']}" if note.get("reason") else "")
    if "verdict" not in note:
        return note["question"], said, "not seen yet", "Run the cells below the question."
    again = f" {note['explanation']}" if note["verdict"] != "right" else ""
    return note["question"], said, note["happened"], f"{note['verdict'].capitalize()}.{again}"
