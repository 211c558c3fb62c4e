"""What a learner predicted and solved: kept in a file beside their copy of the lessons, through every restart of a kernel.

`make lab` makes the file. Where there is none, nothing is read and nothing is kept: a lesson that is run by a test, or to be
stored, always begins without an answer.
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
    """From now on what a learner does in the lessons of this folder is kept."""
    fresh = {"learner": secrets.token_hex(8), "predictions": [], "exercises": []}
    with contextlib.suppress(FileExistsError):
        write_new(Path(folder, FILE), fresh)


def write_new(path, content):
    """Writes a file of JSON where there is none, whole or not at all; FileExistsError where there is one."""
    with open(path, "x", encoding="utf-8") as file:
        try:
            file.write(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
            file.flush()
        except OSError:  # on a full disk, half a lesson would later count as one that the learner has changed
            path.unlink()
            raise


def folder():
    """The learner's copy of the lessons, in which this kernel runs; None elsewhere."""
    here = Path.cwd()  # a side path runs in a folder of its own, below
    return next((home for home in (here, here.parent) if (home / FILE).exists()), None)


def lesson_of_this_kernel():
    """The number of the lesson that this kernel runs, as "03", or the name of its side path; "" where nothing tells.

    Jupyter tells it in the environment, VS Code (whose session has a name of its own making, or none) in a variable of the notebook.
    """
    shell = get_ipython()
    path = shell.user_ns.get("__vsc_ipynb_file__") if shell else None
    path = path or os.environ.get("JPY_SESSION_NAME", "")
    name = path.replace("\\", "/").rpartition("/")[2]
    found = re.match(r"(\d\d)-", name)
    return found[1] if found else name.removesuffix(".ipynb")


def learner():
    """A text of this learner's own, the same for ever; "" outside a learner's copy."""
    return str(_read().get("learner", ""))


def predictions():
    """All predictions that are kept, the oldest first: a list of dictionaries."""
    return _notes("predictions", "question")


def prediction(lesson, question):
    """What is kept of a question; {} if nothing is."""
    return next((note for note in predictions() if (note.get("lesson"), note["question"]) == (lesson, question)), {})


def exercises():
    """All exercises that were checked, the oldest first: a list of dictionaries."""
    return _notes("exercises", "number")


def keep_prediction(note):
    """Keep this instead of what was kept of the same question. Raises OSError when it cannot be written."""
    with _locked():
        _keep("predictions", predictions(), note, ("lesson", "question"))


def keep_exercise(number, passed):
    """Keep that an exercise was checked. Once passed it stays passed. Raises OSError when it cannot be written."""
    with _locked():
        kept = exercises()
        passed = passed or any(note.get("passed") for note in kept if note["number"] == number)
        _keep("exercises", kept, {"number": number, "passed": passed}, ("number",))


def _read():
    try:
        found = json.loads((folder() / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):  # TypeError: there is no folder
        return {}
    return found if isinstance(found, dict) else {}


def _notes(kind, needed):
    notes = _read().get(kind)
    return [note for note in notes if isinstance(note, dict) and needed in note] if isinstance(notes, list) else []


def _locked():
    """One kernel at a time reads and writes: a learner may have several lessons open."""
    home = folder()
    return alone_in(home) if home else contextlib.nullcontext()


@contextlib.contextmanager
def alone_in(folder):
    """Wait until nobody else is in such a block for this folder. (Its files may be replaced, and a lock of theirs with them.)"""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a network drive without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # which gives the lock back


def _keep(kind, notes, note, identity):
    """Put a note into its old place, or at the end."""
    home = folder()
    if home is None:
        return

    def same(other):
        return all(other.get(key) == note[key] for key in identity)

    new = [note if same(other) else other for other in notes]
    new = new if any(map(same, notes)) else [*notes, note]
    whole = home / f"{FILE}.{os.getpid()}"  # whoever reads meanwhile finds the old file or the new one
    whole.write_text(json.dumps({**_read(), kind: new}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(whole, home / FILE)
