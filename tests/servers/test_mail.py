"""The mail server, as used by mail programs, impatient people and attackers; and its client."""

import asyncio
import re
import shutil
import smtplib
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support import PATIENCE, connect, eventually, program, read_all, reset

from clients import mail
from clients.lab import MailPanel, wait_until
from clients.log import said
from servers import launch

HELLO = b"EHLO test\r\n"
ANN, BEN = "ann@localhost", "ben@localhost"


@pytest.fixture
def server():
    with launch("mail") as server:
        yield server


def folder_of(server):
    return Path(said(server, "folder"))


def kept(folder):
    """Return the parent folder of every file below the folder; a mail in tmp/ is not delivered."""
    return sorted(str(path.parent.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


class Dialogue:
    """A client that speaks SMTP by hand."""

    def __init__(self, server, greet=True):
        self.connection = connect(server.address)
        self.incoming = self.connection.makefile("rb")
        assert self.hear() == "220 localhost Service ready"
        if greet:
            assert self.say("EHLO test").startswith("250")

    def say(self, line):
        """Send a line and return the last line of the answer."""
        self.connection.sendall((line if isinstance(line, bytes) else line.encode()) + b"\r\n")
        return self.hear()

    def hear(self):
        while (line := self.incoming.readline().decode().rstrip("\r\n"))[3:4] == "-":
            pass
        return line

    def begin(self, to=BEN):
        for line in f"MAIL FROM:<{ANN}>", f"RCPT TO:<{to}>":
            assert self.say(line).startswith("250")
        assert self.say("DATA").startswith("354")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.connection.close()
        self.incoming.close()

    def reset(self):
        self.incoming.close()
        reset(self.connection)


def test_a_mail_arrives_with_all_that_was_in_it(server):
    text = "Grüße,\n.a line with a dot in front\n..two\n.\nFrom here on: 你好\n"
    assert mail.mails(server, "ben") == []
    mail.send(server.address, ANN, BEN, "Mittag? 午饭", text)
    mail.send(server.address, ANN, BEN, "the second", "x")
    first, second = mail.mails(server, BEN)
    assert first["Subject"] == "Mittag? 午饭" and first.get_content() == text
    assert first["Return-Path"] == f"<{ANN}>" and "[127.0.0.1]" in first["Received"]
    assert second["Subject"] == "the second"
    assert kept(folder_of(server)) == ["ben/new", "ben/new"]
    assert all(b"\r" not in path.read_bytes() for path in folder_of(server).glob("ben/new/*"))  # this system's line endings


def test_many_mails_stay_in_their_order(server):
    with smtplib.SMTP(*server.address, local_hostname="localhost", timeout=PATIENCE) as client:
        for number in range(30):
            client.sendmail(ANN, BEN, f"Subject: {number}\n\nx")
    assert [int(one["Subject"]) for one in mail.mails(server, "ben")] == list(range(30))


def test_several_recipients_and_one_named_twice(server):
    mail.send(server.address, ANN, [BEN, "爱丽@localhost", "BEN@LOCALHOST"], "to all", "x")
    assert kept(folder_of(server)) == ["ben/new", "爱丽/new"]
    assert [len(mail.mails(server, name)) for name in ("ben", "Ben", "爱丽", "cem")] == [1, 1, 1, 0]


LEADS_OUT = ["../../escape", "..", ".", ".hidden", "a/b", "/etc/passwd", "a\\b", "a\0b", '"../../escape"', '"a b"', ""]
LEADS_OUT += ["x" * 65, "名" * 22, "x" * 400, "ben@localhost"]  # 64 bytes is the limit


def test_no_recipient_leads_out_of_the_folder(tmp_path):
    refused = [(f"{name}@localhost".encode(), "553") for name in LEADS_OUT]
    with launch("mail", "--folder", tmp_path / "a" / "b" / "mail") as server:
        for address, code in [*refused, (b"\xff\xfe@localhost", "553"), (b"ben@example.org", "550")]:
            with Dialogue(server) as client:
                assert client.say(f"MAIL FROM:<{ANN}> SMTPUTF8").startswith("250")
                assert client.say(b"RCPT TO:<" + address + b">").startswith(code), address
                assert client.say("DATA").startswith("503"), address  # there is no recipient
                assert client.say(f"RCPT TO:<{BEN}>").startswith("250"), address  # and the client may carry on
            assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == ["a", "a/b", "a/b/mail"], address
    assert "Traceback" not in server.log


def test_names_that_may_be(server):
    names = ["ann", "Ann.Lee", "a+list", "x" * 64, "王芳", "o_o", "7"]
    for name in names:
        mail.send(server.address, ANN, f"{name}@localhost", "x", "x")
        assert len(mail.mails(server, name)) == 1
    mail.send(server.address, ANN, "postmaster", "x", "x")  # without a domain (RFC 5321, 4.5.1)
    assert {path.name for path in folder_of(server).iterdir()} == {*map(str.lower, names), "postmaster"}


def test_a_mail_has_a_hundred_recipients_at_most(server):
    with Dialogue(server) as client:
        client.say(f"MAIL FROM:<{ANN}>")
        assert all(client.say(f"RCPT TO:<r{number}@localhost>").startswith("250") for number in range(100))
        assert client.say("RCPT TO:<onemore@localhost>").startswith("452 4.5.3 Too many recipients")


def test_the_order_of_commands_and_unknown_ones(server):
    with Dialogue(server, greet=False) as client:
        for line, code in (
            ("MAIL FROM:<a@localhost>", "503"),
            ("HELO test", "250"),
            ("DATA", "503"),
            ("RCPT TO:<ben@localhost>", "503"),
            ("FROBNICATE", "500"),
            ("", "500"),
            ("MAIL FROM:<>", "250"),  # an error report has no sender (RFC 5321, 4.5.5)
            ("MAIL FROM:<a@localhost>", "503"),
            ("RSET", "250"),
            ("MAIL FROM:<a@localhost>", "250"),
            ("RCPT TO:<ben@localhost>", "250"),
            ("RSET", "250"),
            ("DATA", "503"),
            ("VRFY ben@localhost", "252"),  # does not reveal which mailboxes exist
            ("EXPN staff", "502"),
            ("NOOP", "250"),
            ("X" * 600, "500"),
            ("X" * 6_000, "500"),
            ("QUIT", "221"),
        ):
            assert client.say(line).startswith(code), line
        assert read_all(client.connection) == b""
    assert kept(folder_of(server)) == []


def test_all_commands_in_one_piece_and_byte_by_byte(server):
    whole = HELLO + f"MAIL FROM:<{ANN}>\r\nRCPT TO:<{BEN}>\r\nDATA\r\nSubject: x\r\n\r\n..\r\n.\r\nQUIT\r\n".encode()
    for size in len(whole), 1:
        with connect(server.address) as client:
            for start in range(0, len(whole), size):
                client.sendall(whole[start : start + size])
            assert [line[:3] for line in read_all(client).split(b"\r\n") if line[3:4] == b" "] == (
                [b"220", b"250", b"250", b"250", b"354", b"250", b"221"]
            )
    assert [one.get_content() for one in mail.mails(server, "ben")] == [".\n", ".\n"]


def test_only_a_dot_between_two_real_line_ends_ends_a_mail(server):
    """Otherwise one mail could hide another inside it: SMTP smuggling."""
    for hidden in b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n":
        with Dialogue(server) as client:
            client.begin()
            client.connection.sendall(b"Subject: x\r\n\r\na" + hidden + b"MAIL FROM:<eve@localhost>\r\n.\r\n")
            assert client.hear().startswith("250")
            assert client.say("NOOP").startswith("250")
    assert len(mail.mails(server, "ben")) == 4


def test_a_head_that_the_server_writes_has_no_lines_of_the_clients(server):
    with Dialogue(server) as client:
        client.say(b'MAIL FROM:<"x\rX-Forged: yes"@localhost>')
        client.say(f"RCPT TO:<{BEN}>")
        client.say("DATA")
        client.say("Subject: x\r\n\r\n.")
        client.say("MAIL FROM:<>")
        client.say(f"RCPT TO:<{BEN}>")
        client.say("DATA")
        client.say("Subject: from nobody\r\n\r\n.")
    first, second = mail.mails(server, "ben")
    assert "X-Forged" not in first and second["Return-Path"] == "<>"


def test_who_leaves_in_the_middle_of_a_mail_has_sent_none(server):
    for leave in "close", "reset", "half":
        client = Dialogue(server)
        client.begin()
        client.connection.sendall(b"Subject: half of it\r\n\r\nand the rest")
        if leave == "reset":
            client.reset()
        elif leave == "half":
            client.connection.shutdown(socket.SHUT_WR)
            assert read_all(client.connection) == b""
        client.__exit__()
    client = Dialogue(server)
    client.connection.sendall(b"MAIL FR")
    client.reset()
    mail.send(server.address, ANN, BEN, "whole", "x")
    assert [one["Subject"] for one in mail.mails(server, "ben")] == ["whole"]
    assert kept(folder_of(server)) == ["ben/new"]
    assert "Traceback" not in server.log and "exception" not in server.log.lower()


def test_size_is_announced_and_kept():
    with launch("mail", "--size", "20000") as server:
        with Dialogue(server) as client:
            assert client.say(f"MAIL FROM:<{ANN}> SIZE=20001").startswith("552")
        with smtplib.SMTP(*server.address, local_hostname="localhost", timeout=PATIENCE) as client:
            client.ehlo()
            assert client.esmtp_features["size"] == "20000"
        with Dialogue(server) as client:
            client.begin()
            client.connection.sendall(b"0123456789\r\n" * 2000)
            assert client.say(".").startswith("552")
            client.begin()
            assert client.say("x" * 998 + "\r\n.").startswith("250")
            client.begin()
            assert client.say("x" * 1100 + "\r\n.").startswith("500")
            client.begin()
            assert client.say("still well\r\n.").startswith("250")
        with pytest.raises(mail.MailRefused, match="552"):
            mail.send(server.address, ANN, BEN, "large", "x\n" * 20_000)
        assert len(mail.mails(server, "ben")) == 2


def test_a_line_that_never_ends_is_cut_off():
    """aiosmtpd would store all of it, for as long as it keeps coming."""
    with launch("mail", "--size", "20000") as server, Dialogue(server) as client:
        client.begin()
        with pytest.raises(ConnectionError):
            for _ in range(10_000):
                client.connection.sendall(b"x" * 10_000)


def test_a_silent_client_keeps_nobody_waiting_and_the_server_is_one_thread(server):
    with Dialogue(server), Dialogue(server) as talking:
        talking.begin()
        mail.send(server.address, ANN, BEN, "beside them", "x")
        assert len(mail.mails(server, "ben")) == 1
        assert [process.threads for process in server.processes()] == [1]


def test_three_hundred_clients_at_once(server):
    clients = [Dialogue(server) for _ in range(300)]
    for number, client in enumerate(clients):
        client.begin(f"r{number % 10}@localhost")
    for client in clients:
        client.connection.sendall(b"Subject: x\r\n\r\nx\r\n.\r\n")
    for client in clients:
        assert client.hear().startswith("250")
        client.__exit__()
    assert [len(mail.mails(server, f"r{number}")) for number in range(10)] == [30] * 10


def test_a_mail_that_cannot_be_stored_is_not_taken(tmp_path):
    (tmp_path / "ben").write_text("a file where the mailbox should be")
    with launch("mail", "--folder", tmp_path) as server:
        with pytest.raises(mail.MailRefused, match="451 4.3.0 Requested action aborted: local error in processing"):
            mail.send(server.address, ANN, BEN, "x", "x")
        mail.send(server.address, ANN, "cem@localhost", "x", "x")


def test_it_is_watched(server):
    mail.send(server.address, ANN, BEN, "x", "x")
    wanted = {"listen", "accept", "receive", "send", "close", "wait"}
    eventually(lambda: wanted <= {event.kind for event in server.events()})


def test_mails_stay_in_a_folder_that_was_given(tmp_path):
    with launch("mail", "--folder", tmp_path / "kept") as server:
        mail.send(server.address, ANN, BEN, "x", "x")
    assert [one["Subject"] for one in mail.mails(tmp_path / "kept", "ben")] == ["x"]


@pytest.mark.skipif(not shutil.which("swaks"), reason="swaks is not installed")
def test_swaks_sends(server):
    to = ["--server", "%s:%d" % server.address, "--from", ANN, "--to", f"{BEN},cem@localhost", "--helo", "test"]
    done = subprocess.run(["swaks", *to, "--body", "from swaks"], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout
    assert "from swaks" in mail.mails(server, "ben")[0].get_content() and len(mail.mails(server, "cem")) == 1


@pytest.mark.skipif(not shutil.which("nc"), reason="nc is not installed")
def test_nc_speaks_it_by_hand(server):
    with program(["nc", *map(str, server.address)], stdin=subprocess.PIPE) as talk:
        for line in "HELO nc", f"MAIL FROM:<{ANN}>", f"RCPT TO:<{BEN}>", "DATA", "Subject: by hand\r\n\r\nhello\r\n.", "QUIT":
            assert talk.stdout.readline()[:1] in b"23"
            talk.stdin.write(line.encode() + b"\r\n")
            talk.stdin.flush()
        assert talk.stdout.readline().startswith(b"221")
    assert mail.mails(server, "ben")[0]["Subject"] == "by hand"


# ---------------------------------------------------------------- the client


def test_what_goes_wrong_is_said_in_plain_words(server):
    with pytest.raises(mail.MailRefused, match="refused mail for ben@example.org: 550 5.7.1 Relay access denied"):
        mail.send(server.address, ANN, [BEN, "ben@example.org"], "x", "x")
    with pytest.raises(mail.MailRefused, match="part of a mail.s header"):
        mail.send(server.address, ANN, BEN, "two\nlines", "x")
    assert mail.mails(server, "ben") == []


def test_a_name_that_no_mailbox_can_have_has_no_mails(tmp_path):
    (tmp_path / "mail" / "new").mkdir(parents=True)  # next to the mailboxes, but not one of them
    folder = tmp_path / "mail" / "kept"
    with launch("mail", "--folder", str(folder)) as server:
        mail.send(server.address, ANN, BEN, "x", "x")
        for name in "", ".", "..", "../..", "nobody":
            assert mail.mails(server, name) == []
            assert mail.mails(folder, name) == []


def test_the_client_from_a_terminal(server):
    command = [sys.executable, "-m", "clients.mail", "%s:%d" % server.address, ANN]
    assert subprocess.run([*command, BEN, "hi", "text"], capture_output=True, text=True).stdout == "sent\n"
    refused = subprocess.run([*command, "ben@example.org", "hi", "text"], capture_output=True, text=True)
    assert refused.returncode and "Relay access denied" in refused.stderr
    assert mail.mails(server, "ben")[0].get_content() == "text\n"


def test_a_server_that_says_no_folder_is_told_of():
    with launch("tcp_loop") as server, pytest.raises(LookupError, match="has not printed its folder"):
        said(server, "folder", timeout=0.1)


# ---------------------------------------------------------------- the panel


async def test_the_panel_by_code_and_by_clicks(server):
    panel = MailPanel(server)
    assert repr(panel) == "MailPanel of mail: 0 in the mailbox of ben"
    await panel.send(to="ben@localhost, cem@localhost", subject="<b>Lunch</b>?", text="At noon & later\n")
    assert repr(panel) == "MailPanel of mail: 1 in the mailbox of ben"
    assert "&lt;b&gt;Lunch" in panel.mailbox.value and "noon &amp; later" in panel.mailbox.value
    assert re.fullmatch(r"sending to ben@localhost, cem@localhost: done in [\d.]+ m?s", panel.status.words)
    assert [one["Subject"] for one in await panel.look("cem")] == ["<b>Lunch</b>?"]
    assert await panel.look("nobody") == []
    panel.to.value, panel.subject.value = "dora@localhost", "by click"
    panel.send_button.click()
    await wait_until(lambda: panel.mails and not panel.send_button.resting)
    assert panel.mails[0]["Subject"] == "by click" and panel.open == panel.name.value == "dora"
    panel.name.value = "cem"
    await asyncio.to_thread(panel.look_button.click)  # ipykernel 7.0 to 7.3: on another thread
    await wait_until(lambda: panel.open == "cem" and not panel.look_button.resting)
    for button in panel.send_button, panel.look_button:
        assert button.description and not button.resting
    assert all(field.description for field in (panel.sender, panel.to, panel.subject, panel.text, panel.name))
    assert panel._repr_mimebundle_()["text/plain"] == repr(panel)


async def test_the_panel_says_what_went_wrong(server):
    panel = MailPanel(server)
    with pytest.raises(mail.MailRefused):
        await panel.send(to="../../x@localhost")
    assert "553" in panel.status.words
    with pytest.raises(ValueError, match="needs a recipient"):
        await panel.send(to=" , ")
    server.stop()
    panel.to.value = BEN
    panel.send_button.click()
    await wait_until(lambda: "nobody listens" in panel.status.words)
    assert 'role="status" aria-live="polite"' in panel.status.widget.value and "✕" in panel.status.widget.value
    assert not panel.send_button.resting


def test_a_click_without_an_event_loop_says_so(server):
    panel = MailPanel(server)
    panel.send_button.click()
    assert "no event loop" in panel.status.words
