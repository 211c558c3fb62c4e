"""Report whether a JupyterLab is already open on a folder, and where: `make lab` asks before it starts one.

Two of them on one folder would overwrite each other's notebooks. The exit status is 0 if there is one, like that of grep.
The second argument is the number of a descriptor that `make lab` has open and JupyterLab inherits. It is locked until JupyterLab
ends, so that a JupyterLab that is still starting, and does not answer yet, is not taken for none.
"""

import fcntl
import sys
import time
from pathlib import Path
from urllib.request import urlopen

STARTS_WITHIN = 60  # seconds to wait for a JupyterLab that does not answer yet


def address(work):
    """Return the URL, with token, of the JupyterLab that serves this folder; None if there is none."""
    from jupyter_server.serverapp import list_running_servers  # takes a second to import, and `make hub` needs only the lock

    for server in list_running_servers():
        if Path(server["root_dir"]).resolve() == Path(work).resolve():
            found = f"{server['url']}lab?token={server['token']}"
            try:
                urlopen(f"{server['url']}api", timeout=5).close()
                return found
            except OSError:
                pass  # it has ended and left its runtime file behind
    return None


def address_once_started(work, lock):
    """Like address(), but wait for a JupyterLab that is starting. After None, the caller has the lock and may start one."""
    end = None
    while True:
        locked = is_ours(lock)
        found = address(work)
        if found or locked or end and time.monotonic() > end:
            return found
        if not end:
            print(f"Another `make lab` is already starting JupyterLab on {work}; waiting until it is open.", flush=True)
            end = time.monotonic() + STARTS_WITHIN
        time.sleep(0.2)


def is_ours(lock):
    """Try to take the lock (flock(2)); return whether we have it. Where there are no locks, as on some network disks, return True."""
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
    print(f"A JupyterLab is open on {work} already, so this command does not start a second one. Open it here:\n    {found}")
    print("To start a new one, first end it: press Ctrl-C twice in the terminal where it runs.")
