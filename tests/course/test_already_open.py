"""A JupyterLab that is open on the folder is found; one that has ended is not."""

import http.server
import json
import os
import shlex
import subprocess
import sys
import threading

import pytest

from clients.course import already_open
from clients.course.workspace import REPOSITORY


@pytest.fixture
def noted(tmp_path, monkeypatch):
    """Return a function that writes the runtime file of a running Jupyter server."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))

    def write(port):
        note = {"pid": os.getpid(), "root_dir": str(tmp_path / "work"), "url": f"http://127.0.0.1:{port}/", "token": "secret"}
        (tmp_path / f"jpserver-{os.getpid()}.json").write_text(json.dumps(note))

    return write


class Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def test_only_a_lab_that_answers_and_shows_this_folder_counts(tmp_path, noted):
    with http.server.HTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever).start()
        noted(server.server_port)
        assert already_open.address(tmp_path / "work") == f"http://127.0.0.1:{server.server_port}/lab?token=secret"
        assert already_open.address(tmp_path / "other") is None
        server.shutdown()
    assert already_open.address(tmp_path / "work") is None


def test_one_that_is_starting_is_waited_for(tmp_path, monkeypatch, capsys):
    answers = iter([None, None, "here", None])
    monkeypatch.setattr(already_open, "address", lambda work: next(answers))
    first, second, third = (os.open(tmp_path, os.O_RDONLY) for _ in range(3))
    assert already_open.address_once_started(tmp_path, first) is None  # and starts
    assert already_open.address_once_started(tmp_path, second) == "here"
    assert "waiting until it is open" in capsys.readouterr().out
    os.close(first)  # the first one has ended
    assert already_open.address_once_started(tmp_path, third) is None
    os.close(second)
    os.close(third)


def test_a_second_hub_does_not_end_the_first(tmp_path):
    """JupyterHub alone would end the proxy of the hub whose state files it finds, and with it every learner's page."""
    for name in ("clients", "requirements.txt", "pyproject.toml"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    python = tmp_path / ".venv-hub/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\n[ "$1" != -m ] || exec echo "JupyterHub starts"\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    for name in ("installed", "with-hub", "with-proxy"):  # in this order, so that make has nothing to install
        (tmp_path / ".venv-hub" / name).touch()

    nobody_made_us = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}

    def make_hub():
        command = ["make", "-f", REPOSITORY / "Makefile", "hub"]
        return subprocess.run(command, cwd=tmp_path, env=nobody_made_us, capture_output=True, text=True, timeout=60)

    assert make_hub().stdout.endswith("JupyterHub starts\n")
    running = os.open(tmp_path / "hub", os.O_RDONLY)
    assert already_open.is_ours(running)
    second = make_hub()
    os.close(running)
    assert second.returncode and "A hub is running from this folder already" in second.stdout and "starts" not in second.stdout
