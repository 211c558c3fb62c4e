"""The FTP server, as used by FTP programs, impatient people and attackers; and its client."""

import asyncio
import contextlib
import ftplib
import io
import os
import shutil
import socket
import subprocess
import sys
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from pyftpdlib.handlers import FTPHandler
from support import PATIENCE, asleep, connect, eventually, program, read_all, reset

from clients import ftp
from clients.lab import FtpPanel, wait_until
from clients.log import said
from servers import launch

LARGE = 20_000_000  # bytes: more than all buffers between server and client can hold


@pytest.fixture
def server():
    with launch("ftp") as server:
        yield server


def folder_of(server):
    return Path(said(server, "folder"))


@contextlib.contextmanager
def logged_in(server, passive=True):
    """Yield a plain ftplib client, logged in."""
    account = ftp.account(server)
    with ftplib.FTP(timeout=PATIENCE) as client:
        client.connect(*account.address)
        client.login(account.user, account.password)
        client.set_pasv(passive)
        yield client


def takes_from(server, data):
    """Whether the server has received anything on this data connection. The kernel completes the connection, and the server answers
    150, before it accepts; if the connection is reset before that, pyftpdlib sends no further reply."""
    here = "{}:{}".format(*data.getsockname())
    return any(event.kind == "receive" and event.peer == here and event.bytes for event in server.events())


def store(client, name, content):
    return client.storbinary(f"STOR {name}", io.BytesIO(content))


def retrieve(client, name):
    pieces = []
    client.retrbinary(f"RETR {name}", pieces.append)
    return b"".join(pieces)


@pytest.mark.parametrize("passive", [True, False], ids=["passive", "active"])
def test_files_come_back_byte_for_byte(server, passive):
    with logged_in(server, passive) as client:
        for name, content in {
            "empty": b"",
            "all bytes.bin": bytes(range(256)) * 100,
            "line ends": b"a\r\nb\nc\r",
            "文件.txt": "你好\n".encode(),
            "large": os.urandom(LARGE),
        }.items():
            store(client, name, content)
            assert (folder_of(server) / name).read_bytes() == content == retrieve(client, name)
    assert sorted(client_file.name for client_file in ftp.listing(ftp.account(server))) == sorted(os.listdir(folder_of(server)))


def test_folders_renaming_and_going_on_where_one_stopped(server):
    with logged_in(server) as client:
        client.mkd("sub")
        client.cwd("sub")
        store(client, "a", b"0123456789")
        assert client.pwd() == "/sub"
        client.rename("a", "/b")
        client.retrbinary("RETR /b", lambda piece: pieces.append(piece), rest=(pieces := []) or 4)
        assert pieces == [b"456789"]
        client.cwd("/")
        client.rmd("sub")
        client.delete("b")
        assert client.nlst() == []


def test_the_password_is_new_at_each_start_and_nobody_comes_in_without(server):
    user, password = ftp.account(server)[1:]
    assert len(password) >= 16
    for login in (user, ""), (user, "learner"), ("anonymous", "me@here"), ("", ""), ("root", password):
        with ftplib.FTP(timeout=PATIENCE) as client, pytest.raises(ftplib.error_perm, match="530"):
            client.connect(*server.address)
            client.login(*login)
    with ftplib.FTP(timeout=PATIENCE) as client:
        client.connect(*server.address)
        for command in "LIST", "PASV", "RETR x", "STOR x", "CWD /", "SIZE x", "PORT 127,0,0,1,200,1", "STAT /":
            with pytest.raises(ftplib.error_perm, match="530"):
                client.sendcmd(command)
    server.restart()
    assert ftp.account(server).password != password


def test_after_three_wrong_passwords_the_line_is_cut(server):
    with ftplib.FTP(timeout=PATIENCE) as client:
        client.connect(*server.address)
        for _ in range(3):
            client.sendcmd("USER learner")
            with pytest.raises(ftplib.error_perm, match="530"):
                client.sendcmd("PASS wrong")
        with pytest.raises((EOFError, ConnectionError)):
            client.sendcmd("USER learner")


# ---------------------------------------------------------------- no way out


