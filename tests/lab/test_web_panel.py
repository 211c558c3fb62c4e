"""The web panel, driven by code and by its buttons on a real web server, and the link for the reader's own browser."""

import asyncio
import json
import os

import pytest
from support import wait_until

from clients.lab import Timeline, WebPanel
from clients.lab.lab_client import ClientError
from clients.lab.ui import link
from servers import launch


@pytest.fixture
def server():
    with launch("web_app") as server:
        yield server


@pytest.fixture
async def panel(server):
    return WebPanel(server, "Ann")


async def test_fetch_and_submit(panel):
    assert "no page yet" in panel.status.value
    page = await panel.fetch("/")
    assert page.status == 200 and panel.page is page and panel.fields["line"].value == "hello"
    page = await panel.submit(line="你好 <b>")
    assert page.words.endswith("The server answers: 你好 <b>")
    assert panel.address.value == "/answer" and "/answer in " in panel.status.value and "200 OK" in panel.status.value
    assert repr(panel) == "WebPanel of web_app: Ann shows /answer, 200 OK"


async def test_the_clicks_do_the_same(panel):
    panel.go.click()
    await wait_until(lambda: panel.page is not None and not panel.go.resting)
    panel.fields["line"].value = "by click"
    panel.submit_button.click()
    await wait_until(lambda: panel.page is not None and "answers: by click" in panel.page.words)


async def test_links_can_be_followed():
    with launch("http_files") as server:
        panel = WebPanel(server)
        await panel.fetch("/")
        panel.links.children[1].click()
        await wait_until(lambda: panel.browser.path == "/models/" and not panel.browser.waiting)
        panel.links.children[0].click()
        await wait_until(lambda: panel.page and panel.page.text.startswith("A child process"))
        assert panel.browser.path == "/models/fork.txt" and panel.form.children == ()


async def test_the_kernel_goes_on_while_it_waits(server, panel):
    await panel.fetch("/")
    waiting = asyncio.create_task(panel.submit(line="sleep 2"))
    await wait_until(lambda: "waiting: /answer" in panel.status.value)
    assert panel.go.resting and panel.submit_button.resting
    other = WebPanel(server, "Ben")
    assert (await other.fetch("/")).status == 200 and not waiting.done()
    assert (await waiting).words.endswith("sleep 2")
    await wait_until(lambda: not panel.go.resting)


async def test_what_passed_is_kept_byte_for_byte(server, panel):
    await panel.fetch("/")
    await panel.submit(line="a b")
    sent, received = panel.browser.sent, panel.browser.received
    assert sent.startswith(b"POST /answer HTTP/1.1\r\n") and sent.endswith(b"\r\n\r\nline=a+b")
    assert received.startswith(b"HTTP/1.0 200 OK\r\n") and received.endswith(panel.page.text.encode())
    seen = [event.bytes for event in server.events() if event.kind in ("receive", "send") and event.peer == panel.browser.local]
    assert [size for size in seen if size] == [len(sent), len(received)]
    assert "line=a+b" in panel.bytes.value


async def test_a_page_is_shown_without_power(panel):
    await panel.fetch("/")
    await panel.submit(line='"><script>alert(1)</script>')
    assert 'sandbox=""' in panel.frame.value and "<script" not in panel.frame.value
    assert "use its form below" in panel.frame.value


async def test_what_goes_wrong_is_said(server, panel):
    with pytest.raises(ValueError, match="no form in this page"):
        await panel.submit(line="x")
    assert (await panel.fetch("/nowhere")).status == 404
    assert "404 Not Found" in panel.status.value
    with pytest.raises(ValueError, match="no field 'name'. It has: line"):
        await panel.submit(name="x")
    server.stop()
    with pytest.raises(ClientError, match="Ann: nobody listens"):
        await panel.fetch("/")
    assert "failed: nobody listens" in panel.status.value and panel.frame.value == ""


async def test_a_server_that_was_started_anew(server, panel):
    await panel.fetch("/")
    server.restart()
    assert (await panel.fetch("/")).status == 200
    assert f"127.0.0.1:{server.port}/" in panel.link.value


async def test_the_timeline_knows_its_name(server, panel):
    await panel.fetch("/")
    await panel.submit(line="hello")
    transcript = Timeline(server, panel).transcript()
    assert transcript["server"] == ["listens", "accepts Ann", "accepts Ann", "waits for any client"]
    assert transcript["Ann"] == ["connects", "asks", "is answered", "closes"] * 2
    assert transcript["thread 1"][0] == "starts" and transcript["thread 1"][-1] == "ends"


def test_a_link_straight_and_through_lab(monkeypatch, tmp_path):
    monkeypatch.delenv("JUPYTERHUB_SERVICE_PREFIX", raising=False)
    monkeypatch.setattr(link, "jupyter_runtime_dir", lambda: tmp_path)
    monkeypatch.setattr(link.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setenv("JPY_PARENT_PID", str(os.getpid()))
    address = ("127.0.0.1", 8000)
    assert 'href="http://127.0.0.1:8000/"' in link.links_to(address) and "JupyterLab" not in link.links_to(address)
    (tmp_path / f"jpserver-{os.getpid()}.json").write_text(json.dumps({"base_url": "/user/ann/"}))
    assert 'href="/user/ann/proxy/8000/"' in link.links_to(address)
    monkeypatch.setattr(link.importlib.util, "find_spec", lambda name: None)
    assert "JupyterLab" not in link.links_to(address), "nobody passes it on"
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ben/")
    assert 'href="/user/ben/proxy/8000/"' in link.links_to(address)
