"""link_to(server): a link to a web server of this notebook, for the reader's own browser, wherever that runs."""

import html
import importlib.util
import json
import os
from pathlib import Path

import ipywidgets as widgets
from jupyter_core.paths import jupyter_runtime_dir


def link_to(server):
    """The Link to a web server (or to an address); the last expression of a cell shows it."""
    return Link(server if isinstance(server, tuple) else server.address)


class Link:
    """Two ways to one page: straight to 127.0.0.1, and through JupyterLab, which also works when that runs on another machine."""

    def __init__(self, address):
        host, port = address
        self.direct = f"http://{host}:{port}/"
        prefix = _lab_prefix()
        self.through_lab = f"{prefix}proxy/{port}/" if prefix else ""
        self.widget = widgets.HTML(self.markup())

    def markup(self):
        """The link, or both, as HTML."""
        direct = f"{_anchor(self.direct, self.direct)} if your browser runs on the same machine as this notebook"
        if not self.through_lab:
            return f"In your own browser: {direct}."
        # A path, not an address: your browser knows under which name it reached JupyterLab.
        return f"In your own browser: {_anchor(self.through_lab, 'through JupyterLab')}, wherever it runs; or {direct}."

    def __repr__(self):
        return self.direct

    def _repr_mimebundle_(self, **options):
        return self.widget._repr_mimebundle_(**options) | {"text/plain": repr(self)}


def _anchor(target, words):
    return f'<a href="{html.escape(target)}" target="_blank" rel="noopener" style="text-decoration: underline">{html.escape(words)}</a>'


def _lab_prefix():
    """Where JupyterLab's addresses begin, as "/" or "/user/ann/"; "" where jupyter-server-proxy is missing."""
    if hub := os.environ.get("JUPYTERHUB_SERVICE_PREFIX"):
        return hub
    if importlib.util.find_spec("jupyter_server_proxy") is None:
        return ""
    notes = Path(jupyter_runtime_dir(), f"jpserver-{os.environ.get('JPY_PARENT_PID')}.json")  # the Lab that started this kernel
    try:
        return json.loads(notes.read_text())["base_url"]
    except (OSError, ValueError, KeyError):
        return ""