@pytest.fixture
def house(tmp_path):
    """A folder to serve, with a secret next to it and links that lead out of it."""
    (tmp_path / "secret").write_text("for nobody")
    (tmp_path / "beside").mkdir()
    inside = tmp_path / "served"
    inside.mkdir()
    (inside / "own").write_text("own")
    (inside / "to_file").symlink_to(tmp_path / "secret")
    (inside / "to_folder").symlink_to(tmp_path)
    (inside / "to_root").symlink_to("/")
    (inside / "to_own").symlink_to(inside / "own")
    return tmp_path


LEADS_OUT = ["to_file", "to_folder", "to_folder/secret", "to_folder/served/../secret", "to_root{0}/secret", "secret\0"]
STAYS_INSIDE = ["/", "..", "../secret", "/../secret", "../../../../../../../../{0}/secret", "{0}/secret", "//{0}/secret"]
STAYS_INSIDE += ["./.././secret", "..\\secret", "~/secret", "no/such/folder", "pipe"]
COMMANDS = sorted(name for name, what in FTPHandler.proto_cmds.items() if what["perm"] and what["arg"] is not False)
BEFORE_THE_PATH = {"MFMT": "20200101000000 ", "SITE CHMOD": "777 "}


def try_out(client, command, path):
    """Send one command with a path while a data connection is open. Return the first reply's code and the data received."""
    if command == "RNTO":
        client.sendcmd("RNFR own")
    with connect(ftplib.parse227(client.sendcmd("PASV"))) as data:
        client.putcmd(f"{command} {BEFORE_THE_PATH.get(command, '')}{path}")
        first = client.getmultiline()
        data.shutdown(socket.SHUT_WR)
        if first[0] != "1":
            return first[:3], b""
        content = read_all(data)
        client.getmultiline()
        return first[:3], content


def beside_the_served(house):
    """Return every file and folder in the house outside the served one, with the contents."""
    paths = [path for path in house.rglob("*") if house / "served" not in (path, *path.parents)]
    return {path: path.read_text() if path.is_file() else None for path in paths}


@pytest.mark.parametrize("path", [*LEADS_OUT, *STAYS_INSIDE])
def test_no_command_with_any_path_leads_out_of_the_folder_or_hangs(house, path):
    """Not even a named pipe: opening it would block until its other end opens, and with it all clients of the one loop."""
    pipe = house / "served" / "pipe"
    before = beside_the_served(house)
    with launch("ftp", "--folder", house / "served") as server, logged_in(server) as client:
        for command in COMMANDS:
            pipe.unlink(missing_ok=True)  # the last command may have replaced it
            os.mkfifo(pipe)
            code, content = try_out(client, command, path.format(house))
            assert b"for nobody" not in content and b"beside" not in content, command
            if path in LEADS_OUT or (path, command) in REFUSED:
                assert code in ("550", "501"), f"{command} was answered {code}"
            with contextlib.suppress(ftplib.error_perm):
                store(client, "own", b"own")  # the last command may have renamed or deleted it
            assert client.voidcmd("NOOP").startswith("200"), command
            assert beside_the_served(house) == before, command
    assert "Traceback" not in server.log


REFUSED = [("/", "STOU"), ("..", "STOU"), ("pipe", "RETR"), ("pipe", "STOR"), ("pipe", "APPE")]


def test_a_link_inside_the_folder_and_up_from_the_top(house):
    with launch("ftp", "--folder", house / "served") as server, logged_in(server) as client:
        assert retrieve(client, "to_own") == b"own"
        client.cwd("..")
        assert client.pwd() == "/"
        with pytest.raises(ftplib.error_perm):
            client.cwd("to_folder")
        with pytest.raises(ftplib.error_perm, match="550|501"):
            client.sendcmd("SITE CHMOD 777 own")


@pytest.mark.parametrize(
    "command",
    [
        "PORT 192,0,2,1,200,1",
        "PORT 127,0,0,2,200,1",
        "EPRT |1|192.0.2.1|51201|",
        "EPRT |1|127.0.0.2|51201|",
        "EPRT |2|::1|51201|",
    ],
)
def test_the_server_sends_no_file_to_somebody_else(server, command):
    """FTP bounce (RFC 2577): if a client could name any address, it could turn our server against others."""
    with logged_in(server) as client:
        with pytest.raises(ftplib.error_perm, match="501 Rejected|522"):
            client.sendcmd(command)
    assert not [event for event in server.events() if event.kind == "connect"]


