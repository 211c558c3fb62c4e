"""The client panel, driven by its methods and by the equivalent clicks."""

import asyncio
import re

import ipywidgets as widgets
import pytest
from support import wait_until

from clients.lab import ClientPanel, wait_until_idle
from servers import launch


def row_of(panel, name):
    """Return the row with this client's buttons and status."""
    assert panel.widget  # created at first use
    return panel._rows[name]


def status(panel, name):
    """Return the text in this client's row, without markup."""
    row = row_of(panel, name)
    return re.sub("<[^>]*>", "", row.status.value + row.clock.value)


async def test_clicks_do_what_code_does():
    with launch("tcp_loop") as server:
        async with ClientPanel(server, "Ann", "Ben") as panel:
            ann, ben = (row_of(panel, name) for name in ("Ann", "Ben"))
            ann.buttons["Connect"].click()
            await wait_until(lambda: panel["Ann"].state == "connected")
            ben.text.value = "hi"
            ben.buttons["Send"].click()
            await wait_until(lambda: panel["Ben"].state == "waiting")
            ann.text.value = "hello"
            ann.buttons["Send"].click()
            await wait_until(lambda: panel["Ann"].state == "answered")  # while Ben waits
            assert repr(panel) == "ClientPanel of tcp_loop: Ann answered; Ben waiting, not accepted yet"
            assert ann.buttons["Connect"].resting and not ann.buttons["Close"].resting
            ann.buttons["Close"].click()
            await wait_until(lambda: panel["Ben"].state == "answered")
            assert re.fullmatch(r"● answered in [\d.]+ m?s: hi", status(panel, "Ben"))
            assert status(panel, "Ann") == "○ closed"
        assert repr(panel) == "ClientPanel of tcp_loop: Ann closed; Ben closed"


async def test_what_waits_says_since_when_and_the_refresh_ends_with_the_wait():
    with launch("tcp_loop") as server:
        async with ClientPanel(server, "Ann", "Ben") as panel:
            panel._clock.period = 0.01
            await panel["Ann"].connect()
            await panel["Ben"].connect()
            assert not panel._clock.running  # the panel is not shown yet
            bundle = panel._repr_mimebundle_()
            assert (
                bundle["text/plain"] == repr(panel) == ("ClientPanel of tcp_loop: Ann connected; Ben connected, not accepted yet")
            )
            assert panel._clock.running
            first = status(panel, "Ben")
            assert re.fullmatch(r"◐ connected, not accepted yet· for \d+\.\d s", first)
            await wait_until(lambda: status(panel, "Ben") != first)  # the clock runs
            await panel["Ann"].close()
            await wait_until(lambda: status(panel, "Ben") == "● connected")  # the refresh alone has seen the accept
            await wait_until(lambda: not panel._clock.running)


async def test_trouble_stands_in_the_row():
    with launch("tcp_loop") as server:
        pass
    panel = ClientPanel(server, "Ann")
    row_of(panel, "Ann").buttons["Connect"].click()
    await wait_until(lambda: panel["Ann"].state == "refused")
    assert status(panel, "Ann").startswith("✕ refused: nobody listens at 127.0.0.1:")

    async def broken():
        raise ZeroDivisionError("a mistake of ours")

    panel["Ann"].connect = broken
    row_of(panel, "Ann").click_connect()
    await wait_until(lambda: "a mistake of ours" in status(panel, "Ann"))


def test_a_click_without_an_event_loop_says_so():
    with launch("tcp_loop") as server:
        panel = ClientPanel(server, "Ann")
        row_of(panel, "Ann").click_send()
        assert "no event loop" in status(panel, "Ann")


async def test_a_click_may_come_on_another_thread():
    with launch("udp_loop") as server:
        async with ClientPanel(server, "Ann") as panel:
            await asyncio.to_thread(row_of(panel, "Ann").buttons["Send"].click)
            await wait_until(lambda: panel["Ann"].state == "answered")


