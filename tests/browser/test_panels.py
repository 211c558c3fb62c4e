"""Panels used by keyboard: every field has a label, and the focus stays where it was."""

import re

from playwright.sync_api import expect

CELLS = [
    "from clients.lab import ClientPanel, Gauge, Prediction, ServerCard, progress\nfrom servers import launch\n"
    'server = launch("tcp_loop")\npanel = ClientPanel(server, "Ann", "Ben")\npanel',
    "ServerCard(server)",
    "from fractions import Fraction\nnumbers = [1]\nGauge(lambda: numbers[-1], 'shares')",
    "numbers.append(Fraction(3, 2))",
    'who = Prediction("Who is answered first?", ["Ann", "Ben", "Cem", "Dora"])\nwho',
    'who.answer = "Ann"\nwho.outcome("Ben", because="Last in, first out.")',
    "progress()",
    "from clients.lab import Race\nfrom clients.load import Load\n"
    'Race("tcp_loop", load=Load(connections=1, seconds=0.3, warm_up=0.1, rate=100))',
]


def test_the_focus_stays_after_a_click_and_every_field_has_a_label(open_cells):
    lesson = open_cells("29-panels", *CELLS)
    page = lesson.page
    lesson.run_all()
    assert lesson.errors() == []

    ann = page.locator(".jp-OutputArea-output [role=status]").first

    def press(name):
        button = page.get_by_role("button", name=name, exact=True).first
        button.focus()
        page.keyboard.press("Enter")
        return button

    expect(page.get_by_text("1.5", exact=True)).to_be_visible()  # the gauge is still updated, and so is the card
    connect = press("Connect Ann")
    expect(ann).to_contain_text(re.compile("connected$"))
    expect(connect).to_be_focused()
    page.get_by_label("Ann says").fill("by label")
    page.keyboard.press("Enter")
    expect(ann).to_contain_text(re.compile("answered in .*: by label"))
    expect(page.get_by_label("Ann says")).to_be_focused()
    close = press("Close Ann")
    expect(ann).to_contain_text("closed")
    expect(close).to_be_focused()
    stop = press("Stop")
    expect(page.get_by_text("stopped").first).to_be_visible()
    expect(stop).to_be_focused()
    expect(page.get_by_text("Read again")).to_be_visible()
    press("Run")
    expect(page.get_by_alt_text(re.compile("^1 servers?: answers a second, tcp_loop"))).to_be_visible()
    for theme in "Light", "Dark":
        lesson.theme(f"JupyterLab {theme}")
        lesson.screenshot(f"panels-{theme.lower()}")
