"""Gauges on real servers and on real clients, and what a viewer shows of them."""

import asyncio
import base64
import io
import sys
from decimal import Decimal
from fractions import Fraction

import pytest
from PIL import Image
from support import wait_until

from clients import tcp
from clients.lab import ClientPanel, Gauge, Gauges
from clients.lab.gauges import drawing, gauge
from clients.lab.ui.refresher import Refresher
from servers import launch

FORKS = """
import os
from socket import create_server
with create_server(("127.0.0.1", 0)) as listener:
    guests = []
    while True:
        connection, peer = listener.accept()
        if os.fork() == 0:
            connection.sendall(connection.recv(1024))
            os._exit(0)
        guests.append(connection)
"""
ENDS_FIRST = """
from socket import create_server
with create_server(("127.0.0.1", 0)) as listener:
    while True:
        with listener.accept()[0] as connection:
            connection.sendall(connection.recv(1024))
"""


async def asked(address, *lines):
    return await asyncio.to_thread(tcp.ask, address, *lines, timeout=60)


def visit(server, times):
    for _ in range(times):
        tcp.ask(server.address, "hello")


async def test_zombies_processes_and_descriptors_of_a_server_that_never_lets_go():
    with launch(FORKS, name="forks") as server:
        zombies, processes, descriptors = (Gauge(server, name) for name in ("zombies", "processes", "descriptors"))
        assert (zombies.value, processes.value) == (0, 1)
        visit(server, 3)
        await wait_until(lambda: zombies.value == 3 and descriptors.value == descriptors.first + 3)
        assert processes.value == 4 and zombies.highest == 3
        assert [repr(one) for one in (zombies, processes)] == ["Gauge of zombies: 3", "Gauge of processes: 4"]
        assert repr(descriptors) == "Gauge of descriptors: 3 more than at first"
        server.stop()  # the last values stay, for comparison with the next server
        seen = zombies.value, processes.value, descriptors.value - descriptors.first
        assert seen == (3, 4, 3) and "(stopped)" in zombies.notes[0]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit of another process cannot be asked for")
def test_descriptors_know_the_limit_of_their_process():
    limited = "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))\n" + FORKS
    with launch(limited, name="limited") as server:
        descriptors = Gauge(server, "descriptors")
        assert descriptors.limit == 20 and "of 20 allowed" in descriptors.words and not descriptors.at_its_limit
        own = Gauge(server, "descriptors", limit=descriptors.value)
        own.update()
        assert own.at_its_limit and "at its limit" in own.face.value
        assert Gauge(server, "zombies").limit is None


async def test_a_server_that_ends_by_itself_is_seen_to_end():
    with launch(ENDS_FIRST.replace("while True", "for _ in range(1)"), name="ends") as server:
        processes, descriptors, full = (Gauge(server, name) for name in ("processes", "descriptors", "descriptors"))
        full.limit = full.value
        visit(server, 1)
        await wait_until(lambda: processes.value == descriptors.value == full.value == 0)
        assert processes.highest == 1 and not processes.stopped
        assert repr(descriptors) == "Gauge of descriptors: none: the server has ended"
        assert repr(full) == "Gauge of descriptors: up to the limit, then none: the server has ended"


async def test_threads_and_memory():
    with launch("tcp_thread") as server:
        threads, memory = Gauge(server, "threads"), Gauge(server, "memory")
        async with ClientPanel(server, "Ann", "Ben") as panel:
            for client in panel:
                await client.send("hello")
            assert threads.value == threads.first + 2
        await wait_until(lambda: threads.value == threads.first)
        assert threads.highest == threads.first + 2
        assert memory.value > 1_000_000 and memory.words.startswith("memory of tcp_thread: ") and " MB" in repr(memory)


async def test_clients_in_the_backlog_and_unanswered():
    with launch("tcp_loop") as server:
        panel = ClientPanel(server, "Ann", "Ben", "Cem")
        backlog, unanswered = Gauge(panel, "waiting in the backlog"), Gauge(panel, "unanswered clients")
        await panel["Ann"].send("hello")
        questions = [panel[name].ask("hello") for name in ("Ben", "Cem")]
        await wait_until(lambda: unanswered.value == 2 and backlog.value == 2)
        await panel["Ann"].close()
        await asyncio.wait(questions[:1])
        assert unanswered.value == 1 and backlog.value == 1
        await panel.close()
        assert (unanswered.value, unanswered.highest) == (0, 2) and unanswered.of == "tcp_loop"


async def test_clients_that_hang_before_a_full_backlog():
    with launch("tcp_loop", "--backlog", "1", name="narrow") as server:
        panel = ClientPanel(server, *"ABCDEFGH", timeout=60)
        connecting = Gauge(panel, "connecting")
        await panel["A"].connect()
        attempts = [asyncio.create_task(client.connect()) for client in list(panel)[1:]]
        await wait_until(lambda: sum(client.connected for client in panel) >= 2 and connecting.value >= 1)
        await panel.close()
        await asyncio.gather(*attempts, return_exceptions=True)
        assert connecting.value == 0


async def test_cores_in_use_while_it_computes_and_while_it_sleeps():
    with launch("tcp_thread") as server:
        cores = Gauge(server, "cores in use")
        assert await cores.during(asked(server.address, "sleep 0.7")) == ["sleep 0.7"]
        asleep = cores.highest
        await cores.during(asked(server.address, "burn 0.7"))
        assert asleep < cores.highest < 1.5
        assert repr(cores) == "Gauge of cores in use"


