"""The web server's page in a real browser: fill in and send the form; the answer is shown as text and never executed."""

import pytest
from conftest import watched_page
from playwright.sync_api import expect

from servers import launch


def send(page, line):
    page.get_by_label("Your line").fill(line)
    page.get_by_role("button", name="Send").click()


def test_a_learners_browser_is_a_client(browser):
    with launch("web_app") as server, watched_page(browser) as page:
        page.goto(f"http://127.0.0.1:{server.port}/")
        for line in "你好", "sleep 0.1", "<script>document.title='taken'</script>", '"><b>':
            send(page, line)
            expect(page.locator("output")).to_have_text(line)
            expect(page.get_by_label("Your line")).to_have_value(line)
            expect(page).to_have_title("One application, in a browser")
        send(page, "who")
        expect(page.locator("output")).to_contain_text(f"process {server.pid} thread")


def test_the_links_of_the_folder_lead_to_its_files(browser):
    with launch("http_files") as server, watched_page(browser) as page:
        page.goto(f"http://127.0.0.1:{server.port}/")
        page.get_by_role("link", name="a folder without a page of its own").click()
        page.get_by_role("link", name="thread.txt").click()
        expect(page.locator("body")).to_have_text("A thread per client.")
        page.go_back()
        page.go_back()
        page.get_by_role("link", name="a text").click()
        expect(page.locator("body")).to_contain_text("你好")


def test_the_page_also_comes_through_jupyterlab(browser, lab):
    """The browser may run on another machine than JupyterLab, so every address in the page must be relative."""
    pytest.importorskip("jupyter_server_proxy", reason="jupyter-server-proxy is not installed: no page through JupyterLab")
    with launch("web_app") as server, watched_page(browser) as page:
        page.goto(f"{lab.url}/proxy/{server.port}/?token={lab.token}")
        send(page, "through the prefix")
        expect(page.locator("output")).to_have_text("through the prefix")
        assert f"/proxy/{server.port}/answer" in page.url


SCRIPTED = b"<title>quiet</title><script>document.title='taken'</script><p>the page</p>"


def test_through_jupyterlab_a_page_runs_no_script(browser, lab, tmp_path):
    """The page comes from JupyterLab's own origin, so its script could do whatever the learner can."""
    pytest.importorskip("jupyter_server_proxy", reason="jupyter-server-proxy is not installed: no page through JupyterLab")
    (tmp_path / "index.html").write_bytes(SCRIPTED)
    with launch("http_files", "--folder", tmp_path) as server, browser.new_context() as context:
        page = context.new_page()  # not watched: the browser logs on its console that it blocked the script
        page.goto(f"http://127.0.0.1:{server.port}/")
        expect(page).to_have_title("taken")
        page.goto(f"{lab.url}/proxy/{server.port}/?token={lab.token}")
        expect(page.locator("p")).to_have_text("the page")
        expect(page).to_have_title("quiet")
        assert lab.token not in server.log
