"""Says whether a JupyterLab is open on a folder already, and where: `make lab` asks before it starts another one.

Two of them on one folder save over each other's notebooks. Exits with 0 when there is one, as grep does for what it finds.
Its second argument is the number of a descriptor that `make lab` has open, and that JupyterLab inherits: locked from before
the start to the end, it tells one that is starting, and does not answer yet, from one that is not there.
"""

import fcntl
import sys
import time
from pathlib import Path
from urllib.request import urlopen

STARTS_WITHIN = 60  # seconds: after that, nobody waits for a JupyterLab that does not answer


def address(work):
    """Where the JupyterLab whose files are in this folder answers, with its token; None when there is none."""
    from jupyter_server.serverapp import list_running_servers  # takes a second to import, and `make hub` asks for the lock alone

    for server in list_running_servers():
        if Path(server["root_dir"]).resolve() == Path(work).resolve():
            found = f"{server['url']}lab?token={server['token']}"
            try:
                urlopen(f"{server['url']}api", timeout=5).close()
                return found
            except OSError:
                pass  # it has ended and left its note behind
    return None


def address_once_started(work, lock):
    """As address(), but a JupyterLab that is starting is waited for. After None the caller has the lock and may start one."""
    end = None
    while True:
        locked = is_ours(lock)
        found = address(work)
        if found or locked or end and time.monotonic() > end:
            return found
        if not end:
            print(f"Another `make lab` is starting JupyterLab on {work}; this one waits until it is open.", flush=True)
            end = time.monotonic() + STARTS_WITHIN
        time.sleep(0.2)


def is_ours(lock):
    """Whether we have the lock now: nobody else has (flock(2)). Where there are no locks, as on some network disks, nobody ever has."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


if __name__ == "__main__":
    work = Path(sys.argv[1]).resolve()
    found = address_once_started(work, int(sys.argv[2]))
    if not found:
        sys.exit(1)
    print(f"A JupyterLab is open on {work} already, so no second one is started. Open it here:\n    {found}")
    print("To start anew, end it first: Ctrl-C, twice, in the terminal in which it runs.")
