"""The clicks of a learner in lesson 01: two clients of the loop model, and their timeline."""

import re

from playwright.sync_api import expect

from clients.lab.ui.colours import PALETTE


def button(lesson, name):
    return lesson.page.get_by_role("button", name=name, exact=True).first


def status(lesson, number):
    """Return the status line of the first panel's client with this number."""
    return lesson.page.locator(".jp-OutputArea-output [role=status]").nth(number)


def test_what_a_learner_does(open_lesson):
    lesson = open_lesson("01-loop-model")
    lesson.run_all()
    assert lesson.errors() == [] and lesson.unexecuted() == []
    second_client_waits_until_the_first_has_left(lesson)
    for theme in "Light", "Dark":
        timeline_is_drawn(lesson, theme)


def second_client_waits_until_the_first_has_left(lesson):
    lesson.page.locator(".jp-WindowedPanel-outer").first.evaluate("panel => panel.scrollTo(0, 0)")
    button(lesson, "Connect Ann").scroll_into_view_if_needed()
    ann, ben = status(lesson, 0), status(lesson, 1)
    button(lesson, "Close Ben").click()  # the lesson leaves him connected
    expect(ben).to_contain_text("closed")
    button(lesson, "Connect Ann").click()
    expect(ann).to_have_text(re.compile("connected$"))
    button(lesson, "Connect Ben").click()
    expect(ben).to_contain_text("connected, not accepted yet")
    button(lesson, "Send as Ben").click()
    expect(ben).to_contain_text("waiting, not accepted yet")
    button(lesson, "Send as Ann").click()  # Ann is served at once while Ben waits: the notebook is not blocked
    expect(ann).to_contain_text("answered in")
    expect(ben).to_contain_text("waiting, not accepted yet")
    lesson.screenshot("01-ben-waits")
    button(lesson, "Close Ann").click()
    expect(ben).to_contain_text("answered in")
    lesson.screenshot("01-ben-answered")


# Whether all these colours are in the plot, right of the lanes' names and colour samples. Scrolls into view at every look, because
# outputs above grow as they are drawn.
COLOURS_IN_PLOT = """([canvas, colours, left]) => {
    canvas.scrollIntoView({ block: "center" });
    const { width, height, clientWidth } = canvas;
    if (!width || !height) return false;
    const skipped = Math.round(left * width / clientWidth);
    const data = canvas.getContext("2d").getImageData(skipped, 0, width - skipped, height).data;
    const found = new Set();
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) found.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
    return colours.every(colour => found.has(colour));
}"""
PLOT_LEFT = 186  # CSS pixels: LABELS + PAD in painter.js


def timeline_is_drawn(lesson, theme):
    """Check that the colours of both clients are in the plot."""
    lesson.theme(f"JupyterLab {theme}")
    canvas = lesson.page.locator(".jp-OutputArea-output .tl-rows canvas").first.element_handle()
    colours = [int(PALETTE[place][theme == "Dark"][1:], 16) for place in (0, 1)]
    lesson.page.wait_for_function(COLOURS_IN_PLOT, arg=[canvas, colours, PLOT_LEFT], polling=500)
    lesson.screenshot(f"01-timeline-{theme.lower()}")
