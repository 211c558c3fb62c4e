"""A race, driven by code and by clicks: the prediction, the runs, and the results kept after a stop."""

import asyncio
import io
from dataclasses import replace

import pytest
from PIL import Image
from support import wait_until

from clients.lab.panels import race_charts as charts
from clients.lab.panels.race import Race
from clients.load import Load
from clients.report import Report
from servers import launch
from servers.catalogue import UnknownServer
from servers.runtime import running

SHORT = Load(connections=3, seconds=0.3, warm_up=0.05, rate=100)


def shown(race):
    """Show the race as a notebook does, and return its panel."""
    race._repr_mimebundle_()
    return race.panel


def report(name, answers, p99=1.0, **more):
    quantiles = [p99 * step / 990 for step in range(1001)]
    return Report(name, SHORT, 1.0, answers, {}, 0, more.pop("starved", 0), quantiles, 0.5, **more)


async def test_each_server_runs_in_each_round_and_is_gone_afterwards():
    race = Race("tcp_loop", "tcp_pool --workers 2", load=replace(SHORT, seconds=1), rounds=2)
    reports = await race.run()
    assert [one.server for one in reports] == ["tcp_loop", "tcp_pool --workers 2"]
    assert [len(rounds) for rounds in race.results.values()] == [2, 2]
    assert [one.starved for one in reports] == [2, 1]  # of three clients, the loop serves one, the pool two
    assert race.state == "finished" and not running.servers
    assert repr(race) == "Race of tcp_loop, tcp_pool --workers 2: finished"


async def test_any_script_may_take_part():
    source = "import socket\nlistener = socket.create_server(('127.0.0.1', 0))\n" + (
        "while True:\n    connection, _ = listener.accept()\n"
        "    while data := connection.recv(100): connection.sendall(data)\n    connection.close()\n"
    )
    race = Race(("mine", source), load=SHORT)
    assert (await race.run())[0].answers > 0


def test_the_ranking_and_the_prediction_beside_it():
    race = Race("tcp_loop", "tcp_fork", "tcp_epoll")
    race.results = {
        "tcp_loop": [report("tcp_loop", 10), report("tcp_loop", 900), report("tcp_loop", 20)],
        "tcp_fork": [report("tcp_fork", 100, p99=0.5)],
        "tcp_epoll": [report("tcp_epoll", 200, p99=3)],
    }
    assert race.ranking == ["tcp_epoll", "tcp_fork", "tcp_loop"]  # the loop's best round does not count
    race.predict("tcp_epoll", "tcp_loop", "tcp_fork")
    assert "You named the winner. 1 of 3 places are right." in race.verdict()
    race.goal = "latency at 99 %"
    assert race.ranking == ["tcp_fork", "tcp_loop", "tcp_epoll"]
    assert "Another server won" in race.verdict()
    del race.results["tcp_fork"]  # as if the race had been stopped before that server's turn
    assert "You said" not in race.verdict()


def test_wrong_choices_say_so():
    with pytest.raises(UnknownServer, match="tcp_epoll"):
        Race("tcp_epol")
    with pytest.raises(ValueError, match="names each server once"):
        Race("tcp_loop", "tcp_fork").predict("tcp_loop", "tcp_loop")


async def test_stopping_keeps_what_was_measured_and_runs_no_more():
    race = Race("tcp_loop", "tcp_thread", "tcp_fork", load=SHORT)
    running_race = asyncio.create_task(race.run())
    await wait_until(lambda: "tcp_loop" in race.results)
    race.load = Load(connections=2, seconds=300, warm_up=0)
    await wait_until(lambda: race.measurement and race.measurement.progress["answers"])
    race.stop()
    reports = await running_race
    assert [one.server for one in reports] == ["tcp_loop", "tcp_thread"]
    assert reports[1].stopped and reports[1].answers > 0
    assert race.state == "stopped" and not running.servers


async def test_who_runs_a_race_that_is_running_waits_for_its_end():
    """A learner clicks "Run" and runs the next cell at once."""
    race = Race("tcp_loop", load=SHORT)
    first = asyncio.create_task(race.run())
    await asyncio.sleep(0)
    assert len(await race.run()) == 1 and race.state == "finished"
    assert len(race.results["tcp_loop"]) == 1
    await first


async def test_a_server_that_does_not_start_fails_the_race_in_words():
    race = Race(("broken", "raise SystemExit('no such luck')\n"), load=SHORT)
    panel = shown(race)
    panel.buttons["Run"].click()
    await wait_until(lambda: "no such luck" in panel.said.value and not panel.buttons["Run"].resting)
    assert race.state == "failed"


async def test_the_panel_by_clicks():
    race = Race("tcp_loop", "tcp_epoll", load=SHORT)
    panel = shown(race)
    panel.move_up("tcp_epoll")
    panel.commit.click()
    assert race.prediction == ["tcp_epoll", "tcp_loop"]
    panel.load["connections"].value, panel.load["connect_each"].value = 2, True
    panel.buttons["Run"].click()
    seen = set()
    while race.state in ("not run yet", "running"):
        await asyncio.sleep(0.02)
        seen.add("progressbar" in panel.progress.value)
        assert panel.buttons["Run"].resting != panel.buttons["Stop"].resting
    assert True in seen  # progress was shown
    assert race.load.connections == 2 and race.load.connect_each
    assert "You said: tcp_epoll, tcp_loop" in panel.said.value
    assert "tcp_epoll" in panel.table.value and "<img" in panel.chart.value and 'alt="2 servers' in panel.chart.value


async def test_a_server_that_is_unticked_does_not_run_and_needs_no_place():
    race = Race("tcp_loop", "tcp_epoll", load=SHORT)
    panel = shown(race)
    panel.boxes["tcp_loop"].value = False
    race.predict("tcp_epoll")
    assert [one.server for one in await race.run()] == ["tcp_epoll"]


def test_charts_are_pictures_that_say_what_they_show():
    rounds = {"tcp_loop": [report("tcp_loop", 10, starved=2), report("tcp_loop", 30, starved=2)], "udp": [report("udp", 70)]}
    chart = charts.race(rounds)
    assert Image.open(io.BytesIO(chart.png)).size[0] > 800
    data, metadata = chart._repr_mimebundle_()
    assert data["text/plain"] == repr(chart) and metadata["image/png"]["alt"] == chart.words
    assert chart.words == "2 servers: answers a second, udp 70, tcp_loop 10"
    assert "alt=" in chart.html() and repr(chart) == "a chart of 2 servers"
    empty = Report("nobody", SHORT, 1.0, 0, {"refused": 3}, 0, 3, [], 0.1)
    assert charts.race({"nobody": [empty]}).png
    assert charts.bars({"a": [1, 3, 2], "b": [5]}, "seconds").words == "seconds: a 2, b 5."


async def test_the_race_goes_on_while_the_notebook_does_other_things():
    """The load runs in another process, so the notebook's loop stays free."""
    race = Race("tcp_epoll", load=SHORT)
    running_race = asyncio.create_task(race.run())
    turns = 0
    while not running_race.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100


async def test_launching_beside_a_race_disturbs_neither():
    with launch("tcp_epoll") as mine:
        await Race("tcp_epoll", load=SHORT).run()
        assert mine.running
