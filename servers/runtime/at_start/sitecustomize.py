"""The first code that a Python started by us runs (site.html, sitecustomize; see bootstrap.py).

It removes everything that made Python find it, so that the script has the environment and the path that it expects.
"""

import os
import sys


def _start():
    before = set(sys.modules)
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(os.path.dirname(os.path.dirname(here)))
    sys.path.remove(here)
    sys.path_importer_cache.pop(here, None)
    del sys.modules["sitecustomize"]
    path = os.environ.pop("PYTHONPATH", "").removeprefix(here).removeprefix(os.pathsep)
    if path:
        os.environ["PYTHONPATH"] = path
    role, *settings = os.environ.pop("SERVERS_BOOTSTRAP", "").split("\n")
    if not role:
        return
    package = sys.modules["servers"] = type(sys)("servers")  # without its catalogue, which is not needed here
    package.__path__ = [os.path.join(root, "servers")]
    if role == "supervisor":
        from servers.runtime import supervisor

        first_on_path = supervisor.main(*settings)
    else:
        from servers.runtime import probe

        first_on_path = probe.join(*settings)
    if first_on_path:
        sys.path.insert(0, first_on_path)
    for name in [name for name in sys.modules if name == "servers" or name.startswith("servers.")]:
        del sys.modules[name]  # so that a script can import its own `servers.py`
    if first_on_path or not sys.flags.safe_path:
        script = os.path.realpath(sys.argv[0])
        folder = script if os.path.isdir(script) else os.path.dirname(script)
        _make_way(set(sys.modules) - before, first_on_path or folder)


def _make_way(loaded, folder):
    """Let a script with a `socket.py` beside it import that one, as it would without us: Python searches the script's folder first."""
    from _frozen_importlib_external import PathFinder

    for name in loaded - set(sys.builtin_module_names):
        if "." not in name and (found := PathFinder.find_spec(name, [folder])) and found.loader:
            del sys.modules[name]
    sys.path_importer_cache.pop(folder, None)


_start()
import sitecustomize  # noqa: E402, F401  the machine's own; if there is none, this raises what Python expects
