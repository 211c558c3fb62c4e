"""The lessons' exercises as assignments for nbgrader, in assignments/: `make assignments`.

    python -m clients.course.assignments       writes assignments/source/ and assignments/nbgrader_config.py

The text, skeleton and solution of an exercise come from the stored lesson, the requirements from the exercise's check: nothing
is written twice. There is one assignment per lesson. In a source notebook the answer cell holds the solution and, below it, the
skeleton; `nbgrader generate_assignment` removes the solution from the learners' version. The check gives the grade: one point for
each requirement that is met.

Source: https://nbgrader.readthedocs.io/en/stable/user_guide/creating_and_grading_assignments.html
"""

import ast
import re
import sys
from typing import NamedTuple

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from clients.course.workspace import REPOSITORY, paths, plain_words
from clients.lab.learning.exercises import find

HEADING = re.compile(r"^\*\*(\d\d\.\d) ", re.MULTILINE)
CHECK = re.compile(r"check\(\"(\d\d\.\d)\", (\w+)\)")
SOLUTION = re.compile(r"<summary>Solution of (\d\d\.\d)</summary>.*?```python\n(.*?)```", re.DOTALL)

CONFIG = '''\
"""How nbgrader treats the assignments of this course. Yours to change: `make assignments` does not write it again."""

c = get_config()
c.CourseDirectory.course_id = "server-models"
c.ClearSolutions.code_stub = {"python": "# Your server. The code below is a start: change it as the exercise asks."}
c.OverwriteCells.add_missing_cells = True   # a check that is not in a hand-in is put back: it counts
c.Execute.timeout = 180                     # seconds for one cell; the longest check of a wrong answer takes a third of it
'''

INTRODUCTION = """\
# {title}: exercises

These exercises belong to the lesson of the same name, which explains what they need. Run the first cell below. Then, for each exercise,
write your answer in its cell, run it, and run the check below it, as often as you like.
`hint("{first}")` in a new cell gives a hint; each call says a little more.
The number below a check is your points: one for each requirement that is met. The check stops at the first that is not.

This page needs the course on the machine where it runs, yours or the one that grades it: `servers` and `clients` must be importable, as
they are in the page that `make lab` opens."""

ANSWER = """\
{magic}
### BEGIN SOLUTION
{solution}
# A server does not end, so the learners' skeleton below is never reached here.
### END SOLUTION
{skeleton}"""

EXAMINE = """\
from clients.lab import check

report = await check("{number}", {name})
print(report)
report.points  # of {points}"""

END = """\
from servers.runtime.running import stop_all

stop_all()"""


class Task(NamedTuple):
    """An exercise as it appears in its lesson."""

    number: str
    server: str  # the name that its cell gives to the server
    prose: str
    before: list  # sources of the cells that have to run before the skeleton
    skeleton: str  # with its %%server line
    solution: str


def write_assignments(lessons=REPOSITORY / "notebooks", course=REPOSITORY / "assignments"):
    """Write the files that do not exist yet, overwrite nothing; return the lines to show."""
    course.mkdir(exist_ok=True)
    new, kept = [], []
    config = course / "nbgrader_config.py"
    if not config.exists():
        config.write_text(CONFIG, encoding="utf-8")
    for lesson in paths(lessons):
        notebook = assignment(nbformat.read(lesson, as_version=4))
        if notebook is None:
            continue
        target = course / "source" / lesson.stem / f"{lesson.stem}-exercises.ipynb"
        text = nbformat.writes(notebook) + "\n"
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            new.append(lesson.stem)
        elif target.read_text(encoding="utf-8") != text:
            kept.append(
                f"{target.relative_to(course.parent)} differs from what the lesson gives now. It may hold your own changes, so it is kept; "
                "to replace it, delete it and run make assignments again"
            )
    return [f"assignments made: {', '.join(new)}" if new else "no new assignment", *kept]


