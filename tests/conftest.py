"""Make sure that no test leaves a server behind, and that programs started by a test react to Ctrl-C."""

import signal

import pytest
from support import PATIENCE

from servers import launch
from servers.runtime import running

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as under `nohup ... &`; programs that we start would inherit it, and
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignore the Ctrl-C that a test sends


launch.__kwdefaults__["timeout"] = PATIENCE  # a machine busy with other tests starts a server late


@pytest.fixture(scope="session")
def anyio_backend():
    """Coroutine tests run on asyncio, as notebooks do."""
    return "asyncio"


@pytest.fixture(autouse=True)
def no_server_is_left():
    yield
    for server in list(running.servers.values()):
        server.stop(grace=0.2)