def test_nor_to_a_port_below_1024(server):
    with logged_in(server) as client:
        for command in "PORT 127,0,0,1,0,25", "EPRT |1|127.0.0.1|25|":
            with pytest.raises(ftplib.error_perm, match="privileged"):
                client.sendcmd(command)
    assert not [event for event in server.events() if event.kind == "connect"]


def test_a_data_connection_is_the_clients_own(server):
    """A client at another address that guesses the passive port gets nothing."""
    with logged_in(server) as client:
        host, port = client.makepasv()
        assert host == "127.0.0.1"
        with socket.socket() as thief:
            thief.settimeout(PATIENCE)
            thief.bind(("127.0.0.2", 0)) if sys.platform == "linux" else pytest.skip("macOS has 127.0.0.1 alone")
            thief.connect((host, port))
            assert thief.recv(100) == b""
        with pytest.raises(ftplib.error_temp, match="425 Rejected"):
            client.voidresp()
    listening = {event.detail for event in server.events() if event.kind == "listen"}
    assert {where.rpartition(":")[0] for where in listening} == {"127.0.0.1"}


# ---------------------------------------------------------------- impatient clients, slow ones, many


def test_what_breaks_off_leaves_the_server_alone(server):
    account = ftp.account(server)
    ftp.upload(account, "large", bytes(LARGE), timeout=PATIENCE)
    half = connect(server.address)
    half.sendall(b"USER lear")
    reset(half)
    for command, word in ("STOR broken", "226"), ("RETR large", "426"):  # 226: see the next test
        for whole_client in False, True:
            with logged_in(server) as client:
                data = client.transfercmd(command)
                if "STOR" in command:
                    data.sendall(b"x" * 100_000)
                    eventually(partial(takes_from, server, data), "the server's first piece of it")
                else:
                    data.recv(1000)
                if whole_client:
                    client.file.close()
                    reset(client.sock)
                reset(data)
                if not whole_client:
                    assert client.getmultiline().startswith(word)
                    assert client.voidcmd("NOOP").startswith("200")
    assert len(ftp.download(account, "large", timeout=PATIENCE)) == LARGE
    eventually(lambda: server.processes()[0].descriptors <= 8, "every descriptor's end")
    assert "Traceback" not in server.log


def test_half_a_file_looks_like_a_whole_one(server):
    """Stream mode (RFC 959, 3.4.1): the end of the connection is the end of the file. The lesson shows this."""
    with logged_in(server) as client:
        data = client.transfercmd("STOR half")
        data.sendall(b"half of it")
        data.close()
        assert client.voidresp().startswith("226")
    assert ftp.download(ftp.account(server), "half") == b"half of it"


def test_a_slow_reader_costs_no_memory_and_keeps_nobody_waiting(server):
    account = ftp.account(server)
    ftp.upload(account, "large", content := os.urandom(LARGE))
    before = server.processes()[0].memory
    with connect(server.address), logged_in(server) as slow:  # and a silent one
        slow.voidcmd("TYPE I")
        data = slow.transfercmd("RETR large")
        first = data.recv(1)
        assert ftp.download(account, "large") == content
        if before is not None:
            assert server.processes()[0].memory - before < 5_000_000
        rest = b"".join(iter(lambda: data.recv(1_000_000), b""))
        data.close()
        assert slow.voidresp().startswith("226") and first + rest == content
        assert {process.threads for process in server.processes()} == {1}  # from 3.14 on there is also a resource_tracker


def test_three_hundred_clients_at_once(server):
    """All log in, and then each downloads a file at the same time."""
    account = ftp.account(server)
    ftp.upload(account, "file", bytes(LARGE))
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(logged_in(server)) for _ in range(300)]
        coming = [stack.enter_context(client.transfercmd("RETR file")) for client in clients]
        assert all(data.recv(10) == bytes(10) for data in coming)
        for client in clients:
            client.close()
    assert len(ftp.download(account, "file")) == LARGE