def assignment(lesson):
    """Return the source notebook of a lesson's exercises; None for a lesson without any."""
    found = tasks(lesson)
    if not found:
        return None
    title = next(cell.source for cell in lesson.cells if cell.source.startswith("# ")).splitlines()[0].removeprefix("# ")
    cells = [_locked(new_markdown_cell(INTRODUCTION.format(title=title, first=found[0].number)), "introduction")]
    cells.append(_locked(new_code_cell(_imports(lesson)), "imports"))
    for task in found:
        name, points = task.number.replace(".", "-"), len(find(task.number).requirements)
        cells.append(_locked(new_markdown_cell(task.prose), f"exercise-{name}"))
        cells += [_locked(new_code_cell(source), f"before-{name}-{n}") for n, source in enumerate(task.before, 1)]
        magic, _, skeleton = task.skeleton.partition("\n")
        answer = new_code_cell(ANSWER.format(magic=magic, solution=task.solution.rstrip(), skeleton=skeleton))
        cells.append(_for_nbgrader(answer, f"answer-{name}", solution=True))
        examination = new_code_cell(EXAMINE.format(number=task.number, name=task.server, points=points))
        cells.append(_for_nbgrader(examination, f"check-{name}", grade=True, locked=True, points=points))
    cells.append(_locked(new_code_cell(END), "end"))
    return new_notebook(cells=cells, metadata={"kernelspec": dict(lesson.metadata.kernelspec)})


def tasks(lesson):
    """Return the exercises of a lesson, in order, as Tasks."""
    solutions = dict(match for cell in lesson.cells for match in SOLUTION.findall(cell.source))
    found = []
    number = None
    for cell in lesson.cells:
        if cell.cell_type == "markdown" and (heading := HEADING.search(cell.source)):
            number, prose, before, skeleton = heading[1], [cell.source[heading.start() :]], [], None
        elif number is None:
            continue
        elif cell.cell_type == "markdown":
            prose += [] if skeleton else [cell.source]
        elif cell.source.startswith("%%server "):
            skeleton = cell.source
        elif examined := CHECK.search(cell.source):
            before = [_needed(lesson, source) + source for source in before]
            found.append(Task(number, examined[2], "\n\n".join(prose), before, skeleton, solutions[number]))
            number = None
        elif not skeleton:
            before.append(cell.source)
    return found


def _imports(lesson):
    """Return the imports of the lesson's first code cell; the cell's other statements are only for the lesson."""
    source = next(cell.source for cell in lesson.cells if cell.cell_type == "code")
    imports = (node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom))
    return "\n".join(ast.get_source_segment(source, node) for node in imports)


def _needed(lesson, source):
    """Return the lesson's assignments of constants that `source` uses and does not assign itself."""
    used = {node.id: type(node.ctx) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    lines = []
    for cell in lesson.cells:
        if cell.cell_type != "code" or cell.source.startswith("%"):
            continue
        for line in cell.source.splitlines():
            name, equals, value = line.partition(" = ")
            if equals and name.isupper() and used.get(name) is ast.Load:
                lines.append(line + "\n")
    return "".join(lines)


def _locked(cell, grade_id):
    """Mark a cell that learners only read and run: nbgrader restores it before grading."""
    return _for_nbgrader(cell, grade_id, locked=True)


def _for_nbgrader(cell, grade_id, *, grade=False, locked=False, solution=False, **points):
    """Give the cell nbgrader's metadata (schema version 3), and a name instead of a random id."""
    cell.id = grade_id
    marks = dict(grade=grade, grade_id=grade_id, locked=locked, solution=solution, task=False, schema_version=3)
    cell.metadata["nbgrader"] = marks | points
    return cell


NEXT = """\
Next, in this folder:
    source {environment}/bin/activate
    cd assignments
    nbgrader generate_assignment 01-loop-model      what learners get, in release/
    nbgrader autograde 01-loop-model                grades what they handed in, in submitted/NAME/01-loop-model/
    nbgrader generate_feedback 01-loop-model        what the checks say, in feedback/"""

if __name__ == "__main__":
    with plain_words():
        print("\n".join([*write_assignments(), NEXT.format(environment=sys.prefix)]))
