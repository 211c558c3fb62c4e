"""%%needs haproxy, %%needs ss curl: mark a cell that needs more than Python. If a tool is missing, show the cell's stored run instead.

    %%needs haproxy
    balancer = launch("balancer", ...)

The stored run comes from notebooks/ and is found by the cell's text, so an edited cell has none. It is marked as stored.
Names on the cell's last line, such as `lost` or `served, lost`, get the stored values, so that the cells below can use them.
"""

import ast
import html
import json
import os
import select
import shutil
import socket
import subprocess
import sys
from functools import cache, partial
from pathlib import Path

from IPython import get_ipython
from IPython.display import display

LESSONS = Path(__file__).resolve().parents[2] / "notebooks"
MAGIC = "%%needs"
SEARCHED = os.pathsep.join([os.environ.get("PATH", ""), os.path.dirname(sys.executable), "/usr/sbin", "/sbin"])
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


# Each of these functions explains why a cell with a need cannot run here, and returns None if it can.


def no_haproxy():
    from servers import balancer

    return None if balancer.haproxy() else "HAProxy is not installed on this machine"


def no_hosts():
    if trouble := no_haproxy():
        return trouble
    from servers.runtime import hosts

    trouble = hosts.obstacle()
    return trouble and f"this machine cannot create virtual hosts: {trouble}"


def no_tool(name, *trial):
    """trial: arguments of a test run, if one is needed."""
    if not (tool := shutil.which(name, path=SEARCHED)):
        return f"{name} is not installed on this machine"
    if trial:
        tried = subprocess.run([tool, *trial], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        if tried.returncode:
            return f"{name} may not do that here: {' '.join(tried.stderr.split())[-200:]}"
    return None


def no_epoll():
    return None if hasattr(select, "epoll") else "this system has no epoll, which is Linux's own"


def no_ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return None
    except OSError as problem:
        return f"this machine has no IPv6 address of its own ({problem.strerror})"


def no_tracing(name, *options):
    """The kernel may reserve tracing another process for root (ptrace(2))."""
    if trouble := no_tool(name):
        return trouble
    program = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        command = [shutil.which(name, path=SEARCHED), *options, str(process.pid)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as tool:
            said = tool.stdout.readline()
            tool.terminate()
    return None if str(process.pid) in said else f"{name} may not look into a process here: {said.strip()}"


OBSTACLES = {
    "haproxy": no_haproxy,
    "hosts": no_hosts,
    "epoll": no_epoll,
    "ipv6": no_ipv6,
    **{name: partial(no_tool, name) for name in ("ss", "lsof", "curl", "nc", "openssl")},
    "ps": partial(no_tool, "ps", "--pid", str(os.getpid())),  # an option of Linux that the ps of macOS lacks
    "tcpdump": partial(no_tool, "tcpdump", "-i", "lo", "-d"),  # compiles an empty filter, which opens the interface
    "strace": partial(no_tracing, "strace", "-p"),
    "py-spy": partial(no_tracing, "py-spy", "dump", "--pid"),
}


@cache
def obstacle(need):
    """Explain why a cell with this need cannot run here; None if it can. Checked once per kernel."""
    return OBSTACLES[need]()


# ---------------------------------------------------------------- in place of the cell


def transform(lines):
    """Return the code for IPython to run: the cell without its first line or, if a need is missing, a call that shows the stored run."""
    if not lines or not lines[0].startswith(MAGIC):
        return lines
    wanted = lines[0].removeprefix(MAGIC).split()
    if not wanted or not OBSTACLES.keys() >= set(wanted):
        usage = f"write it like this: {' or '.join(f'{MAGIC} {need}' for need in OBSTACLES)}"
        return [f"print({usage!r})\n"]
    missing = [need for need in wanted if obstacle(need)]
    if not missing:
        return lines[1:]
    return [f"import clients.lab.needs; clients.lab.needs.show_stored({missing[0]!r}, {''.join(lines)!r})\n"]


def show_stored(need, source):
    """Show the outputs that the stored lesson has for this cell, and set the names on its last line to their stored values."""
    outputs = stored(source)
    if outputs is None:
        print(f"This cell cannot run here: {obstacle(need)}.")
        print("It differs from the one in the stored lesson, so there is no stored run to show.")
        return
    what = "The stored run, from another machine" if outputs else "Not run, and it would show nothing"
    mark(f"{what}: {obstacle(need)}.")
    for output in outputs:
        show(output)
    get_ipython().user_ns.update(values(source, outputs))


def stored(source):
    """Return the stored outputs of this cell; None if no lesson contains it."""
    for path in sorted(LESSONS.rglob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code" and "".join(cell["source"]).strip() == source.strip():
                return cell["outputs"]
    return None


def mark(words):
    """Show a note that the stored lesson does not have, in a widget, because the lessons' tests do not compare widgets."""
    import ipywidgets  # here: a lesson whose needs are all met does not wait for it

    note = ipywidgets.HTML(f'<div role="note" style="font-style: italic">{html.escape(words)}</div>')
    display({WIDGET_VIEW: {"version_major": 2, "version_minor": 0, "model_id": note.model_id}}, raw=True)


def show(output):
    if output["output_type"] == "stream":
        print("".join(output["text"]), end="")
    elif "data" in output:
        display({kind: data if isinstance(data, dict) else "".join(data) for kind, data in output["data"].items()}, raw=True)


def values(source, outputs):
    """Return {name: value} for the names on the cell's last line, read from its stored result."""
    last = ast.parse(source.partition("\n")[2]).body[-1:]
    names = last[0].value if last and isinstance(last[0], ast.Expr) else None
    names = names.elts if isinstance(names, ast.Tuple) else [names]
    results = [output for output in outputs if output["output_type"] == "execute_result"]
    if not results or not all(isinstance(name, ast.Name) for name in names):
        return {}
    try:
        value = ast.literal_eval("".join(results[-1]["data"]["text/plain"]))
    except (ValueError, SyntaxError):  # not a literal, for example a server, which does not run here
        return {}
    return dict(zip((name.id for name in names), value if len(names) > 1 else [value], strict=True))


def load_ipython_extension(shell):
    """Register %%needs with this IPython shell."""
    if transform not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.insert(0, transform)
