"""The benchmark measures in turns, reports what it leaves out, and compares with servers and generators that work correctly."""

import shutil
import socket

import bench
import chart
import measuring
import pytest
from support import says

needs_compiler = pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler")


def test_everybody_has_a_turn_in_each_round_and_what_is_missing_is_left_out(capsys):
    turns = []

    def gone():
        raise measuring.Missing("it is not installed")

    found = measuring.in_turns({"a": lambda: turns.append("a") or 1, "gone": gone, "b": lambda: turns.append("b") or 2}, 3)
    assert turns == ["a", "b"] * 3
    assert found == {"a": [1, 1, 1], "b": [2, 2, 2]}
    assert capsys.readouterr().out.count("gone: left out, it is not installed") == 1


def test_a_row_has_the_median_its_spread_and_whether_the_target_is_reached():
    row = measuring.row("us / them", measuring.ratios([2, 9, 1], [2, 3, 2]), "ratio", 1.0)
    assert (row["value"], row["least"], row["most"], row["runs"], row["reached"]) == (1, 0.5, 3, 3, True)
    assert measuring.row("slow", [2], "s", 1, at_most=True)["reached"] is False
    assert measuring.row("fact", [2], "s")["reached"] is None


def test_the_page_has_a_table_for_each_group_and_the_chart_shows_each_server(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "TABLE", tmp_path / "results.md")
    rows = [measuring.row(f"{name} / C, 100 connections", [0.5, 0.9], "ratio", 0.8) for name in ("tcp_epoll", "uvloop Protocol")]
    for section in f"3. models\n\n{bench.table(rows)}", "1. old\n\nfigures", "1. new\n\nfigures":
        bench.put(section)
    text = bench.TABLE.read_text()
    assert text.startswith(f"{bench.HEAD}## 1. new\n\nfigures\n\n## 3. models\n\n| |") and "old" not in text
    assert "| tcp_epoll / C, 100 connections | 0.7 | ratio |" in text and text.endswith("| not reached |\n")
    assert list(chart.bars(rows, "100 connections")) == ["tcp_epoll", "uvloop Protocol"]
    assert chart.draw(rows, tmp_path).read_bytes().startswith(b"\x89PNG")


@needs_compiler
@pytest.mark.parametrize("each", [False, True])
def test_the_yardsticks_in_c_serve_and_ask(each):
    with measuring.c_server() as port:
        with socket.create_connection(("127.0.0.1", port)) as client:
            assert says(client, b"hello") == b"hello"
        assert measuring.c_rate(port, 5, 0.2, each) > 0


ASYNCIO = "asyncio Protocol", "asyncio streams", "asyncio Conversation"


@pytest.mark.parametrize("name", [*ASYNCIO, "TCPServer", "ThreadingTCPServer", "ForkingTCPServer"])
def test_peers_echo(name):
    with measuring.peer(name) as port, socket.create_connection(("127.0.0.1", port)) as client:
        assert says(client, b"hello") == b"hello"