async def test_errors_in_the_log():
    with launch(FORKS.replace("connection.recv", "connection.nothing"), name="fails") as server:
        errors = Gauge(server, "errors in the log")
        assert errors.value == 0
        tcp.connect(server.address).close()
        # os._exit is not reached: the child ends with a traceback
        await wait_until(lambda: errors.value == 1)


def test_a_number_of_ones_own_and_one_that_cannot_be_had():
    numbers = [1, 2]
    own = Gauge(lambda: numbers[-1], "apples", limit=5)
    assert repr(own) == "Gauge of apples: 2" and own.words == "apples: 2 of 5 allowed, at most 2"
    numbers.clear()
    own.update()  # called from a thread: it must not raise, and the gauge must show the problem
    assert "list index out of range" in own.face.value and own.history[-1][1] == 2
    numbers.append(7)
    own.update()
    assert own.problem == "" and own.highest == 7


async def test_a_number_of_another_type_is_shown_and_what_is_none_is_a_problem_of_this_gauge_alone(monkeypatch):
    monkeypatch.setattr(Refresher, "PERIOD", 0.01)
    numbers = [1]
    own, beside = Gauge(lambda: numbers[-1], "shares"), Gauge(lambda: len(numbers), "looks")
    Gauges(own, beside)._repr_mimebundle_()

    for value, shown in (
        (Fraction(3, 2), ">1.5</b>"),
        ("many", "&#x27;many&#x27; is not one"),
        (Decimal("2.5"), ">2.5</b>"),
        (float("inf"), "a finite number, not inf"),
        (1j, "1j is not one"),
        (7, ">7</b>"),
    ):
        numbers.append(value)
        await wait_until(lambda shown=shown: shown in own.face.value)
        await wait_until(lambda: f">{len(numbers)}</b>" in beside.face.value)  # the thread keeps running
    with pytest.raises(TypeError, match="a gauge shows a number"):
        Gauge(lambda: None, "nothing")


def test_an_unknown_name_names_the_known():
    with launch("tcp_loop") as server:
        with pytest.raises(ValueError, match="one of: zombies, .*Not 'ghosts'"):
            Gauge(server, "ghosts")
        with pytest.raises(ValueError, match="waiting in the backlog"):
            Gauge(ClientPanel(server), "zombies")


async def test_it_keeps_itself_up_to_date_and_speaks_seldom(monkeypatch):
    monkeypatch.setattr(Refresher, "PERIOD", 0.01)
    numbers = [0]
    own = Gauge(lambda: numbers[0], "apples")
    own._repr_mimebundle_()
    spoken = own.voice.value
    assert 'aria-live="polite"' in spoken and "aria-live" not in own.face.value
    monkeypatch.setattr(gauge, "QUIET", 10_000)  # seconds, longer than the rest takes on a slow machine

    for number in range(1, 6):
        numbers[0] = number
        await wait_until(lambda number=number: f">{number}</b>" in own.face.value)
        assert own.highest == number
    assert own.voice.value == spoken  # five quick changes without an announcement
    monkeypatch.setattr(gauge, "QUIET", 0)
    await wait_until(lambda: "apples: 5" in own.voice.value)


def test_a_history_of_steps_that_does_not_grow_while_nothing_changes():
    numbers = [0]
    own = Gauge(lambda: numbers[0], "apples")
    for number in (0, 0, 0, 4, 4, 4, 4, 1):
        numbers[0] = number
        assert own.value == number
    assert [value for _, value in own.history] == [0, 0, 4, 4, 1]
    heights = [y for _, y in drawing.steps(own, 100, 40)]
    assert min(heights) < 10 and heights[0] == 40 and heights[-1] == pytest.approx(40 - 40 / (4 * 1.08))
    for number in range(3 * gauge.MAX_POINTS):
        numbers[0] = number
        own.update()
    assert len(own.history) == gauge.MAX_POINTS


def test_any_viewer_shows_it():
    """A live view for JupyterLab, a PNG and words for all others, and nothing that varies between runs."""
    one, other = Gauge(lambda: 3, "apples", limit=4), Gauge(lambda: 1, "pears")
    data, metadata = Gauges(one, other)._repr_mimebundle_()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"}
    assert data["text/plain"] == "Gauge of apples: 3 | Gauge of pears: 1"
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert picture.width == 2 * metadata["image/png"]["width"] == 2 * 2 * drawing.CARD_WIDTH
    colours = {colour for _, colour in picture.getcolors(maxcolors=100_000)}
    assert (198, 40, 40) in colours and (0, 114, 178) in colours  # the limit, and the line


def test_gauges_of_the_same_name_are_drawn_in_the_same_scale():
    few, many, other = (Gauge(lambda n=n: n, name) for n, name in [(1, "a"), (4, "a"), (100, "b")])
    assert drawing.steps(few, 10, 40) == drawing.steps(many, 10, 40), "alone, each fills its picture"
    Gauges(few, many, other)
    heights = [40 - drawing.steps(one, 10, 40)[0][1] for one in (few, many, other)]
    assert heights[1] == pytest.approx(4 * heights[0]) and heights[2] == pytest.approx(heights[1])


def test_large_numbers_are_grouped():
    assert Gauge(lambda: 50_000_000, "bytes missing").words == "bytes missing: 50,000,000, at most 50,000,000"
