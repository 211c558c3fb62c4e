"""The learner's own copy of the lessons, in work/: `make lab` makes it, `make fresh LESSON=02` restores one lesson.

The side paths, in deeper/, are copied like the lessons: `make fresh LESSON=deeper/what-must-be-closed` restores one of them.

The copies have no outputs, so that nothing gives a prediction away. A lesson that is already in work/ belongs to the
learner: it is never overwritten, however the lesson in notebooks/ has changed since. Each copy carries in its metadata the
version from which it was made, so that we can name the lessons that have a newer one.

`make lab WORK=/path/to/folder` makes the copy in another folder. Two commands that run at the same moment wait for each other.
"""

import argparse
import contextlib
import hashlib
import json
import shutil
import sys
import textwrap
from pathlib import Path

from clients.lab.learning import progress_store

REPOSITORY = Path(__file__).resolve().parents[2]


class UnknownLesson(Exception):
    """No lesson has that number or name; the message lists the existing ones."""


def copy_lessons(lessons=REPOSITORY / "notebooks", work=REPOSITORY / "work", renew="make fresh LESSON={}"):
    """Copy every lesson that is not in `work` yet, and the pictures; return the lines to show, with the command that renews a lesson."""
    work.mkdir(parents=True, exist_ok=True)
    with progress_store.alone_in(work):  # half a copy would look as if the learner had changed it
        _copy_what_is_not_the_learners(lessons, work)
        new, kept, outdated = [], [], []
        for name, lesson in named(lessons).items():
            fresh = _without_outputs(lesson)
            copy = work / lesson.relative_to(lessons)
            try:
                progress_store.write_new(copy, fresh)
                new.append(name)
            except FileExistsError:
                kept.append(name)
                if _version_of(copy) != fresh["metadata"]["lesson_version"]:
                    outdated.append(name)
    lines = []
    if new:
        lines.append(f"copied into {work.name}/: {_in_words(new)}")
    if kept:
        lines.append(f"kept as you left them: {_in_words(kept)}")
    for name in outdated:
        lines.append(f"{name} has a newer version; `{renew.format(_number(name))}` gets it and keeps yours beside it")
    return lines


def _in_words(names):
    """List up to six names; for more, give only their number."""
    if len(names) <= 6:
        return ", ".join(names)
    side_paths = sum("/" in name for name in names)
    return f"{len(names) - side_paths} lessons and {side_paths} side paths"


def freshen(wanted, lessons=REPOSITORY / "notebooks", work=REPOSITORY / "work"):
    """Restore one lesson, keeping the learner's version beside it; return the lines to show."""
    lesson = _find(wanted, lessons)
    work.mkdir(parents=True, exist_ok=True)
    with progress_store.alone_in(work):
        _copy_what_is_not_the_learners(lessons, work)
        target = work / lesson.relative_to(lessons)
        fresh = target.with_name(f".{target.name}.fresh")
        fresh.unlink(missing_ok=True)  # left behind by a command that was killed
        progress_store.write_new(fresh, _without_outputs(lesson))  # complete before anything moves: the disk may be full
        lines = []
        if target.exists() or target.is_symlink():
            kept = _free_name(target)
            target.rename(kept)
            lines.append(f"your version is kept as {kept.relative_to(work.parent)}")
        fresh.rename(target)
        lines.append(f"{target.relative_to(work.parent)} is restored; if it is open in JupyterLab, close it there and open it again")
        return lines


def paths(lessons=REPOSITORY / "notebooks"):
    """Return the paths of the lessons in order, then those of the side paths."""
    return sorted(lessons.glob("[0-9][0-9]-*.ipynb")) + sorted(lessons.glob("deeper/*.ipynb"))


def named(lessons=REPOSITORY / "notebooks"):
    """Return {name that a learner types: path}, such as "02-fork" or "deeper/what-must-be-closed"."""
    return {path.relative_to(lessons).with_suffix("").as_posix(): path for path in paths(lessons)}


@contextlib.contextmanager
def plain_words():
    """End a command that cannot write with the reason and the remedy, without a traceback."""
    try:
        yield
    except OSError as error:
        sys.exit(
            f"This command cannot continue: {error}. It writes to the course's folder, {REPOSITORY}, and Jupyter writes to HOME: "
            "both must be folders that you can write to, on a disk with room."
        )


