"""Every lesson is stored with its outputs, without errors or traces of a machine, and in the house style.

The rules are functions that say what is wrong with a notebook. The tests at the end try each rule on a small made-up
notebook, so that a rule that no longer catches anything is noticed.
"""

import math
import re
import statistics
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from clients.course.curriculum import prose, questions
from clients.lab.learning import exercises

REPOSITORY = Path(__file__).resolve().parents[2]
NOTEBOOKS = REPOSITORY / "notebooks"
LESSONS = sorted([*NOTEBOOKS.glob("*.ipynb"), *NOTEBOOKS.glob("deeper/*.ipynb")])

LONGEST_CELL = 25  # lines
CODE_CELLS_IN_A_ROW = 2  # then prose must follow
IGNORING_SHARE = 1 / 5  # maximum share of a lesson's code cells that ignore their output
IGNORING = {"NBVAL_IGNORE_OUTPUT", "PYTEST_VALIDATE_IGNORE_OUTPUT", "NBVAL_SKIP"}

MACHINE = re.compile(r"(?<![\w.])(/(home|Users|root|tmp|var/folders|private/var)/\w|[A-Z]:\\\\?Users\\)")
MARKDOWN_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<source>[^)\s]+)")
HTML_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
REMOTE = r"""["']?(?:https?:)?//(?!127\.0\.0\.1|localhost)"""
FETCHED = re.compile(
    rf"<(?:img|script|iframe|link|video|audio|source|object|embed)\b[^>]*?\b(?:src|href|data)\s*=\s*{REMOTE}"
    rf"|url\(\s*{REMOTE}|@import\s+{REMOTE}|\bimport\(\s*{REMOTE}",
    re.IGNORECASE,
)


# --- the rules ---


def executed(notebook):
    """A notebook stored without outputs is a test that cannot fail: nbval has nothing to compare."""
    cells = code_cells(notebook)
    for number, cell in enumerate(cells):
        if not cell.source.strip():
            yield f"code cell {number} is empty"
        elif cell.execution_count is None:
            yield f"code cell {number} is stored unexecuted"
    counts = [cell.execution_count for cell in cells]
    if None not in counts and counts != list(range(1, len(cells) + 1)):
        yield f"was not run from top to bottom in one go: execution counts {counts}"


def no_errors(notebook):
    """An error output means a failed cell, unless the lesson intends it."""
    for number, cell in enumerate(code_cells(notebook)):
        wanted = {"raises-exception", "nbval-raises-exception"} & set(tags(cell))
        if not wanted and any(output.output_type == "error" for output in cell.outputs):
            yield f"code cell {number} is stored with an error"


def no_widget_state(notebook):
    """Stored widget state makes viewers fetch the widget from the internet; the picture beside it needs no network."""
    if "widgets" in notebook.metadata:
        yield "stores widget state"
    for number, cell in enumerate(code_cells(notebook)):
        if any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in cell.outputs):
            yield f"code cell {number} stores a widget view"


def no_paths(notebook):
    """No text or output names folders of the machine that stored it."""
    own = [f"{folder}/" for folder in {REPOSITORY, Path.home(), Path(sys.prefix)} if folder != Path("/")]
    for where, text in texts(notebook):
        for folder in own:
            if folder in text:
                yield f"{where} holds the path {folder}"
    for where, text in texts(notebook, markdown=False):
        if found := MACHINE.search(text):
            yield f"{where} holds an absolute path: {text[found.start() : found.start() + 40]!r}"


def house_style(notebook):
    """Short cells, and prose between them."""
    for number, cell in enumerate(code_cells(notebook)):
        if (length := len(cell.source.splitlines())) > LONGEST_CELL:
            yield f"code cell {number} has {length} lines; at most {LONGEST_CELL}"
    row, number = 0, -1
    for cell in notebook.cells:
        number += cell.cell_type == "code"
        row = row + 1 if cell.cell_type == "code" else 0
        if row == CODE_CELLS_IN_A_ROW + 1:
            yield f"code cell {number} is the third in a row: prose is due before it"


def images_speak_and_exist(notebook):
    """An image has an alternative text, and its path exists, seen from the lesson's folder."""
    for where, text in texts(notebook):
        images = [(found["alt"], found["source"]) for found in MARKDOWN_IMAGE.finditer(text)]
        images += [(attribute(tag, "alt"), attribute(tag, "src")) for tag in HTML_IMAGE.findall(text)]
        for alt, source in images:
            if not alt.strip():
                yield f"{where} has an image without alt text: {source[:60]}"
            local = not re.match(r"(https?:|data:|attachment:|//)", source)
            if local and not Path(source).is_file():
                yield f"{where} shows an image that is not there: {source}"


