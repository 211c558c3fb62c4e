"""What a notebook shows: cards, panels, timelines, predictions, sources. Importing it makes %%server and %%needs known.

    from clients.lab import ClientPanel, ServerCard, Timeline, Prediction, show, check, hint, until, until_free

Each is loaded at first use: the check of the environment lives here too, and has to run where a package is missing.
"""

import importlib
import sys

HOMES = {
    "Chat": "chat",
    "ClientPanel": "panel",
    "FtpPanel": "filing",
    "Gauge": "gauge",
    "Gauges": "gauge",
    "LabClient": "client",
    "MailPanel": "mailing",
    "Prediction": "prediction",
    "Race": "race",
    "ServerCard": "card",
    "Timeline": "timeline",
    "WebPanel": "web_panel",
    "check": "exercises",
    "hint": "exercises",
    "link_to": "link",
    "show": "source",
    "summary": "prediction",
    "until": "waiting",
    "until_free": "waiting",
}

__all__ = list(HOMES)


def __getattr__(name):
    if name in HOMES:
        return getattr(importlib.import_module(f"clients.lab.{HOMES[name]}"), name)
    raise AttributeError(f"module 'clients.lab' has no attribute {name!r}")


if "IPython" in sys.modules:  # otherwise nobody can write %%server
    shell = sys.modules["IPython"].get_ipython()
    if shell is not None:
        from clients.lab import cell, needs

        cell.load_ipython_extension(shell)
        needs.load_ipython_extension(shell)