def test_too_many_are_told_so(server):
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(server.address)) for _ in range(660)]
        greetings = [client.recv(100)[:3] for client in clients]
    assert greetings.count(b"220") >= 600 and set(greetings) == {b"220", b"421"}
    eventually(lambda: server.processes()[0].descriptors <= 8, "every descriptor's end")
    assert ftp.listing(ftp.account(server)) == []


def test_it_is_watched(server):
    account = ftp.account(server)
    ftp.upload(account, "x", bytes(5000))
    ftp.download(account, "x")
    events = server.events()
    assert {"listen", "accept", "receive", "send", "close", "wait"} <= {event.kind for event in events}
    assert sum(event.bytes for event in events if event.kind == "receive") > 5000
    assert sum(event.bytes for event in events if event.kind == "send") > 5000  # including a file sent to a client


# ---------------------------------------------------------------- its end


def test_nothing_is_left(tmp_path, monkeypatch):
    with launch("ftp") as server:
        own = folder_of(server)
        ftp.upload(ftp.account(server), "x", b"x")
        with logged_in(server) as client:
            with client.transfercmd("STOR y") as data:
                data.sendall(b"y")
                eventually(lambda: takes_from(server, data) and asleep(server.pid))
                server.stop(grace=PATIENCE)
    assert not own.exists() and "Traceback" not in server.log
    monkeypatch.setenv("FTP_PASSWORD", "secret")
    with launch("ftp", "--folder", tmp_path / "kept", "--user", "ann") as server:
        assert ftp.account(server)[1:] == ("ann", "secret")
        ftp.upload(ftp.account(server), "x", b"x")
    assert (tmp_path / "kept" / "x").read_bytes() == b"x"


def test_more_clients_than_descriptors_are_told_so_and_the_server_lives_on():
    command = ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh", sys.executable, "-u", "-m", "servers.ftp"]
    with program(command, stderr=subprocess.DEVNULL, text=True) as process:
        address = "127.0.0.1", int(process.stdout.readline().split()[0].rpartition(":")[2])
        crowd = [connect(address) for _ in range(100)]
        words = [client.recv(100)[:3] for client in crowd]
        assert words[0] == b"220" and words[-1] == b"421"
        for client in crowd:
            client.close()
        with connect(address) as late:
            assert late.recv(100)[:3] in (b"220", b"421") and process.poll() is None
        process.terminate()


@pytest.mark.skipif(not shutil.which("lftp"), reason="lftp is not installed")
@pytest.mark.parametrize("passive", ["on", "off"])
def test_lftp_mirrors_a_folder_up_and_down(server, tmp_path, passive):
    (tmp_path / "up" / "sub").mkdir(parents=True)
    (tmp_path / "up" / "a.bin").write_bytes(os.urandom(100_000))
    (tmp_path / "up" / "sub" / "b.txt").write_text("b")
    account = ftp.account(server)
    script = f"""set net:max-retries 1; set ftp:passive-mode {passive}; set ftp:ssl-allow no; set cmd:fail-exit yes
        open -u {account.user},{account.password} -p {account.address[1]} 127.0.0.1
        mirror -R {tmp_path}/up remote; mirror remote {tmp_path}/down; rm -r remote; ls"""
    done = subprocess.run(["lftp", "-f", "/dev/stdin"], input=script, capture_output=True, text=True, timeout=4 * PATIENCE)
    assert done.returncode == 0, done.stderr
    for file in "a.bin", "sub/b.txt":
        assert (tmp_path / "down" / file).read_bytes() == (tmp_path / "up" / file).read_bytes()
    assert ftp.listing(account) == []


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_fetches(server):
    account = ftp.account(server)
    ftp.upload(account, "x", b"for curl")
    url = f"ftp://{account.user}:{account.password}@127.0.0.1:{account.address[1]}/x"
    assert subprocess.run(["curl", "-sS", "--noproxy", "*", url], capture_output=True).stdout == b"for curl"


# ---------------------------------------------------------------- the client


