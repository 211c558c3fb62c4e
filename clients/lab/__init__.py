"""What a notebook shows: cards, panels, timelines, predictions, sources. Importing it makes %%server and %%needs known.

    from clients.lab import ClientPanel, ServerCard, Timeline, Prediction, show, check, hint, wait_until, wait_until_free

Each is loaded at first use: a notebook waits only for what it shows.
"""

import importlib
import sys

HOMES = {
    "Chat": "panels.chat",
    "ClientPanel": "panels.client_panel",
    "FtpPanel": "panels.ftp_panel",
    "Gauge": "gauges.gauge",
    "Gauges": "gauges.gauge",
    "LabClient": "lab_client",
    "MailPanel": "panels.mail_panel",
    "Prediction": "learning.prediction",
    "Race": "panels.race",
    "ServerCard": "panels.server_card",
    "Timeline": "timeline.widget",
    "WebPanel": "panels.web_panel",
    "check": "learning.exercises",
    "hint": "learning.exercises",
    "link_to": "ui.link",
    "outside": "tools",
    "show": "ui.source",
    "start_outside": "tools",
    "summary": "learning.prediction",
    "wait_until": "ui.waiting",
    "wait_until_free": "ui.waiting",
}

__all__ = list(HOMES)


MODULES = {"charts": "panels.race_charts", "needs": "needs"}


def __getattr__(name):
    if name in MODULES:
        return importlib.import_module(f"clients.lab.{MODULES[name]}")
    if name in HOMES:
        return getattr(importlib.import_module(f"clients.lab.{HOMES[name]}"), name)
    raise AttributeError(f"module 'clients.lab' has no attribute {name!r}")


if "IPython" in sys.modules:  # otherwise nobody can write %%server
    shell = sys.modules["IPython"].get_ipython()
    if shell is not None:
        from clients.lab import magics, needs

        magics.load_ipython_extension(shell)
        needs.load_ipython_extension(shell)
