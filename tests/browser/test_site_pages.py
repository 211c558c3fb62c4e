"""The site in a real browser: it is accessible, a prediction comes before its result, and the search finds technical terms."""

import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import watched_page
from playwright.sync_api import expect

from clients.course import curriculum, site

OPTIONS = {"resultTypes": ["violations"], "preload": False}  # a page from a file may not fetch its style sheets again


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    lessons, folder = tmp_path_factory.mktemp("lessons"), tmp_path_factory.mktemp("site") / "site"
    for name in ("map", "01-loop-model"):
        shutil.copy(curriculum.LESSONS / f"{name}.ipynb", lessons)
    shutil.copytree(curriculum.LESSONS / "images", lessons / "images")
    site.build(lessons, folder)
    return folder


@pytest.mark.parametrize("path, colours", [("index.html", "light"), ("01-loop-model.html", "dark")])
def test_axe_finds_nothing(browser, built, path, colours):
    with watched_page(browser) as page:
        page.emulate_media(color_scheme=colours)
        page.goto((built / path).as_uri())
        expect(page.locator("html")).to_have_attribute("data-theme", colours)
        assert not (found := Axe().run(page, options=OPTIONS)).violations_count, found.generate_report()


def test_a_reader_predicts_unfolds_and_searches(browser, built):
    with watched_page(browser) as page:
        page.goto((built / "01-loop-model.html").as_uri())
        answer = page.locator(".predict input[type=radio]").first
        answer.check()
        result = page.locator(".result").first
        expect(result.locator(".output").first).to_be_hidden()
        result.locator("summary").first.click()
        expect(result.locator(".said")).to_have_text(f"You predicted: {answer.get_attribute('value')}")
        page.emulate_media(media="print")
        expect(result.locator(".said")).not_to_have_css("font-size", "0px")
        expect(page.locator(".said").nth(1)).to_have_css("font-size", "0px")  # unanswered: a line to write on is shown instead
        page.emulate_media(media="screen")
        field, found = page.get_by_role("searchbox"), page.locator("#found")
        field.fill("<img src=x onerror=alert(1)>")
        expect(found).to_have_text("No page has this.")
        field.fill("循环")
        expect(found.get_by_role("link").first).to_be_visible()
        field.fill("-ltn")  # in a text fragment, a bare hyphen is syntax
        expect(found.get_by_role("link").first).to_have_attribute("href", "01-loop-model.html#:~:text=%2Dltn")
        field.press("Escape")
        expect(found).to_be_hidden()
