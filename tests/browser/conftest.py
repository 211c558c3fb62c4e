"""A real browser and a real JupyterLab, shared by the browser tests.

`open_lesson("01-loop-model")` returns a `Lesson`: a page in Chromium in which JupyterLab shows that lesson of a learner's fresh
copy, with its kernel ready. Tests share the page, because loading JupyterLab takes longer than running most lessons; after a
test fails, the next one gets a new page. The installed Chromium or Chrome is used; without one, the tests are skipped with a
message, or fail with REQUIRE_BROWSER=1. A test also fails if its page requests anything beyond this machine, or if an exception
appears on its console.
"""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect, sync_playwright

from clients.course import curriculum, workspace

INSTALLED_AS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
INSTALLED_AT = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
]
NO_BROWSER = "no Chromium or Chrome found: the browser tests did not run (install one, or name it: CHROMIUM=path)"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
JUPYTER_FOLDERS = ["JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"]
LAB_START = 180  # seconds until JupyterLab answers, on a slow machine
KERNEL_READY = 120_000  # milliseconds, Playwright's unit
RUN_ALL = 300_000
ANSWER = 60_000  # for anything that an idle machine does at once
expect.set_options(timeout=ANSWER)
HARMLESS = [
    # JupyterLab asks each new kernel for its debugger's state, and logs this if the kernel ends before it answers.
    r"Canceled future for debug_request message",
    # JupyterLab first inserts a picture with the path in the notebook, then its real address. A slow page requests both.
    r"404 \(Not Found\) http://127\.0\.0\.1:\d+/images/\w",
]
TELL_CAUSES = """                   // an error that a widget's manager wraps says nothing without its causes
    const log = console.error;
    console.error = (...all) => log(...all.map(one => one?.error_stack?.map(e => e.stack ?? e).join("\\ncaused by ") ?? one));
"""


