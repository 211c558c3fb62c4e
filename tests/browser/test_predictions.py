"""A prediction is saved in the learner's copy: it is there after a restart of the kernel, and in the lesson's summary."""

import json

from playwright.sync_api import expect
from support import eventually

from clients.lab.learning import progress_store

CELLS = [
    'from clients.lab import Prediction, summary\n\nwho = Prediction("Who is answered first?", ["Ann", "Ben"])\nwho',
    'who.outcome("Ben", because="Last in, first out.")',
    'summary("27")',
]


def test_a_prediction_outlives_its_kernel(lab, open_cells):
    lesson = open_cells("27-order", *CELLS)
    page = lesson.page
    lesson.run_all()
    page.get_by_label("Ann").check()
    page.get_by_label("Because").fill("she came first")
    page.get_by_label("Because").press("Tab")
    expect(page.get_by_text("You say: Ann.")).to_be_visible()
    note = {"lesson": "27", "question": "Who is answered first?", "answer": "Ann", "reason": "she came first"}
    kept = lab.work / progress_store.FILE
    eventually(lambda: note in json.loads(kept.read_text(encoding="utf-8"))["predictions"], f"{note} in {kept}")

    lesson.restart_kernel()
    lesson.wait_until_idle()
    lesson.run_all()
    expect(page.get_by_text("You said before: Ann.")).to_be_visible()
    expect(page.get_by_text("0 of 1 right.")).to_be_visible()
    expect(page.get_by_text("Not this time. Last in, first out.").last).to_be_visible()
    lesson.screenshot("predictions")
    assert lesson.errors() == []


ORDER = [
    'from clients.lab import Prediction, summary\n\nline = Prediction("In which order?", ["Ann", "Ben"], order=True)\nline',
    'line.outcome(["Ben", "Ann"], because="Last in, first out.")',
    'summary("28")',
]


def test_an_order_keeps_what_the_run_showed_when_only_its_reason_changes(open_cells):
    lesson = open_cells("28-order", *ORDER)
    page = lesson.page
    lesson.run_all()
    for place, name in enumerate(["Ann", "Ben"], start=1):
        page.get_by_label(f"{place}.").select_option(name)
    expect(page.get_by_text("You say: Ann, then Ben.")).to_be_visible()
    lesson.run_all()  # the question, asked again, recalls the saved answer

    lesson.restart_kernel()
    lesson.wait_until_idle()
    run_cell(lesson, 0)
    expect(page.get_by_text("You said before: Ann, then Ben.")).to_be_visible()
    page.get_by_label("Because").fill("first come, first served")
    page.get_by_label("Because").press("Tab")
    expect(page.get_by_text("You say: Ann, then Ben.")).to_be_visible()
    run_cell(lesson, 2)
    expect(page.get_by_text("Ann, then Ben, because first come, first served").last).to_be_visible()
    expect(page.get_by_text("Not this time. Last in, first out.").last).to_be_visible()
    expect(page.get_by_text("not seen yet")).to_have_count(0)
    lesson.screenshot("order")


def run_cell(lesson, number):
    lesson.ask(
        "async number => { jupyterapp.shell.currentWidget.content.activeCellIndex = number;"
        " await jupyterapp.commands.execute('notebook:run-cell') }",
        number,
    )
