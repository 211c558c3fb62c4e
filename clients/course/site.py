"""The course as a site: static pages of all lessons, in site/, readable on a phone, without a kernel and offline: `make site`.

nbconvert renders each lesson as it is stored. `make site LIVE=02` runs the lessons whose names begin with 02 (LIVE=all: all of
them), and their timelines are live on the page: they zoom, explain and play. A lesson that fails to run is shown as it is stored.
The result of a prediction is folded, so that a reader can predict before unfolding it.
The pages request nothing outside their folder; the search reads search.js, because a page from a file may not use fetch().
"""

import ast
import html
import json
import re
import shutil
import sys
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_output

from clients.course import curriculum, store, workspace
from clients.lab import needs
from clients.lab.timeline import esm, saving

FILES = Path(__file__).with_name("site_files")
SITE = curriculum.REPOSITORY / "site"
PAGES = "map.ipynb", "glossary.ipynb", "teaching.ipynb"
LINK = re.compile(r'href="([^":]*)\.ipynb(?=[#"])')
EMPTY_HEADING = re.compile(r"<th([^>]*)></th>")  # a table's corner: a screen reader would announce an empty heading
NO_ANSWER = re.compile(r"<tr[^>]*><th[^>]*></th><td[^>]*>You gave no answer\.</td></tr>")
# Run after a lesson's own cells: prints the recordings of its timelines as they were when shown, by widget ID.
COLLECT = """
import gc, json
from clients.lab import Timeline
from clients.lab.timeline import saving
shown = [thing for thing in gc.get_objects() if issubclass(type(thing), Timeline) and thing.recording.origin is not None]
print(json.dumps({timeline.model_id: saving.recorded(timeline.recording) for timeline in shown}))
"""


def build(lessons=curriculum.LESSONS, site=SITE, live=()):
    """Rebuild the site of a folder of lessons, running the lessons in `live`; return the number of pages."""
    exporter = HTMLExporter(template_name="template", extra_template_basedirs=[str(FILES)], exclude_anchor_links=True)
    if site.exists():
        shutil.rmtree(site)
    (site / "deeper").mkdir(parents=True)
    if (lessons / "images").exists():
        shutil.copytree(lessons / "images", site / "images")
    for name in ("site.css", "site.js"):
        shutil.copy(FILES / name, site)
    found = []
    for path in [*(lessons / name for name in PAGES if (lessons / name).exists()), *workspace.paths(lessons)]:
        target = _target(path.relative_to(lessons).with_suffix("").as_posix())
        notebook = prepared(run(path) if path in live else nbformat.read(path, as_version=4))
        title = re.search(r"^# (.+)$", next(iter(curriculum.prose(notebook))).source, re.MULTILINE)[1]
        page = {"title": title, "root": "../" * target.count("/")}
        body, _ = exporter.from_notebook_node(notebook, resources={"page": page})
        body = LINK.sub(lambda link: f'href="{_target(link[1])}', body)
        body = EMPTY_HEADING.sub(r"<td\1></td>", body)
        (site / target).write_text(body, encoding="utf-8")
        found.append({"path": target, "title": title, "text": _words(body)})
    (site / "timeline.css").write_text(esm.style(), encoding="utf-8")
    (site / "timeline.js").write_text(
        f"{{\n{esm.script()}\nshowTimeline = showRecording.bind(null, timelines);\n}}\n", encoding="utf-8"
    )
    index = json.dumps(found, ensure_ascii=False)
    (site / "search.js").write_text(f"const SEARCH = {index};\n", encoding="utf-8")
    return len(found)


def _target(name):
    """Return the file name of a notebook's page; the map becomes index.html, where a visitor arrives."""
    return "index.html" if name == "map" else "../index.html" if name == "../map" else f"{name}.html"


def _words(body):
    """Return the text of a page for the search: everything but the folded results."""
    main = BeautifulSoup(body, "html.parser").main
    for element in main.select(".result, .around"):
        element.decompose()
    return " ".join(main.get_text(" ").split())


# ---------------------------------------------------------------- timelines


