"""A learner's predictions and exercises, saved in a file in their copy of the lessons, so that they survive a kernel's restart.

`make lab` creates the file. Without it, nothing is read or saved: a lesson run by a test, or to store its outputs, always starts
without answers.
"""

import contextlib
import fcntl
import json
import os
import re
import secrets
from pathlib import Path

from IPython import get_ipython

FILE = ".progress.json"


def make(folder):
    """Create the file in this folder of lessons, if there is none: from now on, progress is saved."""
    fresh = {"learner": secrets.token_hex(8), "predictions": [], "exercises": []}
    with contextlib.suppress(FileExistsError):
        write_new(Path(folder, FILE), fresh)


def write_new(path, content):
    """Write a new JSON file, completely or not at all. Raises FileExistsError if it exists."""
    with open(path, "x", encoding="utf-8") as file:
        try:
            file.write(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
            file.flush()
        except OSError:  # on a full disk: half a lesson would later count as changed by the learner
            path.unlink()
            raise


def folder():
    """Return the folder of the learner's copy in which this kernel runs; None if it runs elsewhere."""
    here = Path.cwd()  # a side path runs in a subfolder
    return next((home for home in (here, here.parent) if (home / FILE).exists()), None)


def lesson_of_this_kernel():
    """Return the number of this kernel's lesson, such as "03", or the name of its side path; "" if unknown.

    Jupyter sets it in the environment, VS Code (whose session name is made up, or missing) in a variable of the notebook.
    """
    shell = get_ipython()
    path = shell.user_ns.get("__vsc_ipynb_file__") if shell else None
    path = path or os.environ.get("JPY_SESSION_NAME", "")
    name = path.replace("\\", "/").rpartition("/")[2]
    found = re.match(r"(\d\d)-", name)
    return found[1] if found else name.removesuffix(".ipynb")


def learner():
    """Return this learner's unique id, which never changes; "" outside a learner's copy."""
    return str(_read().get("learner", ""))


def predictions():
    """Return all saved predictions, oldest first: a list of dictionaries."""
    return _notes("predictions", "question")


def prediction(lesson, question):
    """Return the saved prediction for a question; {} if there is none."""
    return next((note for note in predictions() if (note.get("lesson"), note["question"]) == (lesson, question)), {})


def exercises():
    """Return all checked exercises, oldest first: a list of dictionaries."""
    return _notes("exercises", "number")


def keep_prediction(note):
    """Save a prediction, replacing an earlier one for the same question. Raises OSError if it cannot be written."""
    with _locked():
        _keep("predictions", predictions(), note, ("lesson", "question"))


def keep_exercise(number, passed):
    """Save that an exercise was checked. Once passed, it stays passed. Raises OSError if it cannot be written."""
    with _locked():
        kept = exercises()
        passed = passed or any(note.get("passed") for note in kept if note["number"] == number)
        _keep("exercises", kept, {"number": number, "passed": passed}, ("number",))


def _read():
    try:
        found = json.loads((folder() / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):  # TypeError: folder() is None
        return {}
    return found if isinstance(found, dict) else {}


def _notes(kind, needed):
    notes = _read().get(kind)
    return [note for note in notes if isinstance(note, dict) and needed in note] if isinstance(notes, list) else []


def _locked():
    """Let only one kernel at a time read and write: a learner may have several lessons open."""
    home = folder()
    return alone_in(home) if home else contextlib.nullcontext()


@contextlib.contextmanager
def alone_in(folder):
    """Wait until no other process is in such a block for this folder. Locks the folder, because its files may be replaced."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # for example a network drive without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # releases the lock


def _keep(kind, notes, note, identity):
    """Replace the stored note with this identity, or append the note."""
    home = folder()
    if home is None:
        return

    def same(other):
        return all(other.get(key) == note[key] for key in identity)

    new = [note if same(other) else other for other in notes]
    new = new if any(map(same, notes)) else [*notes, note]
    whole = home / f"{FILE}.{os.getpid()}"  # a concurrent reader sees the old file or the new one
    whole.write_text(json.dumps({**_read(), kind: new}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(whole, home / FILE)