def chromium():
    """Return the browser to drive, or None."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    found = (shutil.which(name) for name in INSTALLED_AS + INSTALLED_AT)
    return next((path for path in found if path), None)


def pytest_report_header():
    return f"browser: {chromium() or NO_BROWSER}"


def pytest_collection_modifyitems(items):
    """Without a browser, skip the tests, or fail if one is required."""
    if chromium():
        return
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.exit(f"REQUIRE_BROWSER=1, but {NO_BROWSER}", returncode=1)
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


class Lesson:
    """A lesson open in JupyterLab in a real browser."""

    def __init__(self, page, name, pictures):
        self.page, self.name, self.pictures = page, name, pictures
        self.command("docmanager:open", {"path": f"{name}.ipynb"})
        self.ask("path => jupyterapp.shell.currentWidget?.context?.path === path", f"{name}.ipynb")
        self.wait_until_idle()

    def wait_until_idle(self):
        """Wait until the status bar shows "Idle". Nothing else shows it only if there is a kernel and it is idle."""
        expect(self.page.locator("#jp-main-statusbar")).to_contain_text(re.compile(r"\| Idle"), timeout=KERNEL_READY)

    def ask(self, script, argument=None, timeout=ANSWER):
        """Run a JavaScript function in the page, await it and return its result.

        `page.evaluate` would wait forever for a page or a kernel that hangs; this gives up after `timeout` ms.
        """
        wrapped = f"async argument => [await ({script})(argument)]"  # a list is truthy, whatever it contains
        return self.page.wait_for_function(wrapped, arg=argument, timeout=timeout).json_value()[0]

    def command(self, name, arguments=None, timeout=ANSWER):
        """Run a JupyterLab command; return when it is done."""
        self.ask(
            "async ([name, options]) => { await jupyterapp.commands.execute(name, options) }", [name, arguments or {}], timeout
        )

    def run_all(self, timeout=RUN_ALL):
        """Run all cells, as the menu does; return when the last one is done."""
        try:
            self.command("notebook:run-all-cells", timeout=timeout)
        except PlaywrightTimeout:
            pytest.fail(
                f"{self.name}: after {timeout / 1000:.0f} s these code cells have not ended: {self.unexecuted()}; "
                f"{self.errors() or 'no cell failed'}"
            )
        self.wait_until_idle()

    def restart_kernel(self):
        self.ask("async () => { await jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart() }")

    def stored(self):
        """Return the notebook in the page with its outputs, read from its model, which also has the cells scrolled out of view."""
        return self.ask("() => jupyterapp.shell.currentWidget.content.model.toJSON()")

    def errors(self):
        """Return the error outputs of all cells not meant to fail, with the number of their code cell."""
        found = []
        code = [cell for cell in self.stored()["cells"] if cell["cell_type"] == "code"]
        for number, cell in enumerate(code):
            if "raises-exception" not in cell["metadata"].get("tags", []):
                found += [
                    f"{self.name}, code cell {number}: {output['ename']}: {output['evalue']}"
                    for output in cell["outputs"]
                    if output["output_type"] == "error"
                ]
        return found

    def unexecuted(self):
        """Return the numbers of the code cells that have not been run."""
        code = [cell for cell in self.stored()["cells"] if cell["cell_type"] == "code"]
        return [number for number, cell in enumerate(code) if cell["source"] and not cell["execution_count"]]

    def missing_pictures(self):
        """Return the addresses of the pictures that failed to load, once the page has requested each by its real address."""
        missing = "[...document.querySelectorAll('.jp-Notebook img')].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
        with suppress(PlaywrightTimeout):
            self.page.wait_for_function(f"() => !{missing}.length")
        return self.ask(f"() => {missing}")

    def theme(self, name):
        """Switch to "JupyterLab Light" or "JupyterLab Dark".

        JupyterLab shows its splash screen meanwhile. With two within 200 ms, it would remove the same element twice, and raise.
        """
        self.command("apputils:change-theme", {"theme": name})
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-name", name)
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)

    def screenshot(self, name):
        """Save a screenshot of the page; return its path."""
        path = self.pictures / f"{name.replace('/', '-')}.png"
        self.page.screenshot(path=path)
        print(f"screenshot: {path}")
        return path

    def close(self):
        """End the kernel, and with it every server that the lesson started; close the tab without saving."""
        self.command("kernelmenu:shutdown")
        self.ask("() => { jupyterapp.shell.currentWidget.dispose() }")


class Lab:
    """A separate JupyterLab on a learner's fresh copy of the lessons."""

    def __init__(self, folder, lessons):
        self.work = folder / "work"
        workspace.copy_lessons(lessons, self.work)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]  # JupyterLab uses the next free one if another program takes it
        self.token = secrets.token_hex(16)
        self.log = folder / "jupyterlab.log"
        own = {name: str(folder / name.lower()) for name in JUPYTER_FOLDERS}
        self.runtime = tempfile.TemporaryDirectory(prefix="jupyter-")  # a short path, because it holds the kernels' Unix sockets
        own["JUPYTER_RUNTIME_DIR"] = self.runtime.name
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "jupyterlab",
                    "--no-browser",
                    "--allow-root",
                    f"--ServerApp.root_dir={self.work}",
                    "--ServerApp.ip=127.0.0.1",
                    f"--ServerApp.port={port}",
                    f"--IdentityProvider.token={self.token}",
                    "--LabApp.expose_app_in_browser=True",
                ],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **own},
            )
        self.url = self._address_that_answers()

    def _address_that_answers(self):
        note = Path(self.runtime.name, f"jpserver-{self.process.pid}.json")  # written once Jupyter listens
        end = time.monotonic() + LAB_START
        while time.monotonic() < end and self.process.poll() is None:
            try:
                url = f"http://127.0.0.1:{json.loads(note.read_text())['port']}"
                with urllib.request.urlopen(f"{url}/api/status?token={self.token}", timeout=LAB_START):
                    return url
            except (OSError, ValueError):
                time.sleep(0.1)  # not listening yet, or the file is incomplete
        self.stop()
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()[-3000:]}")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.runtime.cleanup()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"), curriculum.LESSONS)
    yield lab
    lab.stop()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Return the folder for screenshots; SCREENSHOTS=folder chooses another."""
    chosen = os.environ.get("SCREENSHOTS")
    folder = Path(chosen).resolve() if chosen else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class WatchedPage:
    """A page that may use only this machine. It records any other request, and the exceptions on its console."""

    def __init__(self, browser):
        self._beyond, self._exceptions = [], []
        self._context = browser.new_context(viewport={"width": 1280, "height": 1000})
        self._context.set_default_timeout(ANSWER)
        self._context.route(re.compile(r"^(https?|wss?):"), self._stays_here)
        self._context.add_init_script(TELL_CAUSES)
        self.page = self._context.new_page()
        self.page.on("console", self._keep_errors)
        self.page.on("pageerror", lambda error: self._exceptions.append(error.stack or str(error)))

    def _keep_errors(self, message):
        if message.type == "error":
            self._exceptions.append(f"{message.text} {message.location['url']}")

    def _stays_here(self, route):
        if urlsplit(route.request.url).hostname in ("127.0.0.1", "localhost"):
            route.continue_()
        else:
            self._beyond.append(route.request.url)
            route.abort()

    def check(self, expected=None):
        """Check that nothing has gone wrong since the last check, except for exceptions with the `expected` words."""
        harmless = "|".join([*HARMLESS, *([re.escape(expected)] if expected else [])])
        exceptions = [text for text in self._exceptions if not re.search(harmless, text)]
        assert not self._beyond, f"the page asked for something beyond this machine: {self._beyond}"
        assert not exceptions, "exceptions in the browser's console:\n" + "\n".join(exceptions)
        self._exceptions.clear()

    def close(self):
        self._context.close()


@contextmanager
def watched_page(browser):
    """Open a WatchedPage's page for a `with` block; check it at the end."""
    watched = WatchedPage(browser)
    yield watched.page
    watched.close()
    watched.check()


