"""A hub with learners who log in, open lessons and run them, as their browsers would: over HTTP and websockets.

As root each learner is an account of this machine, made here and removed at the end; otherwise a name, as `make hub` has it then.
It needs the environment of `make hub`.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import yarl  # aiohttp's own addresses

REPOSITORY = Path(__file__).resolve().parents[2]
CONFIG = REPOSITORY / "clients/course/jupyterhub_config.py"
PASSWORD = "a-password-for-tests"
AS_ROOT = os.geteuid() == 0
NAME_IN_USE = 9  # useradd(8): a run that was killed has left it behind
START = 300  # seconds, for a hub or a JupyterLab on a machine that starts thirty


class Failed(Exception):
    """What a learner met; the message says where."""


@contextmanager
def accounts(count):
    """Names of learners. As root they are accounts of this machine, whose homes are removed at the end."""
    names = [f"coursetest{number:02d}" for number in range(1, count + 1)]
    made = []
    try:
        for name in names if AS_ROOT else ():
            if subprocess.run(["useradd", "--create-home", "--shell", "/bin/bash", name]).returncode not in (0, NAME_IN_USE):
                raise Failed(f"no account {name} could be made: the line above says why")
            made.append(name)
            subprocess.run(["chpasswd"], input=f"{name}:{PASSWORD}", text=True, check=True)
        yield names
    finally:
        for name in made:
            subprocess.run(["pkill", "-KILL", "-u", name], check=False)
            subprocess.run(["userdel", "--remove", name], check=False, stderr=subprocess.DEVNULL)


@asynccontextmanager
async def hub():
    """A hub as `make hub` starts it, on ports of its own, knowing nobody; gives its process and its address."""
    with tempfile.TemporaryDirectory(prefix="hub-") as state:
        os.chmod(state, 0o755)  # the homes of learners who are no accounts are in it
        address = f"http://127.0.0.1:{_free_port()}"
        command = [sys.executable, "-m", "jupyterhub", "-f", str(CONFIG), f"--url={address}"]
        command += [f"--JupyterHub.hub_port={_free_port()}", f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{_free_port()}"]
        command += [f"--db=sqlite:///{state}/hub.sqlite", f"--JupyterHub.cookie_secret_file={state}/secret"]
        command += [f"--ConfigurableHTTPProxy.pid_file={state}/proxy.pid"]
        command += [f"--SimpleLocalProcessSpawner.home_dir_template={state}/{{username}}"]
        with open(f"{state}/log", "w+") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"HUB_PASSWORD": PASSWORD})
            try:
                await _answers(f"{address}/hub/api/", process, log)
                yield process, address
            except BaseException:
                log.seek(0)
                print(log.read(), end="", file=sys.stderr)
                raise
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=60)


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


async def _answers(address, process, log):
    due = time.monotonic() + START
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(address) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            if process.poll() is not None or time.monotonic() > due:
                log.seek(0)
                raise Failed(f"the hub did not start:\n{log.read()}")
            await asyncio.sleep(0.2)


class Learner:
    """One learner's browser: `async with Learner(address, name) as ann` has logged in and waited for their JupyterLab."""

    def __init__(self, address, name):
        self.name, self.address, self.lab = name, address, f"{address}/user/{name}"

    async def __aenter__(self):
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # unsafe: takes cookies from an address without a name
            timeout=aiohttp.ClientTimeout(total=START),
        )
        try:
            await self._log_in()
        except BaseException:
            await self._session.close()
            raise
        return self

    async def __aexit__(self, *error):
        await self._session.close()

    async def _log_in(self):
        async with self._session.get(f"{self.address}/hub/login"):
            pass
        form = {"username": self.name, "password": PASSWORD, "_xsrf": self._xsrf(f"{self.address}/hub/")}
        async with self._session.post(f"{self.address}/hub/login", data=form) as answer:
            if answer.status != 200 or "/hub/login" in str(answer.url):
                raise Failed(f"{self.name} cannot log in: {answer.status} at {answer.url}")
        async with self._session.get(f"{self.address}/hub/spawn"):
            pass
        await self._wait_for_lab()
        async with self._session.get(f"{self.lab}/lab") as page:  # by way of the hub, which says who it is
            if page.status != 200:
                raise Failed(f"{self.name}'s JupyterLab answers {page.status}")

    async def _wait_for_lab(self):
        progress = f"{self.address}/hub/api/users/{self.name}/server/progress"
        headers = {"X-XSRFToken": self._xsrf(f"{self.address}/hub/")}
        async with self._session.get(progress, headers=headers) as events:
            async for line in events.content:
                if line.startswith(b"data:"):
                    event = json.loads(line.removeprefix(b"data:"))
                    if event.get("ready"):
                        return
                    if event.get("failed"):
                        break
        raise Failed(f"{self.name}'s JupyterLab did not start: {event}")

    def _xsrf(self, url):
        return self._session.cookie_jar.filter_cookies(yarl.URL(url))["_xsrf"].value

    async def request(self, method, path, **options):
        """The status and, where it is JSON, the content of what their JupyterLab, or a whole address, answers."""
        headers = {"X-XSRFToken": self._xsrf(f"{self.lab}/")}
        address = path if path.startswith("http") else f"{self.lab}/api/{path}"
        async with self._session.request(method, address, headers=headers, **options) as answer:
            return answer.status, await answer.json() if "json" in answer.content_type else await answer.text()

    async def lesson(self, path):
        """The notebook as it lies in their copy."""
        status, content = await self.request("GET", f"contents/{path}")
        if status != 200:
            raise Failed(f"{self.name} cannot open {path}: {content}")
        return content["content"]

    @asynccontextmanager
    async def kernel(self, path):
        """A kernel for this notebook, connected; it stays when the page is closed."""
        session = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        status, content = await self.request("POST", "sessions", json=session)
        if status != 201:
            raise Failed(f"{self.name} gets no kernel for {path}: {content}")
        channels = f"{self.lab}/api/kernels/{content['kernel']['id']}/channels?session_id={uuid.uuid4().hex}"
        async with self._session.ws_connect(channels, max_msg_size=0) as socket:
            yield Kernel(socket)

    async def types(self, command):
        """What a new terminal shows until this command has ended."""
        _, terminal = await self.request("POST", "terminals")
        shown = ""
        async with self._session.ws_connect(f"{self.lab}/terminals/websocket/{terminal['name']}") as socket:
            await socket.send_json(["set_size", 24, 300, 800, 4000])
            await socket.send_json(["stdin", f"{command}; echo it has'' ended\r"])  # as typed, the words are not the same
            while "it has ended" not in shown:
                kind, *text = await socket.receive_json(timeout=START)
                shown += "".join(map(str, text)) if kind == "stdout" else ""
        return shown

    async def shut_down_kernels(self):
        _, kernels = await self.request("GET", "kernels")
        for kernel in kernels:
            await self.request("DELETE", f"kernels/{kernel['id']}")