def run(path):
    """Run a lesson, and return it with the recordings of its timelines; return it as stored if it does not run to its end."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(new_code_cell(COLLECT))
    try:
        store.run(notebook, path)
    except store.NotStored as problem:
        print(f"{path.name} is shown as it is stored, because it does not run here: {str(problem).splitlines()[0]}")
        return nbformat.read(path, as_version=4)
    recordings = json.loads(notebook.cells.pop().outputs[0].text)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            recording = recordings.get(output.get("data", {}).get(needs.WIDGET_VIEW, {}).get("model_id"))
            if recording and "image/png" in output.data:
                output.data["text/html"] = _live(recording, output.data.pop("image/png"), output.metadata["image/png"]["alt"])
    store.tidy(notebook)
    return notebook


def _live(recording, picture, words):
    """Return a recording as HTML, with its picture for print and for pages without scripts."""
    image = f'<img src="data:image/png;base64,{picture.strip()}" alt="{html.escape(words)}">'
    data = f'<script type="application/json">{saving.in_script(recording)}</script>'
    return f'<div class="timeline">{image}{data}</div>'


# ---------------------------------------------------------------- predictions


def prepared(notebook):
    """Add to each cell's metadata what the template needs, and replace the predictions by forms; return the notebook."""
    asked = {}  # {name of a prediction's variable: ID of its form}
    running = None  # the form of the prediction whose outcome has not come yet
    for number, cell in enumerate(notebook.cells):
        cell.metadata["page"] = {"navigation": curriculum.is_navigation(cell) and ("top" if number == 0 else "end")}
        page = cell.metadata["page"]  # the dictionary that the notebook stores, a copy of ours
        if cell.cell_type != "code":
            continue
        page["hidden"] = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        calls = curriculum.calls(cell.source)
        prediction = next((call for call in calls if ast.unparse(call.func) == "Prediction"), None)
        outcome = next((call for call in calls if ast.unparse(call.func).endswith(".outcome")), None)
        if prediction and cell.outputs:
            running = f"prediction-{number}"
            asked.update((name, running) for name in _assigned(cell.source))
            cell.outputs[-1] = new_output("display_data", data={"text/html": _form(running, prediction)})
        elif outcome and cell.outputs:
            form = asked.get(ast.unparse(outcome.func).removesuffix(".outcome"))
            if form is None:
                continue
            page.update({"hidden": False, "left_out": page["hidden"], "opens": form, "closes": True})
            before = notebook.cells[number - 1].metadata["page"]
            if before.get("opens") == form:  # one fold for the run and its outcome
                before["closes"], page["opens"] = False, None
            for output in cell.outputs:
                if "text/html" in output.get("data", {}):
                    shown = NO_ANSWER.sub("", output.data["text/html"])
                    output.data["text/html"] = f'{shown}<p class="said"></p>{_reasons(outcome)}'
            running = None
        elif running and cell.outputs:
            page.update({"opens": running, "closes": True})
    return notebook


def _assigned(source):
    targets = (node.targets for node in ast.walk(ast.parse(curriculum.without_magic(source))) if isinstance(node, ast.Assign))
    return [target.id for found in targets for target in found if isinstance(target, ast.Name)]


def _literal(node):
    """Return the value of a literal, or None for an expression that would have to be run."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        return None


def _form(identity, call):
    """Return the question as a form, with its choices or with a field for a number."""
    given = dict(zip(("question", "choices", "order"), call.args, strict=False))
    given.update((word.arg, word.value) for word in call.keywords)
    choices = [html.escape(str(choice)) for choice in _literal(given.get("choices")) or []]
    if "order" in given:
        fields = [f"<p>Which order? {'; '.join(choices)}</p>"]
    elif choices:
        fields = [f'<label><input type="radio" name="{identity}" value="{choice}"> {choice}</label>' for choice in choices]
    else:
        fields = ['<label>A number: <input type="number" step="any"></label>']
    question = html.escape(str(_literal(given["question"]) or ""))
    return f'<fieldset class="predict" id="{identity}"><legend>Predict</legend><p>{question}</p>{"".join(fields)}</fieldset>'


def _reasons(call):
    """Return the lesson's explanation of each wrong answer as HTML."""
    because = next((_literal(word.value) for word in call.keywords if word.arg == "because"), None)
    if not isinstance(because, dict):
        return ""
    lines = (f"<dt>{html.escape(str(answer))}</dt><dd>{html.escape(str(reason))}</dd>" for answer, reason in because.items())
    return f'<dl class="because">{"".join(lines)}</dl>'


def main(live):
    run_now = [path for name, path in workspace.named().items() if live and (live == "all" or name.startswith(live))]
    with workspace.plain_words():
        print(f"{build(live=run_now)} pages, {len(run_now)} lessons run for them; open {SITE / 'index.html'}")


if __name__ == "__main__":
    main("".join(sys.argv[1:]))
