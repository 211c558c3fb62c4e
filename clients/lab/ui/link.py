"""links_to(address): links to a web server of this notebook, for the reader's own browser, on any machine."""

import html
import importlib.util
import json
import os
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir

from servers.runtime.events import written


def links_to(address):
    """Return two links to one page as HTML: directly to 127.0.0.1, and through JupyterLab, which also works from another machine."""
    _, port = address
    direct = f"http://{written(address)}/"
    direct = f"{_anchor(direct, direct)} if your browser runs on the same machine as this notebook"
    prefix = _lab_prefix()
    if not prefix:
        return f"In your own browser: {direct}."
    # A path without a host: the browser adds the host name under which it reached JupyterLab.
    return f"In your own browser: {_anchor(f'{prefix}proxy/{port}/', 'through JupyterLab')}, wherever it runs; or {direct}."


def _anchor(target, words):
    return f'<a href="{html.escape(target)}" target="_blank" rel="noopener" style="text-decoration: underline">{html.escape(words)}</a>'


def _lab_prefix():
    """Return JupyterLab's base URL, such as "/" or "/user/ann/"; "" if jupyter-server-proxy is missing."""
    if hub := os.environ.get("JUPYTERHUB_SERVICE_PREFIX"):
        return hub
    if importlib.util.find_spec("jupyter_server_proxy") is None:
        return ""
    notes = Path(jupyter_runtime_dir(), f"jpserver-{os.environ.get('JPY_PARENT_PID')}.json")  # the Lab that started this kernel
    try:
        return json.loads(notes.read_text())["base_url"]
    except (OSError, ValueError, KeyError):
        return ""
