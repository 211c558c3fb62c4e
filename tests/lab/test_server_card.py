"""Server cards, predictions and sources, which a notebook shows without a conversation."""

import asyncio
import sys
import threading

import pytest
from support import wait_until

from clients import tcp
from clients.lab import Prediction, ServerCard, edited, show
from clients.lab.ui.refresher import Refresher, refresher
from servers import app, launch
from servers.catalogue import UnknownServer


async def test_a_card_follows_its_server():
    with launch("tcp_loop") as server:
        await wait_until(lambda: "is ready" in server.log)  # it listens shortly before it prints this
        card = ServerCard(server)
        assert card._repr_mimebundle_()["text/plain"] == "ServerCard of tcp_loop: running"
        assert str(server.pid) in card.table.value and str(server.port) in card.facts.value
        assert "循环模型" in card.facts.value and "is ready" in card.log.value
        card.buttons["Stop"].click()
        await wait_until(lambda: "stopped" in card.head.value)
        assert "no process" in card.table.value and card.buttons["Stop"].resting
        await card.start()
        assert "running" in card.head.value and tcp.ask(server.address, "hello") == ["hello"]
        pid = server.pid
        await card.restart()
        assert server.pid != pid and str(server.pid) in card.table.value
        await card.stop()
        assert repr(card) == "ServerCard of tcp_loop: stopped"


async def test_one_thread_keeps_the_cards_up_to_date_whoever_stops_the_server(monkeypatch):
    monkeypatch.setattr(Refresher, "PERIOD", 0.01)
    before = threading.enumerate()  # with the refreshers of other tests

    with launch("tcp_loop") as server:
        cards = [ServerCard(server) for _ in range(Refresher.MAX_WIDGETS + 3)]
        for card in cards:
            card._repr_mimebundle_()
        new = [thread for thread in threading.enumerate() if thread.name == "widget refresher" and thread not in before]
        assert set(new) <= {refresher._thread}
        shown = cards[3:]
        for change, word in ((server.stop, "stopped"), (server.restart, "running"), (server.stop, "stopped")):
            await asyncio.to_thread(change)
            await wait_until(lambda word=word: all(word in card.head.value for card in shown))


ZOMBIE = """
import os, socket
listener = socket.create_server(("127.0.0.1", 0))
if os.fork() == 0:
    os._exit(0)
listener.accept()
"""
TALKER = """
import socket
for n in range(30):
    print(n, "<script>", flush=True)
socket.create_server(("127.0.0.1", 0)).accept()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks for a zombie at once")
async def test_a_zombie_is_named():
    with launch(ZOMBIE) as server:
        card = ServerCard(server)

        def zombie():
            card.update()
            return "zombie: ended, not reaped by its parent" in card.table.value

        await wait_until(zombie)
        assert "<td" in card.table.value and "server" in card.table.value and "child" in card.table.value


def test_a_log_is_text_not_markup():
    with launch(TALKER) as server:
        card = ServerCard(server)
        card.update()
        assert "29 &lt;script&gt;" in card.log.value and "<script>" not in card.log.value
        assert "18 lines before" in card.log.value


# ---------------------------------------------------------------- predictions


def test_a_prediction_with_choices():
    prediction = Prediction("Who is answered?", ["Ann", "both"])
    assert prediction.answer is None
    assert prediction._repr_mimebundle_()["text/plain"] == "Prediction: Who is answered? (no answer yet)"
    because = {"both": "One at a time.", "Ann": "Ben waits."}
    assert repr(prediction.outcome("Ann", because)) == "The run:  Ann\n          You gave no answer. Ben waits."
    prediction.answer = "both"
    assert prediction.outcome("Ann", because).verdict == "not this time"
    assert repr(prediction.outcome("Ann", because)).endswith("Not this time. One at a time.")
    prediction.answer = "Ann"
    assert prediction.outcome("Ann").verdict == "right"
    with pytest.raises(ValueError, match="not among the choices: 'Ann', 'both'"):
        prediction.answer = "Ben"


def test_a_prediction_of_a_number():
    prediction = Prediction("How many?")
    assert prediction.answer is None and prediction.outcome(3).verdict == "you gave no answer"
    for typed, answer in (("3", 3), ("2,5", 2.5), ("seven", None), ("nan", None), ("1e999", None)):
        prediction._field.widget.value = typed
        assert prediction.answer == answer
    assert "not a number" in prediction._said.value
    prediction.answer = 3
    assert prediction.outcome(3).verdict == "right"
    assert prediction.outcome(4).verdict == "not this time"
    assert prediction.outcome(3.4, within=0.5).verdict == "right"
    assert "<table" in prediction.outcome("<4>" and 4)._repr_html_()


# ---------------------------------------------------------------- sources


def test_show_shows_what_runs():
    with launch("tcp_loop") as server:
        path = server.path
        sources = show("tcp_loop"), show(path), show(str(path)), show(server)
    text = path.read_text()
    for source in sources:
        assert str(source) == text and repr(source) == text.rstrip("\n")
        assert source.title == "servers/tcp_loop.py"
        assert str(path.parent) not in source._repr_html_()


def test_show_a_function():
    source = show(app.answer)
    assert repr(source).startswith("def answer(") and source.title == "servers.app.answer"
    assert app.answer.__code__.co_firstlineno == source.first


def test_show_an_unknown_name():
    with pytest.raises(UnknownServer, match="tcp_fork"):
        show("tcp_frok")


def test_markup_in_a_source_is_text(tmp_path):
    script = tmp_path / "page.py"
    script.write_text('text = """<b>\n</b>"""  # & <i>\n')
    page = show(script)._repr_html_()
    assert "<b>" not in page and "&lt;b&gt;" in page and "&amp; &lt;i&gt;" in page


def test_an_edited_program_shows_what_changed(capsys):
    program = "import os\n\nport = 6666\nprint(port)\n"
    assert edited(program, {"6666": "0"}) == "import os\n\nport = 0\nprint(port)\n"
    assert capsys.readouterr().out == "-port = 6666\n+port = 0\n"
    with pytest.raises(ValueError, match="no '7777'"):
        edited(program, {"7777": "0"})