def test_the_client_says_in_plain_words_what_goes_wrong(server, tmp_path):
    account = ftp.account(server)
    with pytest.raises(FileNotFoundError, match="no such file"):
        ftp.download(account, "nothing")
    with pytest.raises(FileNotFoundError, match="no such file"):
        ftp.upload(account, "no/folder/x", b"")
    with pytest.raises(PermissionError, match="refused the request"):
        ftp.download(account, "/")
    with pytest.raises(PermissionError, match="refused the login of 'learner'"):
        ftp.listing(account._replace(password="wrong"))
    with pytest.raises(ValueError, match="newline"):
        ftp.upload(account, "two\r\nlines", b"")
    (tmp_path / "local").write_bytes(b"a file of mine")
    ftp.upload(account, "up", tmp_path / "local")
    with logged_in(server) as client:
        client.mkd("sub")
    assert ftp.listing(account) == [("sub", None), ("up", 14)]


def test_the_client_from_a_terminal(server, tmp_path):
    (tmp_path / "x.txt").write_text("from a terminal")
    account = ftp.account(server)
    command = [sys.executable, "-m", "clients.ftp", "%s:%d" % account.address, account.user]

    def run(*words):
        return subprocess.run([*command, *words], input=account.password + "\n", capture_output=True, text=True, cwd=tmp_path)

    assert run("upload", "x.txt").returncode == 0
    (tmp_path / "x.txt").unlink()
    assert run("list").stdout.split() == ["15", "x.txt"]
    assert run("download", "x.txt").returncode == 0
    assert (tmp_path / "x.txt").read_text() == "from a terminal"
    assert "no such file" in run("download", "y").stderr and "usage" in run("upload").stderr


# ---------------------------------------------------------------- the panel


async def test_the_panel_by_code_and_by_clicks(server):
    panel = FtpPanel(server)
    assert repr(panel) == "FtpPanel of ftp: not listed yet"
    assert await panel.listing() == [] and "empty" in panel.folder.value
    await panel.upload("<b>.txt", "<i>你好</i>\n")
    assert await panel.download("<b>.txt") == "<i>你好</i>\n".encode()
    shown = panel.fetched.value + panel.folder.value
    assert "&lt;i&gt;" in shown and "&lt;b&gt;.txt" in panel.folder.value and "<i>" not in shown and "<b>" not in shown
    assert repr(panel) == "FtpPanel of ftp: 1 in the folder"
    panel.name.value, panel.content.value = "clicked.txt", "by click"
    panel.buttons["Upload"].click()
    await wait_until(lambda: len(panel.files) == 2)
    await wait_until(lambda: not panel.buttons["Download"].resting)
    await asyncio.to_thread(panel.buttons["Download"].click)  # ipykernel 7.0 to 7.3: on another thread
    await wait_until(lambda: "by click" in panel.fetched.value)
    await asyncio.to_thread((folder_of(server) / "clicked.txt").unlink)
    panel.buttons["List"].click()
    await wait_until(lambda: len(panel.files) == 1)
    panel.picker.value = [
        {"name": "/tmp/picked.bin", "content": memoryview(b"\0\xff"), "type": "", "size": 2, "last_modified": datetime.now()}
    ]
    await wait_until(lambda: len(panel.files) == 2)
    assert (folder_of(server) / "picked.bin").read_bytes() == b"\0\xff"
    assert panel.picker.value == ()  # so the same file can be picked again
    await panel.download("picked.bin")
    assert "(not text)" in panel.fetched.value and "base64,AP8=" in panel.fetched.value
    await asyncio.to_thread(server.restart)
    assert await panel.listing() == []  # with the new password
    assert all(button.description for button in [*panel.buttons.values(), panel.picker])
    assert panel._repr_mimebundle_()["text/plain"] == repr(panel)


async def test_the_panel_says_what_went_wrong(server):
    panel = FtpPanel(server)
    with pytest.raises(FileNotFoundError):
        await panel.download("nothing")
    assert "no such file" in panel.status.words
    panel.password.value = "wrong"
    panel.buttons["List"].click()
    await wait_until(lambda: "refused the login of 'learner'" in panel.status.words)
    server.stop()
    panel.buttons["List"].click()
    await wait_until(lambda: "nobody listens" in panel.status.words)
    assert 'role="status" aria-live="polite"' in panel.status.widget.value