class Kernel:
    """What a page has of a kernel: a websocket. One thing at a time is asked of it."""

    def __init__(self, socket):
        self._socket, self._button = socket, None

    async def run(self, source):
        """Runs a cell; returns what it printed. Raises Failed with what it raised."""
        printed, error = [], None
        request = {"code": source, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": False}
        async for message in self._ask("execute_request", request):
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                printed.append(content["text"])
            elif kind == "error":
                error = f"{content['ename']}: {content['evalue']}"
        if error:
            raise Failed(error)
        return "".join(printed)

    async def click(self):
        """Presses a button whose handler changes a label; returns how long the page waited for the new label, in seconds."""
        if not self._button:
            source = "import ipywidgets as _w\n_b, _l = _w.Button(), _w.Label()\n"
            source += "_b.on_click(lambda _: setattr(_l, 'value', _l.value + '.'))\nprint(_b.model_id)"
            self._button = (await self.run(source)).strip()
        pressed = {"comm_id": self._button, "data": {"method": "custom", "content": {"event": "click"}}}
        start = time.perf_counter()
        async for message in self._ask("comm_msg", pressed):
            if message["msg_type"] == "comm_msg" and "value" in message["content"]["data"].get("state", {}):
                waited = time.perf_counter() - start
        return waited

    async def _ask(self, kind, content):
        """Sends a request; yields all that the kernel says to it, until it is idle and has replied."""
        asked = uuid.uuid4().hex
        header = {"msg_id": asked, "msg_type": kind, "username": "", "session": "page", "date": "", "version": "5.3"}
        parts = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}
        await self._socket.send_str(json.dumps(parts))
        waiting = {"idle", "reply"} if kind == "execute_request" else {"idle"}
        while waiting:
            received = await self._socket.receive(timeout=START)
            if received.type is aiohttp.WSMsgType.BINARY:  # a message with buffers: a timeline's picture
                continue
            if received.type is not aiohttp.WSMsgType.TEXT:
                raise Failed(f"the connection to the kernel ended: {received}")
            message = json.loads(received.data)
            if message["parent_header"].get("msg_id") != asked:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                waiting.discard("idle")
            elif message["msg_type"] == "execute_reply":
                waiting.discard("reply")
            yield message