def test_a_panel_that_nobody_looks_at_makes_no_widgets():
    before = len(widgets.widgets.widget._instances)
    panel = ClientPanel(("127.0.0.1", 6666), *(f"client {number}" for number in range(1, 21)))
    assert len(panel) == 20 and len(widgets.widgets.widget._instances) == before
    assert len(panel.widget.children[0].children) == 20


def test_names():
    panel = ClientPanel(("127.0.0.1", 6666), "Ann", "Ben")
    assert [client.name for client in panel] == ["Ann", "Ben"]
    assert repr(panel) == "ClientPanel of 127.0.0.1:6666: Ann not connected; Ben not connected"
    with pytest.raises(LookupError) as unknown:
        panel["Bert"]
    assert str(unknown.value) == "there is no client 'Bert' in this panel. It has: Ann, Ben."
    with pytest.raises(ValueError, match="a different name"):
        panel.add("Ann")
    panel.widget.children[1].click()
    assert [client.name for client in panel] == ["Ann", "Ben", "Cem"]
    for row in panel._rows.values():  # labels alone tell the controls apart
        assert row.text.description and all(row.client.name in button.description for button in row.buttons.values())


async def test_what_a_server_sends_is_text_not_markup():
    with launch("tcp_loop") as server:
        async with ClientPanel(server, "Ann") as panel:
            await panel["Ann"].send("<b>bold</b>")
            await panel["Ann"].send("<i>")
            row = row_of(panel, "Ann")
            assert "&lt;b&gt;" in row.answers.value and "<b>" not in row.answers.value + row.status.value


async def test_a_cell_that_is_run_again_does_not_leave_its_client_in_the_server():
    with launch("tcp_loop") as server:
        first = ClientPanel(server, "Ann")
        await first["Ann"].send("hello")
        second = ClientPanel(server, "Ann")
        assert await second["Ann"].send("hello again", timeout=20) == "hello again"
        assert first["Ann"].state == "closed"
        await second.close()


async def test_clients_visit_together_and_tell_how_long_they_waited():
    with launch("tcp_loop") as server:
        async with ClientPanel(server, "Ann", "Ben") as panel:
            first, second = await panel.visit_together("sleep 0.5", unit=0.5)
            assert first >= 0.5 and second >= 1  # the loop serves them one after the other
            assert {client.state for client in panel} == {"closed"}


async def test_clients_connect_together_and_nobody_waits_for_those_who_cannot():
    with launch("tcp_loop", "--backlog", "0") as server:
        async with ClientPanel(server, "A", "B", "C", "D", timeout=600) as panel:
            await panel["A"].connect()
            await panel.connect_together("B", "C", "D", seconds=0.5)
            states = [client.state for client in panel]
            assert states[0] == "connected" and "connecting" in states[1:]


@pytest.mark.parametrize(
    "model, line, first", [("tcp_thread", "sleep 1", "Ben"), ("tcp_epoll", "sleep 1", "Ann"), ("tcp_asyncio", "burn 0.2", "Ann")]
)
async def test_a_panel_tells_who_is_answered_first(model, line, first):
    with launch(model) as server:
        async with ClientPanel(server, "Ann", "Ben") as panel:
            panel["Ann"].ask("sleep 0.2")  # like an earlier click, not answered yet
            assert await panel.who_is_first(Ann=line, Ben="hello") == first


async def test_the_next_asks_when_the_line_has_come_though_the_server_waited_for_it_already():
    with launch("tcp_fork") as server:
        async with ClientPanel(server, "Ann", "Ben") as panel:
            for client in panel:
                await client.connect()
            await wait_until_idle(server)
            first = asyncio.ensure_future(panel.who_is_first(Ann="sleep 60", Ben="hello"))
            await wait_until(lambda: panel["Ben"].heard)
            assert panel["Ann"].waiting
            first.cancel()
