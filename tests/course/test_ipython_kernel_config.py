"""A kernel of the course handles a page's messages in turn and reports each one as done, and none of its own messages is lost."""

import random

import nbval.kernel
import pytest

CELLS = 60
MESSAGES = 4_000  # by default the client and the kernel each queue 1,000, and the sockets hold some more
OPEN = "import comm; opened = comm.create_comm(target_name='test'); opened.comm_id"


@pytest.fixture
def client():
    manager, client = nbval.kernel.start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def until_idle(client, last):
    """Return the messages that arrive until the kernel has handled the request `last`."""
    while True:
        message = client.get_iopub_msg(timeout=60)
        yield message
        if message["content"].get("execution_state") == "idle" and message["parent_header"]["msg_id"] == last:
            return


def test_each_cell_and_each_click_is_said_to_be_done_once(client):
    results = [m for m in until_idle(client, client.execute(OPEN)) if m["msg_type"] == "execute_result"]
    opened = {"comm_id": results[0]["content"]["data"]["text/plain"].strip("'"), "data": {}}
    sent, chance = [], random.Random(1)
    for _ in range(CELLS):
        sent.append(client.execute("import asyncio; await asyncio.sleep(0.001)"))
        for _ in range(chance.randrange(4)):
            click = client.session.msg("comm_msg", opened)
            client.shell_channel.send(click)
            sent.append(click["header"]["msg_id"])
    said = until_idle(client, client.execute("'all have had their turn'"))
    done = [m["parent_header"]["msg_id"] for m in said if m["content"].get("execution_state") == "idle"]
    assert done[:-1] == sent


def test_nothing_is_lost_however_much_waits_for_the_page(client):
    talks = client.execute(f"for number in range({MESSAGES}): display(number)")
    client.get_shell_msg(timeout=60)  # it has sent everything, and none of it has been read
    shown = [m["content"]["data"]["text/plain"] for m in until_idle(client, talks) if m["msg_type"] == "display_data"]
    assert shown == [str(number) for number in range(MESSAGES)]
