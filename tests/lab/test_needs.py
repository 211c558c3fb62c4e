"""%%needs: a cell runs if its needs are met; otherwise its stored run is shown and marked."""

import json

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from support import REPOSITORY, nbval
from traitlets.config import Config

from clients.lab import needs

CELL = "%%needs haproxy\nprint('it runs')\nserved, lost = 1 + 2, ['Ann']\nserved, lost"
OUTPUTS = [
    {"output_type": "stream", "name": "stdout", "text": ["it ran once\n", "there\n"]},
    {"output_type": "display_data", "data": {"text/plain": ["a picture"], "image/png": "iVBORw0KGgo="}, "metadata": {}},
    {"output_type": "execute_result", "data": {"text/plain": ["(3, ['Ann'])"]}, "metadata": {}, "execution_count": 1},
]

QUIET = "%%needs haproxy\nserved = 1"


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """Return an IPython shell with %%needs registered, and store a lesson for it."""
    cells = [
        {"cell_type": "markdown", "source": CELL},
        {"cell_type": "code", "source": CELL.splitlines(True), "outputs": OUTPUTS},
        {"cell_type": "code", "source": QUIET, "outputs": []},
    ]
    (tmp_path / "09-lesson.ipynb").write_text(json.dumps({"cells": cells}))
    monkeypatch.setattr(needs, "LESSONS", tmp_path)
    needs.obstacle.cache_clear()
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    needs.load_ipython_extension(shell)
    yield shell
    InteractiveShell.clear_instance()
    needs.obstacle.cache_clear()


def run(shell, cell):
    with capture_output() as seen:
        result = shell.run_cell(cell)
    assert result.success
    return seen


def has(monkeypatch, trouble):
    monkeypatch.setitem(needs.OBSTACLES, "haproxy", lambda: trouble)


def test_where_all_is_there_the_cell_runs(shell, monkeypatch):
    has(monkeypatch, None)
    assert "it runs" in run(shell, CELL).stdout
    assert shell.user_ns["served"] == 3


def test_where_it_is_missing_the_stored_run_is_shown_and_marked(shell, monkeypatch):
    has(monkeypatch, "no HAProxy <here>")
    seen = run(shell, CELL)
    assert seen.stdout == "it ran once\nthere\n"
    first, picture, result = (output.data for output in seen.outputs)
    assert list(first) == [needs.WIDGET_VIEW], "what marks it is no output that a test of the lesson would compare"
    assert (picture["text/plain"], picture["image/png"]) == ("a picture", "iVBORw0KGgo=")
    assert result["text/plain"] == "(3, ['Ann'])"


def test_the_mark_says_why(shell, monkeypatch):
    import ipywidgets

    made = []
    monkeypatch.setattr(ipywidgets, "HTML", lambda text: made.append(text) or ipywidgets.Widget())
    has(monkeypatch, "no HAProxy <here>")
    run(shell, CELL)
    assert "stored run, from another machine: no HAProxy &lt;here&gt;" in made[0]
    run(shell, QUIET)
    assert "Not run, and it would show nothing: no HAProxy &lt;here&gt;" in made[1]


def test_the_cells_below_can_go_on_with_the_stored_values(shell, monkeypatch):
    has(monkeypatch, "no HAProxy")
    run(shell, CELL)
    assert (shell.user_ns["served"], shell.user_ns["lost"]) == (3, ["Ann"])


def test_a_changed_cell_has_no_stored_run_and_says_so(shell, monkeypatch):
    has(monkeypatch, "no HAProxy")
    said = run(shell, CELL + " # changed").stdout
    assert "cannot run here: no HAProxy." in said and "no stored run" in said


def test_other_cells_are_as_they_were(shell, monkeypatch):
    has(monkeypatch, "no HAProxy")
    assert run(shell, "print('plain')").stdout == "plain\n"


def test_a_cell_may_await_and_the_server_magic_may_follow(shell, monkeypatch):
    has(monkeypatch, None)
    assert run(shell, "%%needs haproxy\nimport asyncio\nawait asyncio.sleep(0)\nprint('awaited')").stdout == "awaited\n"
    assert run(shell, "%%needs haproxy\n%%capture\nprint('in a magic')").stdout == ""


def test_an_unknown_need_names_the_known_ones(shell):
    assert "%%needs haproxy or %%needs hosts" in run(shell, "%%needs nginx\n1").stdout


def test_a_cell_may_need_several_things(shell, monkeypatch):
    has(monkeypatch, None)
    monkeypatch.setitem(needs.OBSTACLES, "ps", lambda: None)
    assert run(shell, "%%needs haproxy ps\nprint('both are here')").stdout == "both are here\n"


def test_of_several_things_one_is_missing(shell, monkeypatch):
    has(monkeypatch, "no HAProxy")
    assert "cannot run here: no HAProxy." in run(shell, "%%needs ps haproxy\nprint('only one is here')").stdout
    assert "write it like this" in run(shell, "%%needs haproxy nginx\n1").stdout


@pytest.mark.parametrize("last", ["1 + 2", "lost()", "x = 1", ""])
def test_only_names_at_the_end_of_a_cell_get_values(last):
    assert needs.values(f"%%needs haproxy\n{last}", OUTPUTS) == {}


def test_the_environment_says_what_there_is_not(monkeypatch):
    monkeypatch.setenv("HAPROXY", "/nowhere/haproxy")
    assert "not installed" in needs.no_haproxy()
    assert needs.no_hosts() == needs.no_haproxy(), "a balancer is in front of the hosts"


def test_what_is_no_plain_value_gets_no_name():
    shown = [{"output_type": "execute_result", "data": {"text/plain": ["[Host north: 10.0.0.1]"]}}]
    assert needs.values("%%needs hosts\nhosts", shown) == {}


def test_lesson_11_runs_from_top_to_bottom_without_haproxy_and_shows_what_is_stored():
    done = nbval(REPOSITORY / "notebooks/11-from-one-host-to-a-cluster.ipynb", HAPROXY="/nowhere/haproxy")
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_machine_without_ipv6_says_so(monkeypatch):
    def refuse(*_, **__):
        raise OSError(99, "Cannot assign requested address")

    monkeypatch.setattr(needs.socket, "create_server", refuse)
    assert needs.no_ipv6() == "this machine has no IPv6 address of its own (Cannot assign requested address)"
