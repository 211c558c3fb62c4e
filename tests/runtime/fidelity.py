"""CPython's own tests, bare and with the probe: `make test-fidelity`, or `python tests/runtime/fidelity.py test_socket test_ssl`.

Each module runs bare and watched, each time in a new process of the Python that runs this file; every test must come out the same.
Prints those that do not, and then exits with status 1. Since some tests vary on their own, only a difference in three runs counts.
"""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = (
    "test_socket test_selectors test_asyncio test_ssl test_socketserver test_httpservers test_threading test_select test_poll "
    "test_epoll test_fork1 test_wait3 test_wait4 test_ftplib test_smtplib test_wsgiref"
).split()
TIMEOUT = 1200  # seconds for one module
OUTCOME = re.compile(r"^(test\w* \(\S+?\)).*?\.\.\. .*?(ok|FAIL|ERROR|skipped|expected failure)\b", re.MULTILINE | re.DOTALL)
IGNORED = "*VSOCK*"  # waits forever, even bare, in a container that has the device but no peer
MORE = {"test_socketserver": ["-u", "network"]}  # otherwise skipped, although it stays on this machine
PROBE = """
import sys
sys.path.insert(0, {root!r})
from servers.runtime import probe, ring
memory, descriptor, path = ring.create()
probe.install(memory, path, True, True)
for name in [name for name in sys.modules if name.partition(".")[0] == "servers"]:
    del sys.modules[name]  # as at_start/sitecustomize.py does
sys.path.remove({root!r})
"""
RUN = """
import sys
sys.argv = ["python -m test", "-v", "-i", {ignored!r}, *{more!r}, {module!r}]
from test.libregrtest.main import main
main()
"""


def outcomes(module: str, watched: bool) -> dict[str, str]:
    """Run one module of the standard library's tests; return {name of a test: its outcome}."""
    program = (PROBE.format(root=str(ROOT)) if watched else "") + RUN.format(ignored=IGNORED, more=MORE.get(module, []), module=module)
    try:
        done = subprocess.run(
            [sys.executable, "-c", program],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"the whole module": f"did not end in {TIMEOUT} s"}
    return dict(OUTCOME.findall(done.stdout.decode(errors="replace")))


def differences(module: str) -> tuple[int, dict[str, tuple]]:
    """Return (number of tests, {test: its outcomes bare and watched} for those that differ in each of three runs)."""
    bare, watched = outcomes(module, False), outcomes(module, True)
    different = {name for name in bare.keys() | watched.keys() if bare.get(name) != watched.get(name)}
    for _ in range(2):
        if not different:
            break
        again, once_more = outcomes(module, False), outcomes(module, True)
        different = {name for name in different if again.get(name) != once_more.get(name)}
    return len(bare), {name: (bare.get(name), watched.get(name)) for name in sorted(different)}


def main() -> int:
    if not importlib.util.find_spec("test") or not importlib.util.find_spec("test.test_socket"):
        print(f"{sys.executable} comes without CPython's own tests (the package `test`): on Debian, install libpython3-testsuite.")
        return 1
    failed = False
    for module in sys.argv[1:] or MODULES:
        count, different = differences(module)
        print(f"{module}: {count} tests, {len(different) or 'no'} difference{'s' * (len(different) > 1)}", flush=True)
        for name, (bare, watched) in different.items():
            print(f"    {name}: bare {bare}, watched {watched}", flush=True)
        failed |= bool(different) or not count
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
