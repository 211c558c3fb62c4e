"""%%needs haproxy, %%needs ss curl: a cell that needs more than Python. Where that is missing, the cell's stored run is shown instead.

    %%needs haproxy
    balancer = launch("balancer", ...)

The stored run is the one in notebooks/, found by the cell's text, so a cell that was changed has none. It is marked as stored.
Names that the cell shows at its end, `lost` or `served, lost`, get the stored values: the cells below can go on with them.
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

LESSONS = Path(__file__).resolve().parents[2] / "notebooks"
MAGIC = "%%needs"
SEARCHED = os.pathsep.join([os.environ.get("PATH", ""), os.path.dirname(sys.executable), "/usr/sbin", "/sbin"])
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def no_haproxy():
    """Why this machine cannot run HAProxy, in words; None where it can."""
    from servers import balancer

    return None if balancer.haproxy() else "HAProxy is not installed on this machine"


def no_hosts():
    """Why this machine cannot make hosts of its own (network namespaces), in words; None where it can."""
    if trouble := no_haproxy():
        return trouble
    from servers.runtime import hosts

    trouble = hosts.obstacle()
    return trouble and f"this machine cannot make hosts of its own: {trouble}"


def no_tool(name, *trial):
    """Why this machine cannot run a tool of that name; `trial`, where there is one, is what it is asked for to find out."""
    if not (tool := shutil.which(name, path=SEARCHED)):
        return f"{name} is not installed on this machine"
    if trial:
        tried = subprocess.run([tool, *trial], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        if tried.returncode:
            return f"{name} may not do that here: {' '.join(tried.stderr.split())[-200:]}"
    return None


def no_epoll():
    """Why a program cannot use epoll here, in words; None where it can."""
    return None if hasattr(select, "epoll") else "this system has no epoll, which is Linux's own"


def no_ipv6():
    """Why a server cannot listen at ::1 here, in words; None where it can."""
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return None
    except OSError as problem:
        return f"this machine has no IPv6 address of its own ({problem.strerror})"


def no_tracing(name, *options):
    """Why a tool may not look into another process: the kernel may keep that to the administrator (ptrace(2))."""
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
    "ps": partial(no_tool, "ps", "--pid", str(os.getpid())),  # the options of Linux, which the ps of macOS lacks
    "tcpdump": partial(no_tool, "tcpdump", "-i", "lo", "-d"),  # compiles an empty filter for that interface, and so opens it
    "strace": partial(no_tracing, "strace", "-p"),
    "py-spy": partial(no_tracing, "py-spy", "dump", "--pid"),
}


@cache
def obstacle(need):
    """What keeps a cell with this need from running here, in words; None where nothing does. Found out once per kernel."""
    return OBSTACLES[need]()


# ---------------------------------------------------------------- in place of the cell


def transform(lines):
    """What IPython runs for a cell: the cell without its first line, or, where something is missing, a call that shows its stored run."""
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
    """Show what the stored lesson shows below this cell, and give names their stored values."""
    outputs = stored(source)
    if outputs is None:
        print(f"This cell cannot run here: {obstacle(need)}.")
        print("It differs from the one in the stored lesson, so there is no stored run to show.")
        return
    what = "The stored run, from another machine" if outputs else "Not run, and it would show nothing"
    mark(f"{what}: {obstacle(need)}.")
    for output in outputs:
        show(output)
    from IPython import get_ipython

    get_ipython().user_ns.update(values(source, outputs))


def stored(source):
    """The outputs of this cell in the lesson that holds it, or None."""
    for path in sorted(LESSONS.rglob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code" and "".join(cell["source"]).strip() == source.strip():
                return cell["outputs"]
    return None


def mark(words):
    """Show words that the stored lesson does not have: in a widget, which a test of the lesson does not compare."""
    import ipywidgets
    from IPython.display import display

    note = ipywidgets.HTML(f'<div role="note" style="font-style: italic">{html.escape(words)}</div>')
    display({WIDGET_VIEW: {"version_major": 2, "version_minor": 0, "model_id": note.model_id}}, raw=True)


def show(output):
    from IPython.display import display

    if output["output_type"] == "stream":
        print("".join(output["text"]), end="")
    elif "data" in output:
        display({kind: data if isinstance(data, dict) else "".join(data) for kind, data in output["data"].items()}, raw=True)


def values(source, outputs):
    """{name: value} of the names in the cell's last line, read from what it showed."""
    last = ast.parse(source.partition("\n")[2]).body[-1:]
    names = last[0].value if last and isinstance(last[0], ast.Expr) else None
    names = names.elts if isinstance(names, ast.Tuple) else [names]
    results = [output for output in outputs if output["output_type"] == "execute_result"]
    if not results or not all(isinstance(name, ast.Name) for name in names):
        return {}
    try:
        value = ast.literal_eval("".join(results[-1]["data"]["text/plain"]))
    except (ValueError, SyntaxError):  # no plain value: a server, say, which is not here
        return {}
    return dict(zip((name.id for name in names), value if len(names) > 1 else [value], strict=True))


def load_ipython_extension(shell):
    """Make %%needs known to this IPython."""
    if transform not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.insert(0, transform)
