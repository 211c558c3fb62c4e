"""The site: each link has a target, nothing is requested from the internet, and a prediction's result is folded."""

import functools
import json
import re
import shutil
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from nbformat import write
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from clients.course import curriculum, site

NAMES = "01-loop-model", "map", "glossary", "deeper/tiny"


def tiny_lesson():
    """Return a side path with a prediction, its run, its outcome, and an unrelated cell."""

    def cell(source, text):
        return new_code_cell(source, outputs=[new_output("execute_result", data={"text/plain": text})])

    outcome = cell('guess.outcome(2, because={1: "One is too few."})', "")
    outcome.outputs[0].data["text/html"] = "<div>The run: 2</div>"
    return new_notebook(
        cells=[
            new_markdown_cell("← [01](../01-loop-model.ipynb) | [Map](../map.ipynb)", metadata={"tags": ["navigation"]}),
            new_markdown_cell(
                "# Tiny\n\nA rare word: xylophone.\n\n<details><summary>Solution</summary>\n\n**two**\n\n</details>\n\n"
                "| | one |\n|---|---|\n| size | 1 |"
            ),
            cell('guess = Prediction("How many?", ["one & only", "two"])\nguess', "Prediction: How many?"),
            cell("count()", "the count is 2"),
            outcome,
            cell("after()", "not folded"),
        ]
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return {path in the site: its parsed page}."""
    lessons, folder = tmp_path_factory.mktemp("lessons"), tmp_path_factory.mktemp("site") / "site"
    (lessons / "deeper").mkdir()
    shutil.copytree(curriculum.LESSONS / "images", lessons / "images")
    for name in NAMES[:3]:
        shutil.copy(curriculum.LESSONS / f"{name}.ipynb", lessons)
    write(tiny_lesson(), lessons / "deeper/tiny.ipynb")
    assert site.build(lessons, folder) == len(NAMES)
    return folder, {path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for path in folder.rglob("*.html")}


def test_each_link_leads_to_a_page_or_a_picture_of_the_site(built):
    folder, soups = built
    there = {path.relative_to(curriculum.LESSONS).with_suffix(".html").as_posix() for path in curriculum.LESSONS.rglob("*.ipynb")}
    for path, soup in soups.items():
        for element in soup.select("[href], [src]"):
            link = element.get("href") or element["src"]
            if re.match(r"https?:|mailto:|data:|#", link):
                continue
            target = (path.parent / unquote(link.partition("#")[0])).resolve()
            known = target.exists() or target.relative_to(folder.resolve()).as_posix() in there  # built elsewhere
            assert known and target.suffix != ".ipynb", f"{path.name} links to {link}"


def test_nothing_is_loaded_from_outside_the_folder(built):
    for path, soup in built[1].items():
        loads = [element.get("src") or element.get("href") for element in soup.select("script, link, img, iframe, source")]
        assert not [link for link in loads if link and re.match(r"(https?:)?//", link)], path.name
    for name in ("site.css", "site.js"):
        assert "//" not in re.sub(r"^//.*|\s// .*", "", (built[0] / name).read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_a_reader_can_predict_before_the_result_unfolds(built):
    soup = built[1][built[0] / "deeper/tiny.html"]
    assert [field["value"] for field in soup.select(".predict input[type=radio]")] == ["one & only", "two"]
    (fold,) = soup.select("details.result")
    assert not fold.has_attr("open") and fold["data-prediction"] == soup.select_one(".predict")["id"]
    assert "the count is 2" in fold.text and "The run: 2" in fold.text and "One is too few." in fold.text
    assert "not folded" not in fold.text and "not folded" in soup.text and "count()" not in fold.text


def test_each_outcome_of_a_real_lesson_is_folded(built):
    soup = built[1][built[0] / "01-loop-model.html"]
    assert len(soup.select(".predict")) == len(soup.select(".result .said")) == 4
    assert "You gave no answer" not in soup.text
    assert all(picture.get("alt") for picture in soup.select("img"))


def test_the_search_knows_each_page_and_no_result_that_is_folded(built):
    index = (built[0] / "search.js").read_text(encoding="utf-8")
    assert index.startswith("const SEARCH = [") and index.count('"path":') == len(NAMES)
    assert "xylophone" in index and "the count is 2" not in index


def test_no_heading_of_a_table_is_empty(built):
    assert built[1][built[0] / "deeper/tiny.html"].select_one("thead td")
    assert all(heading.text.strip() for soup in built[1].values() for heading in soup.select("th"))


def test_what_is_folded_in_a_lesson_is_rendered(built):
    details = built[1][built[0] / "deeper/tiny.html"].select_one("main .text details")
    assert details.select_one("strong").text == "two"


def test_a_lesson_that_is_run_for_the_site_has_its_timeline_with_the_recording(tmp_path):
    lessons = tmp_path / "lessons"
    (lessons / "deeper").mkdir(parents=True)
    code = (
        "from clients.lab import ClientPanel, Timeline\nfrom servers import launch\n"
        'with launch("tcp_loop") as server:\n    panel = ClientPanel(server, "Ann")\n    await panel["Ann"].send("hello")\n'
        "    timeline = Timeline(server, panel)\n    display(timeline)"
    )
    broken = [new_markdown_cell("# Broken"), new_code_cell("raise OSError", outputs=[])]
    write(new_notebook(cells=[new_markdown_cell("# Live"), new_code_cell(code)]), lessons / "deeper/live.ipynb")
    write(new_notebook(cells=broken), lessons / "deeper/broken.ipynb")
    site.build(lessons, tmp_path / "site", live=[lessons / "deeper/live.ipynb", lessons / "deeper/broken.ipynb"])
    page = BeautifulSoup((tmp_path / "site/deeper/live.html").read_text(encoding="utf-8"), "html.parser")
    (timeline,) = page.select(".timeline")
    assert "Ann" in str(json.loads(timeline.script.string)["content"]["lanes"]) and "serves Ann" in timeline.img["alt"]
    assert "get_objects" not in page.text
    assert "raise" in (tmp_path / "site/deeper/broken.html").read_text(encoding="utf-8")  # as it is stored


def test_a_site_that_cannot_be_written_ends_in_plain_words(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(site, "build", functools.partial(site.build, tmp_path, tmp_path / "file" / "site"))
    with pytest.raises(SystemExit, match="This command cannot continue: .*Not a directory.* folders that you can write to"):
        site.main("")
