"""%%server and %%program in a real IPython: start, replace, and fail with messages that a learner understands."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import clients.lab.magics
from clients import tcp
from servers import launch
from servers.runtime import running

SERVER = """%%server {name} {arguments}
import socket, sys

listener = socket.create_server(("127.0.0.1", 0))
while True:
    connection, peer = listener.accept()
    with connection:
        connection.recv(100)
        connection.sendall(" ".join({answer!r}.split() + sys.argv[1:]).encode() + b"\\n")
"""


@pytest.fixture
def shell():
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    clients.lab.magics.load_ipython_extension(shell)
    return shell


def run(shell, name="mine", answer="hello", arguments=""):
    return shell.run_cell(SERVER.format(name=name, answer=answer, arguments=arguments))


def test_a_cell_becomes_a_server_and_again_replaces_it(shell, capsys):
    assert run(shell).success
    assert capsys.readouterr().out == "mine is listening (tcp)\n"
    first = shell.user_ns["mine"]
    assert tcp.ask(first.address, "?") == ["hello"]
    assert run(shell, answer="new").success
    second = shell.user_ns["mine"]
    assert second is not first and first.state == "stopped"
    assert tcp.ask(second.address, "?") == ["new"]


def test_a_server_can_be_defined_without_being_started(shell, capsys):
    assert run(shell, arguments="--define").success
    assert "mine is defined" in capsys.readouterr().out and not running.servers
    with launch(shell.user_ns["mine"], name="mine") as server:
        assert tcp.ask(server.address, "?") == ["hello"]


def test_arguments_and_no_watch(shell):
    assert run(shell, arguments="--no-watch one 'two three'").success
    server = shell.user_ns["mine"]
    assert tcp.ask(server.address, "?") == ["hello one two three"] and not server.watch


@pytest.mark.parametrize(
    "code, line, words",
    [
        ("import socket\nfor x in range(3)\n    pass", 3, "SyntaxError"),
        ("import socket\n\nvalue = 1 / 0", 4, "ZeroDivisionError"),
    ],
)
def test_a_cell_that_fails_names_its_own_lines(shell, capsys, code, line, words):
    result = shell.run_cell(f"%%server mine\n{code}")
    assert not result.success  # IPython counts the cell as failed
    shown = capsys.readouterr()
    text = shown.out + shown.err
    assert f'File "%%server mine", line {line}' in text and words in text
    assert "run_cell_magic" not in text and "site-packages" not in text and "/tmp" not in text
    assert len(text.splitlines()) < 15
    assert "mine" not in shell.user_ns


@pytest.mark.parametrize("line, words", [("", "needs a name"), ("two-words", "variable"), ("'open", "quotation")])
def test_a_first_line_that_cannot_be_understood(shell, capsys, line, words):
    result = shell.run_cell(f"%%server {line}\npass")
    assert not result.success
    shown = capsys.readouterr()
    assert words in shown.out + shown.err and "%%server my_server" in shown.out + shown.err


def test_a_cell_can_be_a_program_whose_lines_are_kept(shell, capsys, monkeypatch):
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # with it, Python would keep the order anyway
    assert shell.run_cell("%%program printed\nimport sys\nprint('one')\nprint('two', file=sys.stderr)").success
    assert capsys.readouterr().out.split() == ["one", "two"] and shell.user_ns["printed"] == ["one", "two"]


def test_a_program_may_spawn_processes_that_import_it(shell, capsys):
    program = """import multiprocessing
if __name__ == "__main__":
    child = multiprocessing.get_context("spawn").Process(target=print, args=["hello"])
    child.start()
    child.join()
print(__name__)"""
    assert shell.run_cell(f"%%program printed\n{program}").success
    assert shell.user_ns["printed"] == ["__mp_main__", "hello", "__main__"]


def test_a_program_that_fails_shows_its_own_traceback_with_the_cells_lines(shell, capsys):
    assert shell.run_cell("%%program printed\nprint('one')\n1 / 0").success
    assert "line 3" in capsys.readouterr().out and "ZeroDivisionError" in shell.user_ns["printed"][-1]


@pytest.mark.parametrize("cell, words", [("%%program\nprint(1)", "needs the name"), ("%%program x\nwhile True: pass", "was ended")])
def test_a_program_without_a_name_or_without_an_end_says_so(shell, capsys, monkeypatch, cell, words):
    monkeypatch.setattr(clients.lab.magics, "PROGRAM_TIMEOUT", 0.5)
    assert not shell.run_cell(cell).success
    assert words in capsys.readouterr().out
