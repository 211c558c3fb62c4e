"""The learner's own copy: complete, without outputs, and never overwritten."""

import contextlib
import resource
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from clients.course import workspace
from clients.lab.learning import progress_store


@pytest.fixture
def lessons(tmp_path):
    folder = tmp_path / "notebooks"
    (folder / "images").mkdir(parents=True)
    (folder / "images" / "loop.svg").write_text("<svg/>")
    for name in ("01-loop", "02-fork"):
        store(folder / f"{name}.ipynb", "print('hello')")
    return folder


@pytest.fixture
def work(tmp_path):
    return tmp_path / "work"


def store(path, source):
    output = new_output("stream", text="hello\n")
    cell = new_code_cell(source, execution_count=1, outputs=[output], metadata={"tags": ["raises-exception"]})
    nbformat.write(new_notebook(cells=[new_markdown_cell("## 循环模型"), cell]), path)


def edit(path):
    """Change the copy and save it, as a learner does."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = "print('mine')"
    nbformat.write(notebook, path)


def test_copies_have_everything_but_outputs(lessons, work):
    assert workspace.copy_lessons(lessons, work) == ["copied into work/: 01-loop, 02-fork"]
    notebook = nbformat.read(work / "02-fork.ipynb", as_version=4)
    nbformat.validate(notebook)
    text, code = notebook.cells
    assert text.source == "## 循环模型"
    assert (code.source, code.outputs, code.execution_count) == ("print('hello')", [], None)
    assert code.metadata.tags == ["raises-exception"]
    assert (work / "images" / "loop.svg").read_text() == "<svg/>"


def test_a_side_path_goes_to_deeper_and_is_made_fresh_by_its_name(lessons, work):
    (lessons / "deeper").mkdir()
    store(lessons / "deeper" / "ports.ipynb", "print('hello')")
    assert workspace.copy_lessons(lessons, work) == ["copied into work/: 01-loop, 02-fork, deeper/ports"]
    edit(work / "deeper" / "ports.ipynb")
    store(lessons / "deeper" / "ports.ipynb", "print('better')")
    assert "`make fresh LESSON=deeper/ports`" in workspace.copy_lessons(lessons, work)[1]
    assert workspace.freshen("deeper/ports", lessons, work)[0].endswith("work/deeper/ports.kept-1.ipynb")
    assert "better" in (work / "deeper" / "ports.ipynb").read_text()
    assert (work / progress_store.FILE).exists() and not (work / "deeper" / progress_store.FILE).exists(), "one file for all"


def test_many_names_are_counted(work):
    lessons = workspace.REPOSITORY / "notebooks"
    side_paths = len(list(lessons.glob("deeper/*.ipynb")))
    assert workspace.copy_lessons(lessons, work) == [f"copied into work/: 14 lessons and {side_paths} side paths"]


def test_lessons_that_are_there_are_kept(lessons, work):
    workspace.copy_lessons(lessons, work)
    edit(work / "02-fork.ipynb")
    before = (work / "02-fork.ipynb").read_bytes()
    assert workspace.copy_lessons(lessons, work) == ["kept as you left them: 01-loop, 02-fork"]
    assert (work / "02-fork.ipynb").read_bytes() == before


def test_a_newer_version_is_named_not_taken(lessons, work):
    workspace.copy_lessons(lessons, work)
    edit(work / "02-fork.ipynb")
    store(lessons / "02-fork.ipynb", "print('better')")
    said = workspace.copy_lessons(lessons, work)
    assert said[1].startswith("02-fork has a newer version; `make fresh LESSON=02`")
    assert "mine" in (work / "02-fork.ipynb").read_text()


def test_new_outputs_alone_are_no_newer_version(lessons, work):
    workspace.copy_lessons(lessons, work)
    notebook = nbformat.read(lessons / "02-fork.ipynb", as_version=4)
    notebook.cells[1].outputs[0].text = "another run\n"
    nbformat.write(notebook, lessons / "02-fork.ipynb")
    assert len(workspace.copy_lessons(lessons, work)) == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"metadata": []}', "null"])
def test_a_copy_that_is_damaged_is_kept_too(lessons, work, content):
    workspace.copy_lessons(lessons, work)
    (work / "02-fork.ipynb").write_text(content)
    assert "02-fork has a newer version" in workspace.copy_lessons(lessons, work)[1]
    assert (work / "02-fork.ipynb").read_text() == content


@pytest.mark.parametrize("wanted", ["02", "2", "02-fork", "02-fork.ipynb"])
def test_fresh_keeps_the_old_one_beside_it(lessons, work, wanted):
    workspace.copy_lessons(lessons, work)
    edit(work / "02-fork.ipynb")
    edited = (work / "02-fork.ipynb").read_text()
    said = workspace.freshen(wanted, lessons, work)
    assert "02-fork.kept-1.ipynb" in said[0]
    assert (work / "02-fork.kept-1.ipynb").read_text() == edited
    assert "mine" not in (work / "02-fork.ipynb").read_text()
    workspace.freshen(wanted, lessons, work)
    assert (work / "02-fork.kept-1.ipynb").read_text() == edited, "what is kept is never overwritten"
    assert (work / "02-fork.kept-2.ipynb").exists()


def test_fresh_works_before_anything_was_copied(lessons, work):
    assert len(workspace.freshen("01", lessons, work)) == 1
    assert [path.name for path in work.glob("*.ipynb")] == ["01-loop.ipynb"]


@pytest.mark.parametrize("wanted", ["07", "", "fork", "02-fork.kept-1"])
def test_an_unknown_lesson_names_those_there_are(lessons, work, wanted):
    with pytest.raises(workspace.UnknownLesson, match="01-loop\n    02-fork"):
        workspace.freshen(wanted, lessons, work)
    assert not work.exists()


def test_the_command_line_speaks_plainly():
    command = [sys.executable, "-P", workspace.__file__, "fresh", "99"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert answer.returncode == 1 and answer.stdout == ""
    assert answer.stderr.startswith("There is no lesson 99. Type, for example: make fresh LESSON=02\n    00-what")
    assert max(map(len, answer.stderr.splitlines())) <= 100, "nobody finds a name in one long line"


def test_the_repository_ignores_work():
    assert "work/" in (Path(workspace.REPOSITORY) / ".gitignore").read_text().splitlines()


def test_two_that_copy_at_the_same_moment_wait_for_each_other(tmp_path):
    """Otherwise one of them would take the half-written copy of the other for a copy of another version."""
    command = [sys.executable, "-m", "clients.course.workspace", "--work", tmp_path / "class"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=workspace.REPOSITORY) for _ in range(2)]
    said = sorted(process.communicate(timeout=60)[0].split(":")[0] for process in both)
    assert said == ["copied into class/", "kept as you left them"]
    assert (tmp_path / "class" / "01-loop-model.ipynb").exists()


@pytest.mark.parametrize("folder", ["file/work", "work"])
def test_a_folder_that_cannot_be_written_is_named_with_one_reason(tmp_path, folder):
    (tmp_path / "file").touch()
    for name in ("fork.svg", "pool.svg"):
        (tmp_path / "work" / "images").mkdir(parents=True, exist_ok=True)
        (tmp_path / "work" / "images" / name).symlink_to("nowhere/at-all")  # cannot be written, not even by root
    done = subprocess.run(
        [sys.executable, "-m", "clients.course.workspace", "--work", tmp_path / folder],
        capture_output=True, text=True, cwd=workspace.REPOSITORY, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1 and "WORK=/path/to/folder" in done.stderr and "Traceback" not in done.stderr
    assert done.stderr.count("[Errno") == 1


@contextlib.contextmanager
def full_disk(room):
    """Simulate a disk with room for so many bytes: a write beyond them raises OSError."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limit[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)


