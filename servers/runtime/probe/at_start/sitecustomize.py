"""The first thing that a Python runs which a watched process has started (site.html, sitecustomize): it joins those that are watched.

All that led here goes again, so that the script finds the environment and the path that it expects.
"""

import os
import sys


def _join():
    here = os.path.dirname(os.path.abspath(__file__))
    root = here.removesuffix(os.path.join("servers", "runtime", "probe", "at_start"))
    settings = os.environ.pop("SERVERS_PROBE", None)
    rest = os.environ.pop("PYTHONPATH", "").removeprefix(here).removeprefix(os.pathsep)
    if rest:
        os.environ["PYTHONPATH"] = rest
    sys.path.remove(here)
    sys.path_importer_cache.pop(here, None)
    del sys.modules["sitecustomize"]
    if settings is None:
        return
    path, watch, allow_any_address, *moment = settings.split("\n")
    sys.path.insert(0, root)
    try:
        from servers.runtime import probe
    finally:
        sys.path.remove(root)
    probe.join(path, bool(watch), bool(allow_any_address), *map(int, moment))


_join()
import sitecustomize  # noqa: E402, F401  the machine's own. Where there is none, this raises what Python expects then