def pictures_speak(notebook):
    """A stored picture has an alternative text: nbconvert copies `alt` from its metadata to the image's attribute."""
    for number, cell in enumerate(code_cells(notebook)):
        for output in cell.outputs:
            shown = output.get("metadata", {}).get("image/png", {})
            if "image/png" in output.get("data", {}) and not shown.get("alt", "").strip():
                yield f"code cell {number} stores a picture without alternative text"


def nothing_fetched(notebook):
    """A lesson works offline: links may lead anywhere, but pictures and scripts must be local."""
    for where, text in texts(notebook):
        remote = [found["source"] for found in MARKDOWN_IMAGE.finditer(text) if re.match(REMOTE, found["source"])]
        if remote or FETCHED.search(text):
            yield f"{where} fetches from the internet: {remote[0] if remote else FETCHED.search(text)[0][:60]}"


def outputs_are_claims(notebook):
    """Few cells ignore their output, and each says why, in a comment or as `reason` in its metadata."""
    cells = code_cells(notebook)
    ignoring = [(number, cell) for number, cell in enumerate(cells) if ignores_output(cell)]
    if len(ignoring) > IGNORING_SHARE * len(cells):
        yield f"{len(ignoring)} of {len(cells)} code cells ignore their output; at most one in five may"
    for number, cell in ignoring:
        if not str(cell.metadata.get("reason", "")).strip() and not comments(cell):
            yield f"code cell {number} ignores its output without a reason"


def outputs_quote_the_code(notebook):
    """A prediction's output shows its question, and a check's its requirements: after rewording them, store the lesson again."""
    for number, cell in enumerate(code_cells(notebook)):
        shown = "\n".join(output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in cell.outputs)
        for question in questions(new_notebook(cells=[cell])):
            if question not in shown:
                yield f"code cell {number} asks {question!r}, and its stored output does not"
        for exercise in map(exercises.find, re.findall(r'check\("(\d\d\.\d)"', cell.source)):
            sentences = {requirement.sentence for requirement in exercise.requirements}
            for said in re.findall(r"^  (?:passed |not yet)  (.+)", shown, re.MULTILINE):
                if said not in sentences:
                    yield f"code cell {number} stores {said!r}, and its exercise has no such requirement"


def ends_a_server_again(notebook):
    """A learner runs a cell twice: one that ends a server begins with a new one, or uses kill(), which takes a dead process."""
    for number, cell in enumerate(code_cells(notebook)):
        if re.search(r"^os\.kill\(.*SIG(KILL|TERM)", cell.source, re.MULTILINE) and not re.search(r"launch\(|restart\(", cell.source):
            yield f"code cell {number} ends a server and cannot be run again: restart() it first, or use kill() of clients.lab"


class Form(NamedTuple):
    """The limits within which a lesson fits into a class hour: all at their maximum make 45 minutes."""

    words: tuple  # minimum and maximum words of prose
    predictions: tuple
    code_cells: int = 30
    lines: int = 12  # maximum lines of a code cell; a cell with a server may have LONGEST_CELL
    median: int = 3

    def __call__(self, notebook):
        cells = code_cells(notebook)
        yield from _within("code cells", len(cells), (0, self.code_cells))
        lengths = [len(cell.source.splitlines()) for cell in cells]
        for number, (cell, length) in enumerate(zip(cells, lengths, strict=True)):
            if length > self.lines and not cell.source.startswith("%%server"):
                yield f"code cell {number} has {length} lines; at most {self.lines}, but for a server's"
        if lengths and statistics.median(lengths) > self.median:
            yield f"the median of its code cells is {statistics.median(lengths)} lines; at most {self.median}"
        yield from _within("words of prose", prose_words(notebook), self.words)
        asked = len(questions(notebook))
        yield from _within("predictions", asked, self.predictions)
        needed = 5 * math.ceil((prose_words(notebook) / 120 + 3 * asked + len(cells) / 2) / 5)
        stated = re.search(r"\*\*Time:\*\* (\d+) minutes", "\n".join(cell.source for cell in prose(notebook)))
        if not stated or int(stated[1]) != needed:
            yield f"states {stated[1] if stated else 'no'} minutes; its words, predictions and code cells need {needed}"


def _within(what, number, bounds):
    least, most = bounds
    if not least <= number <= most:
        yield f"{number} {what}; {least} to {most} are due"


CLASS_HOUR = Form(words=(1_000, 1_600), predictions=(3, 5))
SIDE_PATH = Form(words=(0, 1_500), predictions=(0, 4), median=5)  # many of them show whole programs

RULES = [
    executed,
    no_errors,
    no_widget_state,
    no_paths,
    house_style,
    images_speak_and_exist,
    pictures_speak,
    nothing_fetched,
    outputs_are_claims,
    outputs_quote_the_code,
    ends_a_server_again,
]