@pytest.mark.parametrize("room", [0, 100])  # bytes for a file: none for the learner's progress, too few for a lesson
def test_what_a_full_disk_does_not_take_is_not_there_by_half(lessons, work, room):
    """Otherwise the next `make lab` would keep half a lesson as the learner's own."""
    with full_disk(room):
        workspace.copy_lessons(lessons, work)
    assert [path.name for path in work.iterdir() if path.is_file()] == ([progress_store.FILE] if room else [])
    assert len(workspace.copy_lessons(lessons, work)) == 1, "all of it is new"


def test_fresh_on_a_full_disk_leaves_everything_where_it_is(lessons, work):
    workspace.copy_lessons(lessons, work)
    edit(work / "02-fork.ipynb")
    before = {path: path.read_bytes() for path in work.rglob("*") if path.is_file()}
    with full_disk(100):
        workspace.freshen("02", lessons, work)
    assert {path: path.read_bytes() for path in work.rglob("*") if path.is_file()} == before


def test_its_folder_may_have_an_apostrophe_in_its_name():
    make = ["make", "--dry-run", "lab", "WORK=it's mine"]
    recipe = subprocess.run(make, cwd=workspace.REPOSITORY, capture_output=True, text=True, check=True, timeout=60).stdout
    subprocess.run(["sh", "-n"], input=recipe, text=True, check=True, timeout=60)


def test_the_map_is_copied_and_the_teachers_page_with_its_answers_is_not(lessons, work):
    for name in "map.ipynb", "teaching.ipynb":
        store(lessons / name, "print('hello')")
    workspace.copy_lessons(lessons, work)
    assert (work / "map.ipynb").exists() and not (work / "teaching.ipynb").exists()
