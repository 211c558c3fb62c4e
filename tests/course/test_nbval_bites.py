"""Running the lessons under nbval is a test that can fail: on a changed answer, a changed output, a changed word."""

import re
import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbval.plugin import get_sanitize_patterns
from support import REPOSITORY, nbval

from clients.course import curriculum

SANITIZE = REPOSITORY / "clients" / "course" / "sanitize.cfg"
LESSON = REPOSITORY / "notebooks" / "01-loop-model.ipynb"

CHANGED_ANSWER = '''

def answer(line, _true_answer=answer):
    """Put here by tests/course/test_nbval_bites.py: the application gives one wrong answer."""
    return b"something else" if line.strip() == b"hello" else _true_answer(line)
'''


def test_what_differs_from_run_to_run_passes_and_a_changed_output_fails_and_is_named(tmp_path):
    cells = [
        ("import os; print(f'process {os.getpid()} at 127.0.0.1:{os.getpid() + 1024}')", "process 99999 at 127.0.0.1:50000\n"),
        ("print('answered')", "refused\n"),
    ]
    stored = [
        new_code_cell(source, execution_count=number, outputs=[new_output("stream", name="stdout", text=output)])
        for number, (source, output) in enumerate(cells, 1)
    ]
    path = tmp_path / "two-cells.ipynb"
    nbformat.write(new_notebook(cells=stored, metadata=curriculum.KERNEL), path)
    run = nbval(path)
    assert run.returncode == 1 and "1 failed, 1 passed" in run.stdout, run.stdout
    assert "two-cells.ipynb::Cell 1" in run.stdout


def test_one_changed_answer_of_the_application_fails_the_lesson(tmp_path):
    for folder in ("servers", "clients", "notebooks"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    with open(tmp_path / "servers" / "app.py", "a", encoding="utf-8") as app:
        app.write(CHANGED_ANSWER)
    run = nbval(tmp_path / "notebooks" / LESSON.name, "--exitfirst", PYTHONPATH=str(tmp_path))
    assert run.returncode == 1, run.stdout
    assert "Cell outputs differ" in run.stdout and "something else" in run.stdout, run.stdout


def sanitized(text):
    for pattern, replacement in get_sanitize_patterns(SANITIZE.read_text(encoding="utf-8")):
        text = re.sub(pattern, replacement, text)
    return text


@pytest.mark.parametrize(
    "one, other",
    [
        ("127.0.0.1:40123 is ready", "127.0.0.1:6666 is ready"),
        ("connection from ('127.0.0.1', 51234)", "connection from ('127.0.0.1', 9999)"),
        ("process 4711 thread 4711", "process 12 thread 345678"),
        ("<Server pid=4711>", "<Server pid=12>"),
        ("answered in 12 ms: hello", "answered in 0.8 ms: hello"),
        ("waiting for 3.4 s", "waiting for 12.0 s"),
        ("memory 12.5 MB", "memory 9 MB"),
        ("LISTEN 0      128  127.0.0.1:6666   0.0.0.0:*  ", "LISTEN 0  128      127.0.0.1:45165  0.0.0.0:*"),
        ("accept4(3, {sin_port=htons(32998)}", "accept4(3, {sin_port=htons(40000)}"),
        (
            "IP 127.0.0.1.32998 > 127.0.0.1.6666: Flags [S], seq 1480650255",
            "IP 127.0.0.1.5555 > 127.0.0.1.44444: Flags [S], seq 77",
        ),
        ("Trying [::1]:36177...", "Trying [::1]:4444..."),
        ("229 Entering extended passive mode (|||42101|).", "229 Entering extended passive mode (|||9999|)."),
        ("<socket.socket fd=4, family=2>", "<socket.socket fd=11, family=2>"),
        ("<Handler object at 0x7f3a9c0d1e10>", "<Handler object at 0x10a4c2f50>"),
    ],
)
def test_sanitize_forgives(one, other):
    assert sanitized(one) == sanitized(other)


@pytest.mark.parametrize(
    "one, other",
    [
        ("hello", "hallo"),
        ("1 process", "2 processes"),
        ("child 1 answers Ann", "child 2 answers Ann"),
        ("thread 1 answers Ann", "thread 2 answers Ann"),
        ("sleep 0.5", "sleep 0.6"),
        ("3 descriptors", "4 descriptors"),
        ("receives 6 bytes", "receives 7 bytes"),
        ("answered in 12 ms: hello", "answered in 12 ms: hallo"),
        ("request_queue_size = 5", "request_queue_size = 128"),
        ("LISTEN 0      128  127.0.0.1:6666", "LISTEN 1      128  127.0.0.1:6666"),
        ('recvfrom(4, "hello") = 6', 'recvfrom(4, "hello") = 7'),
        ("exited with code 0", "exited with code 1"),
    ],
)
def test_sanitize_does_not_hide(one, other):
    assert sanitized(one) != sanitized(other)
