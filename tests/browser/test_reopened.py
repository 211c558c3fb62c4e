"""A lesson whose kernel has ended shows the last pictures and what to do next, and its pictures have alternative text."""

import re

from nbformat.v4 import new_code_cell, new_output
from playwright.sync_api import expect

CELLS = [
    "from clients.lab import ClientPanel, Timeline\nfrom servers import launch\n"
    'server = launch("tcp_loop")\npanel = ClientPanel(server, "Ann")\npanel',
    'await panel["Ann"].send("hello")\nTimeline(server, panel)',
]
PAST = "This is the stored picture: the kernel behind it is no longer running."
ENDED_FOR_ITS_MEMORY = """() => jupyterapp.shell.currentWidget.sessionContext.iopubMessage.emit(
    {header: {msg_type: "stream"}, parent_header: {msg_id: "memory limit"}, content: {name: "stderr", text: "1100 MB used"}})"""
GONE = "A panel belongs here: the kernel behind it is no longer running."
ALT = re.compile("^Timeline of tcp_loop. server: .*waits for Ann.* Ann: .*is connected")


def test_a_timeline_outlives_its_kernel(open_cells):
    lesson = open_cells("29-reopened", *CELLS, expected="model not found")  # a message of ipywidgets on the console
    page = lesson.page
    lesson.run_all()
    assert lesson.errors() == []
    expect(page.locator(".sm-timeline")).to_be_visible()
    expect(page.get_by_text(PAST)).to_have_count(0)
    lesson.command("docmanager:save")

    lesson.restart_kernel()
    expect(page.locator(".tl-status")).to_contain_text("the notebook's kernel is busy or has ended")
    page.reload()
    lesson.wait_until_idle()
    picture_is_there(lesson)
    expect(page.get_by_text(GONE)).to_be_visible()
    lesson.screenshot("reopened-after-reload")

    lesson.run_all()
    expect(page.locator(".sm-timeline")).to_be_visible()
    expect(page.get_by_text(PAST)).to_have_count(0)


def test_a_stored_picture_has_alternative_text(open_cells):
    """Only the picture is stored, without the widget, as in a lesson that was never run."""
    output = {"data": {"image/png": PIXEL, "text/plain": "Timeline"}, "metadata": {"image/png": {"alt": "Ann waits for Ben"}}}
    cell = new_code_cell("timeline", outputs=[new_output("display_data", **output)])
    lesson = open_cells("29-stored", cell)
    expect(lesson.page.get_by_alt_text("Ann waits for Ben", exact=True)).to_be_visible()
    lesson.ask(ENDED_FOR_ITS_MEMORY)
    toast = lesson.page.locator(".Toastify__toast", has_text="1100 MB used")
    expect(toast).to_be_visible()
    toast.get_by_role("button").first.click()
    expect(toast).to_have_count(0)


def picture_is_there(lesson):
    expect(lesson.page.get_by_alt_text(ALT)).to_be_visible()
    expect(lesson.page.get_by_text(PAST)).to_be_visible()


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