# --- helpers of the rules ---


def prose_words(notebook):
    """Count the words that a learner reads: without the links above and below, and without folded text."""
    text = "\n".join(cell.source for cell in prose(notebook))
    text = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    return sum(bool(re.search(r"\w", word)) for word in text.split())


def code_cells(notebook):
    """Return the code cells; their index is the number that nbval gives them."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell):
    return cell.metadata.get("tags", [])


def comment_lines(cell):
    lines = (line.strip() for line in cell.source.splitlines())
    return [line.lstrip("#").strip() for line in lines if line.startswith("#")]


def ignores_output(cell):
    marks = set(comment_lines(cell)) | {tag.upper().replace("-", "_") for tag in tags(cell)}
    return bool(marks & IGNORING)


def comments(cell):
    return [line for line in comment_lines(cell) if line and line not in IGNORING]


def attribute(tag, name):
    found = re.search(rf"""\b{name}\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
    return (found[1] or found[2] or "") if found else ""


def texts(notebook, markdown=True):
    """Yield all text of a notebook, with its place: sources and outputs, but not the bytes of pictures."""
    number = -1
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            if markdown:
                yield f"cell {position} of all (text)", cell.source
            continue
        number += 1
        yield f"code cell {number}", cell.source
        for output in cell.outputs:
            pieces = [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
            pieces += [
                str(data)
                for mime, data in output.get("data", {}).items()
                if not mime.startswith("image/") or mime == "image/svg+xml"
            ]
            yield f"output of code cell {number}", "\n".join(pieces)


# --- the lessons ---


def rules():
    for path in LESSONS:
        for rule in RULES:
            yield pytest.param(path, rule, id=f"{path.stem}-{rule.__name__}")


@pytest.mark.parametrize("path, rule", list(rules()))
def test_lesson(path, rule, monkeypatch):
    monkeypatch.chdir(path.parent)
    if problems := list(rule(nbformat.read(path, as_version=4))):
        pytest.fail(f"{path.name}:\n  " + "\n  ".join(problems), pytrace=False)


def forms():
    for path in LESSONS:
        if path.parent.name == "deeper":
            yield pytest.param(path, SIDE_PATH, id=path.stem)
        elif path.name[:2].isdecimal():
            yield pytest.param(path, CLASS_HOUR, id=path.stem)


@pytest.mark.parametrize("path, form", list(forms()))
def test_lesson_keeps_to_its_form(path, form):
    assert list(form(nbformat.read(path, as_version=4))) == []


# --- each rule bites ---


def made_up(*cells):
    """Return a notebook as `make store` leaves it, made from ("text", ...) for prose and ("code", ...) for code."""
    notebook, count = new_notebook(), 0
    for kind, source, *rest in cells:
        if kind == "text":
            notebook.cells.append(new_markdown_cell(source))
        else:
            count += 1
            notebook.cells.append(new_code_cell(source, execution_count=count, **dict(*rest)))
    return notebook


def printed(text):
    return {"outputs": [new_output("stream", name="stdout", text=text)]}


def displayed(mime, data):
    return {"outputs": [new_output("display_data", {mime: data})]}


FAILED = {"outputs": [new_output("error", ename="OSError", evalue="no", traceback=[])]}
FINE = made_up(
    ("text", "A [link](https://docs.python.org) is no picture."),
    ("code", "1 + 1"),
    ("code", "2 + 2"),
    ("text", "prose"),
    ("code", "# NBVAL_IGNORE_OUTPUT\n# the time differs\n1"),
    ("code", "3"),
    ("text", "prose"),
    ("code", "4", {**FAILED, "metadata": {"tags": ["raises-exception"]}}),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_good_notebook_passes(rule):
    assert list(rule(FINE)) == []


def hour(words=1_200, predictions=4, code=(3,) * 20, minutes=35):
    """Return a lesson with so many words (eight of them are not `word`), predictions, and code cells of so many lines."""
    links = new_markdown_cell("word " * 1_000, metadata={"tags": ["navigation"]})
    notebook = made_up(
        ("text", f"# 02 · Made up\n\n**Time:** {minutes} minutes. " + "word " * (words - 6)),
        ("text", "<details><summary>Solution of 02.1</summary>\n\n" + "word " * 1_000 + "</details>"),
        *[("code", f"Prediction('{number}?', [])") for number in range(predictions)],
        *[("code", "\n".join(["1"] * lines)) for lines in code[predictions:]],
    )
    notebook.cells.append(links)
    return notebook


def test_a_class_hour_passes():
    """1,200 words take 10 minutes, four predictions 12, twenty code cells 10."""
    assert list(CLASS_HOUR(hour())) == []
    assert list(SIDE_PATH(hour(words=100, predictions=0, code=(3,), minutes=5))) == []
    server = hour(code=(3,) * 19 + (20,))
    code_cells(server)[-1].source = "%%server mine\n" + code_cells(server)[-1].source
    assert list(CLASS_HOUR(server)) == []


@pytest.mark.parametrize(
    "form, notebook, expected",
    [
        (CLASS_HOUR, hour(words=999, minutes=35), "999 words of prose; 1000 to 1600 are due"),
        (CLASS_HOUR, hour(words=1_601, minutes=40), "1601 words of prose"),
        (CLASS_HOUR, hour(predictions=2, minutes=30), "2 predictions; 3 to 5 are due"),
        (CLASS_HOUR, hour(predictions=6, minutes=40), "6 predictions"),
        (CLASS_HOUR, hour(code=(3,) * 31, minutes=40), "31 code cells"),
        (CLASS_HOUR, hour(code=(3,) * 19 + (13,)), "code cell 19 has 13 lines"),
        (CLASS_HOUR, hour(code=(4,) * 20), "the median of its code cells is 4"),
        (CLASS_HOUR, hour(minutes=30), "states 30 minutes; its words, predictions and code cells need 35"),
        (SIDE_PATH, hour(words=1_501, predictions=3, minutes=35), "1501 words of prose; 0 to 1500 are due"),
        (SIDE_PATH, hour(predictions=5, code=(3,) * 8, minutes=30), "5 predictions; 0 to 4 are due"),
    ],
)
def test_what_does_not_fit_into_an_hour_is_named(form, notebook, expected):
    (said,) = form(notebook)
    assert said.startswith(expected)


BAD = [
    (executed, new_notebook(cells=[new_code_cell("1", execution_count=None)]), "unexecuted"),
    (executed, new_notebook(cells=[new_code_cell("", execution_count=None)]), "empty"),
    (executed, new_notebook(cells=[new_code_cell("1", execution_count=7)]), "top to bottom"),
    (no_errors, made_up(("code", "1/0", FAILED)), "with an error"),
    (no_widget_state, new_notebook(metadata={"widgets": {}}), "widget state"),
    (no_widget_state, made_up(("code", "x", displayed("application/vnd.jupyter.widget-view+json", {}))), "widget view"),
    (no_paths, made_up(("code", "1", printed(f"{REPOSITORY}/servers/app.py"))), "holds the path"),
    (no_paths, made_up(("code", "1", printed("saved as /tmp/x.log"))), "absolute path"),
    (no_paths, made_up(("code", "open('/home/ann/x')")), "absolute path"),
    (house_style, made_up(("code", "1\n" * 26)), "26 lines"),
    (house_style, made_up(("code", "1"), ("code", "2"), ("code", "3")), "third in a row"),
    (images_speak_and_exist, made_up(("text", "![](images/x.svg)")), "without alt"),
    (images_speak_and_exist, made_up(("text", "<img src='images/x.svg'>")), "without alt"),
    (images_speak_and_exist, made_up(("text", "![a loop](images/not-there.svg)")), "not there"),
    (pictures_speak, made_up(("code", "x", displayed("image/png", "iVBO"))), "without alternative text"),
    (nothing_fetched, made_up(("text", "![a cat](https://example.org/cat.png)")), "fetches"),
    (nothing_fetched, made_up(("code", "x", displayed("text/html", "<script src='//cdn.example.org/x.js'>"))), "fetches"),
    (nothing_fetched, made_up(("code", "x", displayed("text/html", "<style>a{background:url(https://e.org/x)}"))), "fetches"),
    (outputs_are_claims, made_up(("code", "# NBVAL_IGNORE_OUTPUT\n# the time\n1"), ("code", "2")), "1 of 2"),
    (outputs_are_claims, made_up(("code", "1", {"metadata": {"tags": ["nbval-skip"]}})), "1 of 1"),
    (outputs_are_claims, made_up(("code", "# NBVAL_IGNORE_OUTPUT\n1"), *[("code", "2")] * 4), "without a reason"),
    (outputs_quote_the_code, made_up(("code", "Prediction('Who waits?')", printed("Prediction: Who waited?"))), "asks 'Who waits?'"),
    (outputs_quote_the_code, made_up(("code", 'check("01.1", x)', printed("  passed   it is polite"))), "no such requirement"),
    (ends_a_server_again, made_up(("code", "os.kill(plain.pid, signal.SIGTERM)\nplain.state")), "cannot be run again"),
]


@pytest.mark.parametrize("rule, notebook, expected", BAD, ids=[f"{rule.__name__}: {said}" for rule, _, said in BAD])
def test_a_bad_notebook_is_named(rule, notebook, expected):
    assert expected in "\n".join(rule(notebook))
