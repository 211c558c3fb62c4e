"""A page through JupyterLab: the program at its port gets the request without the learner's session, and its page runs no script."""

import os
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit

import pytest
from support import eventually, listens, program

TOKEN = "the-whole-of-the-lab"


class Recorder(BaseHTTPRequestHandler):
    """Another user's server: it records each request, and answers with a cookie and a script."""

    seen = []

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.seen.append(f"{self.requestline}\n{self.headers}\n{body.decode()}")
        self.send_response(200)
        self.send_header("Set-Cookie", "_xsrf=mine; Path=/")
        self.send_header("Content-Security-Policy", "default-src *")
        self.end_headers()
        self.wfile.write(b"<script>alert(1)</script>")

    do_POST = do_GET

    def log_message(self, *arguments):
        pass


@pytest.fixture
def recorder():
    Recorder.seen.clear()
    with HTTPServer(("127.0.0.1", 0), Recorder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory):
    """Return the address of a Jupyter server that has loaded the extension as `make lab` does."""
    folder = tmp_path_factory.mktemp("jupyter")
    own = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--port=0"]
    command += [f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={TOKEN}"]
    with open(folder / "log", "w+") as log, program(command, stdout=log, stderr=log, env=os.environ | own):
        eventually(lambda: list(folder.glob("RUNTIME/jpserver-*.html")) and "is running at" in (folder / "log").read_text())
        words = (folder / "log").read_text().split()
        address = next(word for word in words if word.startswith("http://127.0.0.1:")).partition("?")[0].removesuffix("tree")
        eventually(lambda: listens(("127.0.0.1", urlsplit(address).port)), "the server that says it is running")
        yield address


@pytest.mark.parametrize("data", [None, b"line=hello"], ids=["GET", "POST"])
def test_the_session_stays_in_jupyter(jupyter, recorder, data):
    headers = {"Authorization": f"token {TOKEN}", "Cookie": f"username-x={TOKEN}; _xsrf={TOKEN}", "X-XSRFToken": TOKEN}
    headers |= {"Referer": f"{jupyter}lab?token={TOKEN}", "Accept-Language": "zh"}
    address = f"{jupyter}proxy/{recorder}/page?a=1&token={TOKEN}&b="
    with urllib.request.urlopen(urllib.request.Request(address, data, headers), timeout=30) as answer:
        assert answer.read() == b"<script>alert(1)</script>"
        assert answer.headers.get_all("Content-Security-Policy") == ["sandbox allow-forms allow-same-origin"]
        assert "Set-Cookie" not in answer.headers or "_xsrf=mine" not in str(answer.headers)
    [seen] = Recorder.seen
    assert TOKEN not in seen
    assert "/page?a=1&b= " in seen and "Accept-Language: zh" in seen and seen.endswith(data.decode() if data else "\n")


def test_a_query_without_secrets_goes_on_as_it_came(jupyter, recorder):
    request = urllib.request.Request(f"{jupyter}proxy/{recorder}/?x=%7E&&y", headers={"Authorization": f"token {TOKEN}"})
    with urllib.request.urlopen(request, timeout=30):
        assert "GET /?x=%7E&&y HTTP" in Recorder.seen[0]