class LabPage(WatchedPage):
    """A page with JupyterLab, without a lesson."""

    def __init__(self, browser, lab):
        super().__init__(browser)
        self.page.goto(f"{lab.url}/lab?token={lab.token}&reset")
        self.page.wait_for_function("() => window.jupyterapp?.restored.then(() => true)", timeout=KERNEL_READY)


@pytest.fixture(scope="session")
def open_page(browser, lab):
    """Return the LabPage that tests share; a new one after each failed test."""
    pages = {}  # by the number of failed tests

    def current(failed):
        if failed not in pages:
            pages[failed] = LabPage(browser, lab)
        return pages[failed]

    yield current
    for page in pages.values():
        page.close()


@pytest.fixture
def open_lesson(open_page, lab, pictures, request):
    """Open a lesson by its name without .ipynb; its kernel ends with the test."""
    watched = open_page(request.session.testsfailed)
    opened, said = [], []

    def open_it(name, expected=None):
        said.append(expected)
        opened.append(Lesson(watched.page, name, pictures))
        return opened[-1]

    yield open_it
    print("JupyterLab's log:", lab.log.read_text(encoding="utf-8")[-3000:], sep="\n")  # pytest shows it if a test fails
    for lesson in opened:
        lesson.close()
    watched.check(*said)


@pytest.fixture
def open_cells(lab, open_lesson):
    """Create and open a lesson with these cells, given as sources of code cells or as cells."""

    def open_it(name, *cells, expected=None):
        cells = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
        nbformat.write(new_notebook(cells=cells, metadata=curriculum.KERNEL), lab.work / f"{name}.ipynb")
        return open_lesson(name, expected)

    return open_it
