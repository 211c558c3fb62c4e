"""Says whether a JupyterLab is open on a folder already, and where: `make lab` asks before it starts another one.

Two of them on one folder save over each other's notebooks. Exits with 0 when there is one, as grep does for what it finds.
"""

import sys
from pathlib import Path
from urllib.request import urlopen

from jupyter_server.serverapp import list_running_servers


def address(work):
    """Where the JupyterLab whose files are in this folder answers, with its token; None when there is none."""
    for server in list_running_servers():
        if Path(server["root_dir"]).resolve() == Path(work).resolve():
            found = f"{server['url']}lab?token={server['token']}"
            try:
                urlopen(f"{server['url']}api", timeout=5).close()
                return found
            except OSError:
                pass  # it has ended and left its note behind
    return None


if __name__ == "__main__":
    work = Path(sys.argv[1]).resolve()
    found = address(work)
    if not found:
        sys.exit(1)
    print(f"A JupyterLab is open on {work} already, so no second one is started. Open it here:\n    {found}")
    print("To start anew, end it first: Ctrl-C, twice, in the terminal in which it runs.")
