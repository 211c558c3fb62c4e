"""The tools that a notebook uses. A lesson imports from this package alone, never from a module inside it:

    from clients.lab import ClientPanel, ServerCard, Timeline, Prediction, show, check, hint, wait_until

Each name is loaded at first use, so a notebook waits only for what it shows. The import registers the magics.

    panels        panels to click: clients, browser, mail, FTP, chat, server card, race
    timeline      what a server and its clients did, lane by lane
    gauges        one live number measured on a running server or its clients
    learning      predictions, exercises, and the progress saved for both
    lab_client    one client, driven from a notebook without ever blocking it
    ui            the UI kit that the packages above share
    magics        %%server: run a cell as a server; %%program: run a cell as a program
    needs         %%needs: a cell that needs more than Python
    tools         system tools such as ss and strace, run on a server
    temporary     a folder that is removed when the kernel ends
    visitors      clients in large numbers, slow clients, and clients that misbehave
"""

import importlib
import sys

_HOMES = {
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
    "ask_and_never_read": "visitors",
    "check": "learning.exercises",
    "edited": "ui.source",
    "fetch_late": "visitors",
    "hint": "learning.exercises",
    "kill": "tools",
    "leave_early": "visitors",
    "outside": "tools",
    "progress": "learning.progress",
    "send_in_pieces": "visitors",
    "show": "ui.source",
    "start_outside": "tools",
    "summary": "learning.summary",
    "temporary_folder": "temporary",
    "visit": "visitors",
    "wait_until": "ui.waiting",
    "wait_until_idle": "ui.waiting",
}
_MODULES = {"charts": "panels.race_charts"}  # names of whole modules

__all__ = [*_HOMES, *_MODULES]


def __getattr__(name):
    if name in _MODULES:
        return importlib.import_module(f"clients.lab.{_MODULES[name]}")
    if name in _HOMES:
        return getattr(importlib.import_module(f"clients.lab.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'clients.lab' has no attribute {name!r}")


if "IPython" in sys.modules:  # outside IPython there are no magics
    shell = sys.modules["IPython"].get_ipython()
    if shell is not None:
        from clients.lab import magics, needs

        magics.load_ipython_extension(shell)
        needs.load_ipython_extension(shell)