def _number(name):
    return name.split("-")[0] if name[0].isdecimal() else name


def _find(wanted, lessons):
    """Return the lesson meant by "2", "02", "02-fork" or "02-fork.ipynb", or by "deeper/what-must-be-closed"."""
    name = wanted.removesuffix(".ipynb")
    known = named(lessons)
    for other, lesson in known.items():
        number = _number(other)
        if name == other or name.isdecimal() and number.isdecimal() and int(name) == int(number):
            return lesson
    said = f"There is no lesson {wanted}." if wanted else "Which lesson?"
    raise UnknownLesson(f"{said} Type, for example: make fresh LESSON=02\n{listed(known)}")


def listed(names):
    """Return the lessons one per line, then the side paths, as many per line as fit."""
    lessons = [f"    {name}" for name in names if "/" not in name]
    side_paths = " ".join(name for name in names if "/" in name)
    return "\n".join([*lessons, *textwrap.wrap(side_paths, 100, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)])


def _free_name(path):
    """Return an unused name beside `path`: 02-fork.kept-1.ipynb, 02-fork.kept-2.ipynb ..."""
    number = 1
    while True:
        free = path.with_name(f"{path.stem}.kept-{number}{path.suffix}")
        if not free.exists() and not free.is_symlink():
            return free
        number += 1


def _without_outputs(lesson):
    """Return the lesson as a learner gets it: without outputs, explanations of predictions folded, its version in the metadata."""
    notebook = json.loads(lesson.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
            if ".outcome(" in "".join(cell["source"]):  # folded: a click opens it, and it runs like any other
                cell["metadata"]["jupyter"] = {"source_hidden": True}
    notebook["metadata"].pop("widgets", None)
    own = [cell for cell in notebook["cells"] if "navigation" not in cell["metadata"].get("tags", [])]
    text = json.dumps([(cell["cell_type"], "".join(cell["source"])) for cell in own])
    notebook["metadata"]["lesson_version"] = hashlib.sha256(text.encode()).hexdigest()[:12]
    return notebook


def _version_of(copy):
    """Return the version from which a learner's copy was made; None if its metadata no longer has it."""
    try:
        return json.loads(copy.read_text(encoding="utf-8"))["metadata"]["lesson_version"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _copy_what_is_not_the_learners(lessons, work):
    """Update what belongs to the course (pictures, map, glossary), and make the progress store; progress in it is kept."""
    for folder in {work, *(work / lesson.relative_to(lessons).parent for lesson in paths(lessons))}:
        folder.mkdir(parents=True, exist_ok=True)
    progress_store.make(work)
    if (lessons / "images").is_dir():
        shutil.copytree(lessons / "images", work / "images", dirs_exist_ok=True)
    for page in lessons.glob("[a-z]*.ipynb"):
        if page.name != "teaching.ipynb":  # it has the answers
            shutil.copy(page, work)


def main(arguments):
    parser = argparse.ArgumentParser(description="Copies the lessons into a learner's folder.")
    here = progress_store.folder() or REPOSITORY / "work"
    parser.add_argument("--work", type=Path, default=here, help="the learner's folder (default: %(default)s)")
    parser.add_argument("fresh", nargs="*", metavar="fresh LESSON", help="puts this lesson back as it was")
    options = parser.parse_args(arguments)
    work = options.work.resolve()
    try:
        if options.fresh[:1] == ["fresh"]:
            print("\n".join(freshen("".join(options.fresh[1:]), work=work)))
        elif options.fresh:
            parser.error(f"the only command is fresh, not {options.fresh[0]}")
        else:
            print("\n".join(copy_lessons(work=work)))
    except UnknownLesson as error:
        sys.exit(str(error))
    except OSError as error:
        why = error.args[0][0][2] if isinstance(error, shutil.Error) else error  # copytree() lists the files that it could not write
        sys.exit(
            f"The lessons cannot be copied into {work}: {why}. Your own work there is unchanged.\n"
            "Make room on that disk, or name a folder that you can write to: make lab WORK=/path/to/folder"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
