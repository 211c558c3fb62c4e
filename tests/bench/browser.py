"""Group 5: what a learner waits for in a real browser: from a click to the painted reply, and a hundred more spans on a timeline.

Fixtures of the browser tests drive a separate JupyterLab with a notebook made for this. Both times are taken by the page's clock.
"""

import sys
import tempfile
from pathlib import Path

import nbformat
from measuring import ROOT, Missing, in_turns, ratios, row

sys.path.insert(0, str(ROOT / "tests" / "browser"))

CLICKS = 30
HELD, ADDED = 100_000, 100  # spans

CELLS = {
    "bare": """
import ipywidgets as widgets
clicks = 0
label, bare = widgets.Label("none"), widgets.Button(description="Bare")
def click(_):
    global clicks
    clicks += 1
    label.value = f"bare {clicks}"
bare.on_click(click)
widgets.VBox([bare, label])
""",
    "panel": """
from clients.lab import ClientPanel, Timeline
from servers import launch
server = launch("tcp_epoll")
panel = ClientPanel(server, "Ann", text="count")
panel
""",
    "timeline": f"""
import time
from clients.lab.timeline.spans import Lane, Span, Update
timeline = Timeline(server)
timeline.recording.read(time.monotonic_ns())
lanes = timeline.recording.lanes.lanes
origin = timeline.recording.origin
def spans(first, number):
    steps = range(first, first + number)
    return [Span(0, "serving", -1, origin + step * 10_000, origin + step * 10_000 + 5_000) for step in steps]
timeline.recording.spans.extend(spans(0, {HELD}))
rounds = 0
def add(_):
    global rounds
    rounds += 1
    lane = Lane(len(lanes), "client", f"lane {{rounds}}", "peer", rounds)
    lanes.append(lane)
    with timeline._guard:
        more = spans({HELD} + rounds * {ADDED}, {ADDED})
        timeline.recording.spans.extend(more)
        timeline._unsent += Update([lane], more, [], timeline.recording.open)
adding = widgets.Button(description="Add")
adding.on_click(add)
widgets.VBox([adding, timeline])
""",
}

# Click, and wait until the reply is beside the button and two more frames have passed: then it has been painted.
CLICK_TO_TEXT = """async ([label, reply]) => {
    const began = performance.now();
    const button = [...document.querySelectorAll(".jp-Notebook button")].find(one => one.innerText.trim() === label);
    const area = button.closest(".jp-OutputArea"), wanted = new RegExp(reply + "\\\\s*$");
    const there = () => [...area.querySelectorAll("*")].some(one => wanted.test(one.textContent));
    button.click();
    await new Promise(done => {
        const observer = new MutationObserver(() => there() && (observer.disconnect(), done()));
        observer.observe(area, {subtree: true, childList: true, characterData: true});
    });
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now() - began;
}"""

# The same for a canvas, whose text is not in the page: it has been painted in the frame in which it writes the new lane's label.
CLICK_TO_CANVAS = """async ([button, text]) => {
    const area = document.querySelector(".jp-Notebook"), began = performance.now();
    const write = CanvasRenderingContext2D.prototype.fillText;
    const written = new Promise(done => {
        CanvasRenderingContext2D.prototype.fillText = function (said, ...where) {
            if (said === text) done();
            return write.call(this, said, ...where);
        };
    });
    [...area.querySelectorAll("button")].find(one => one.innerText.trim() === button).click();
    await written;
    CanvasRenderingContext2D.prototype.fillText = write;
    await new Promise(done => requestAnimationFrame(done));
    return performance.now() - began;
}"""


def run(rounds):
    try:
        import conftest
        from playwright.sync_api import sync_playwright
    except ImportError as problem:
        raise Missing(str(problem)) from None
    if not conftest.chromium():
        raise Missing(conftest.NO_BROWSER)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        lessons = Path(folder, "lessons")
        lessons.mkdir()
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS.values()])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, lessons / "00-bench.ipynb")
        lab = conftest.Lab(Path(folder), lessons)
        browser = playwright.chromium.launch(executable_path=conftest.chromium(), args=conftest.QUIET)
        try:
            watched = conftest.LabPage(browser, lab)
            lesson = conftest.Lesson(watched.page, "00-bench", Path(folder))
            lesson.run_all()
            assert lesson.errors() == [], lesson.errors()
            found = in_turns(clicks(lesson), max(rounds, CLICKS))
            lesson.close()
            watched.check()
        finally:
            browser.close()
            lab.stop()
    return [
        row("bare ipywidgets: click to painted label", found["bare"], "ms"),
        row("client panel: click to painted reply", found["panel"], "ms"),
        row("client panel / bare ipywidgets", ratios(found["panel"], found["bare"]), "ratio", 1.3, at_most=True),
        # (spans are added directly here; those that the timeline reads from a server first wait 100 ms until they are settled)
        row(f"timeline: click until {ADDED} spans are painted onto {HELD:,}", found["timeline"], "ms", 60, at_most=True),
    ]


def clicks(lesson):
    """Return {what is clicked: a function that clicks, and returns the milliseconds until the answer is painted}."""
    turns = dict.fromkeys(CELLS, 0)

    def click(what, script, button, text):
        turns[what] += 1
        return lesson.ask(script, [button, text.format(turns[what])])

    return {
        "bare": lambda: click("bare", CLICK_TO_TEXT, "Bare", "bare {}"),
        "panel": lambda: click("panel", CLICK_TO_TEXT, "Send as Ann", "answered in [^:]*: {}"),
        "timeline": lambda: click("timeline", CLICK_TO_CANVAS, "Add", "lane {}"),
    }
