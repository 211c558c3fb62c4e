"""Predictions that stay: in a learner's own copy of the lessons, in a file beside them, through every restart of a kernel.

`make lab` makes the file. Where there is none, nothing is read and nothing is kept: so a lesson that is run by a test, or for
being stored, always begins without an answer.
"""

import contextlib
import json
import os
import re
from pathlib import Path

FILE = ".predictions.json"


def lesson_of_this_kernel():
    """The number of the lesson that this kernel runs, as "03"; "" where Jupyter does not tell."""
    name = os.environ.get("JPY_SESSION_NAME", "").replace("\\", "/").rpartition("/")[2]
    found = re.match(r"(\d\d)-", name)
    return found[1] if found else ""


def make(folder):
    """From now on predictions of the lessons in this folder are kept."""
    with contextlib.suppress(FileExistsError), open(Path(folder, FILE), "x", encoding="utf-8") as file:
        file.write("[]\n")


def kept():
    """What is kept of all lessons in this folder, the oldest first: a list of dictionaries."""
    try:
        notes = json.loads(Path(FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [note for note in notes if isinstance(note, dict) and "question" in note] if isinstance(notes, list) else []


def find(lesson, question):
    """What is kept of a question; {} if nothing is."""
    return next((note for note in kept() if (note.get("lesson"), note["question"]) == (lesson, question)), {})


def keep(note):
    """Keep this, in place of what was kept of the same question before. Raises OSError when that cannot be written."""
    if not Path(FILE).exists():
        return
    notes = kept()
    for number, other in enumerate(notes):
        if (other.get("lesson"), other["question"]) == (note["lesson"], note["question"]):
            notes[number] = note
            break
    else:
        notes.append(note)
    whole = Path(f"{FILE}.{os.getpid()}")  # another lesson's kernel may read meanwhile: it finds the old file or the new one
    whole.write_text(json.dumps(notes, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(whole, FILE)
