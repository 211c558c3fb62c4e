"""System tools on a running server, and the messages if they cannot be used."""

import shutil
import sys

import pytest
from support import eventually

from clients import tcp
from clients.lab import kill, needs, outside, start_outside
from clients.lab.tools import ToolFailed
from servers import launch


def test_a_command_is_shown_with_what_it_says(capsys):
    outside("echo hello; echo trouble >&2; exit 3")
    assert capsys.readouterr().out == "$ echo hello; echo trouble >&2; exit 3\nhello\ntrouble\n"


def test_a_command_that_is_not_there_is_an_error():
    with pytest.raises(ToolFailed, match="no-such-tool"):
        outside("no-such-tool --version")


def test_a_process_killed_a_second_time_is_named_in_a_sentence(capsys):
    with launch("tcp_loop") as server:
        kill(server.pid)
        eventually(lambda: server.state == "ended by signal SIGKILL")
        assert capsys.readouterr().out == ""
        kill(server.pid)
    assert capsys.readouterr().out.startswith(f"Process {server.pid} has already ended.")


@pytest.mark.skipif(needs.obstacle("strace") is not None, reason="strace cannot be used here")
def test_a_tool_that_watches_tells_what_it_has_seen(capsys):
    with launch("tcp_loop") as server:
        trace = start_outside(f"strace -f -e trace=network -p {server.pid}")
        assert tcp.ask(server.address, "hello") == ["hello"]
        trace.stop(after="sendto(")
        assert trace._tool.poll() is not None
    said = capsys.readouterr().out
    assert said.startswith("$ strace") and 'recvfrom(4, "hello\\n"' in said


def test_a_tool_that_ends_at_once_says_why():
    with pytest.raises(ToolFailed, match="no such thing"):
        start_outside(f"{sys.executable} -c \"import sys; sys.exit('no such thing')\"").stop(after="never said")


def test_what_a_tool_never_sees_is_an_error_and_ends_it(monkeypatch):
    monkeypatch.setattr("clients.lab.tools.TIMEOUT", 1)
    tool = start_outside("echo begun; exec sleep 60")
    eventually(lambda: "begun" in tool.text)
    with pytest.raises(ToolFailed, match="has not seen 'the end'"):
        tool.stop(after="the end")
    assert tool._tool.poll() is not None


def test_a_missing_tool_is_told(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name, path: None)
    assert needs.no_tool("strace") == "strace is not installed on this machine" == needs.no_tracing("strace", "-p")


def test_a_tool_prints_no_colours_though_jupyter_asks_every_program_for_them(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("CLICOLOR_FORCE", "1")
    outside("echo ${FORCE_COLOR:-none} ${CLICOLOR_FORCE:-none} $NO_COLOR")
    assert capsys.readouterr().out.endswith("none none 1\n")
