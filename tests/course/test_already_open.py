"""A second JupyterLab on the same folder is noticed, and one that has ended is not taken for one."""

import http.server
import json
import os
import threading

import pytest

from clients.course import already_open


@pytest.fixture
def noted(tmp_path, monkeypatch):
    """Writes the note that a Jupyter server leaves while it runs."""
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
