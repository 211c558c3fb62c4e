"""A watched call accepts, rejects and reports exactly what the bare call does: a thousand small calls, right and wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

from servers import LaunchError
from servers.runtime.server import Server
from tests.support import PATIENCE, eventually

SMALL_CALLS = Path(__file__).parent / "scripts" / "small_calls.py"


@pytest.mark.parametrize("any_address", [True, False])
def test_small_calls_come_out_the_same_watched(any_address):
    bare = subprocess.run([sys.executable, SMALL_CALLS], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
    expected = bare.stdout.splitlines()
    assert len(expected) > 1_000 and expected[-1] == "the end", bare.stderr
    server = Server(SMALL_CALLS, (), "small calls", PATIENCE, True, any_address)
    try:
        server.start()
    except LaunchError:
        pass  # it never listens for long
    eventually(lambda: server.over, "that the script ended")
    server.stop()
    watched = [line for line in server.log.splitlines() if " -> " in line or line == "the end"]
    if not any_address:  # the one call that is right and would let other machines in
        at = expected.index("new.listen() -> None")
        assert "-> PermissionError" in watched[at]
        del watched[at], expected[at]
    assert watched == expected
