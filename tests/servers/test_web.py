"""The HTTP server and the web server: what they answer, what they refuse, and misbehaving peers."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import PATIENCE, connect, eventually, lingers, read_all, reset, run_alone

from clients import web
from servers import app, http_files, launch, web_app

BOTH = ["http_files", "web_app"]


@pytest.fixture
def site():
    with launch("web_app") as server:
        yield server


@pytest.fixture
def folder(tmp_path):
    """A folder to serve, next to a secret."""
    public = tmp_path / "public"
    (public / "sub").mkdir(parents=True)
    (public / "index.html").write_text("<p>the index</p>")
    (public / "sub" / "a.txt").write_text("你好")
    (tmp_path / "secret.txt").write_text("the secret")
    (tmp_path / "public-beside").mkdir()
    (tmp_path / "public-beside" / "secret.txt").write_text("the secret")
    return public


@pytest.fixture
def files(folder):
    with launch("http_files", "--folder", folder) as server:
        yield server


def raw(server, request):
    """Send a request given as bytes; return (status, the whole response)."""
    answer = web.exchange(server.address, request, timeout=PATIENCE)
    return int(answer.split()[1]), answer


# ---------------------------------------------------------------- the files of a folder


def test_a_file_with_its_type_and_length(files):
    page = web.fetch(files.address, "/sub/a.txt")
    assert (page.status, page.text) == (200, "你好")
    assert page.headers["Content-type"] == "text/plain; charset=utf-8" and page.headers["Content-Length"] == "6"
    assert "Python" not in page.head, "the version is nobody's business"


def test_a_folder_is_its_index_or_a_list(files):
    assert web.fetch(files.address, "/").text == "<p>the index</p>"
    assert web.fetch(files.address, "/sub/").links == ["a.txt"]


def test_its_own_folder_by_default():
    with launch("http_files") as server:
        page = web.fetch(server.address)
        assert page.status == 200 and page.links == ["hello.txt", "models/"]
        assert all(web.fetch(server.address, f"/{link}").status == 200 for link in page.links)


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/sub/../../secret.txt",
        "/sub/%2e%2e/%2e%2e/secret.txt",
        "//../secret.txt",
        "/../public-beside/secret.txt",
        "/link.txt",
        "/up/secret.txt",
        "/trap/",
        "/loop",
        "/%00",
        "/secret.txt%00.html",
    ],
)
def test_no_way_out_of_the_folder(files, folder, path):
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "up").symlink_to(folder.parent)
    (folder / "trap").mkdir()
    (folder / "trap" / "index.html").symlink_to(folder.parent / "secret.txt")
    (folder / "loop").symlink_to(folder / "loop")
    status, answer = raw(files, f"GET {path} HTTP/1.0\r\n\r\n".encode())
    assert status == 404 and b"the secret" not in answer
    assert "Traceback" not in files.log


def test_a_link_inside_the_folder_is_followed(files, folder):
    (folder / "inside.txt").symlink_to(folder / "sub" / "a.txt")
    assert web.fetch(files.address, "/inside.txt").text == "你好"


def test_a_folder_that_is_a_link_itself(folder):
    link = folder.parent / "link"
    link.symlink_to(folder)
    with launch("http_files", "--folder", link) as server:
        assert web.fetch(server.address, "/sub/a.txt").text == "你好"


def test_no_folder_is_said_in_plain_words():
    with pytest.raises(Exception, match="a folder to serve: there is none at nowhere"):
        launch("http_files", "--folder", "nowhere")


def test_the_loop_model_serves_files_too_one_client_at_a_time(folder):
    with launch("http_files", "--folder", folder, "--server", "HTTPServer") as server:
        silent = connect(server.address)
        eventually(lambda: "accept" in [event.kind for event in server.events()])
        with pytest.raises(TimeoutError):
            web.fetch(server.address, timeout=1)
        silent.close()
        assert web.fetch(server.address, timeout=PATIENCE).status == 200


# ---------------------------------------------------------------- the application behind a page


def test_the_form_leads_to_the_application(site):
    page = web.fetch(site.address)
    (form,) = page.forms
    assert form == ("answer", "POST", {"line": "hello"}), "a relative address: it works behind a prefix"
    assert "The server answers: hello" in web.submit(site.address, form.action, **form.fields).words


@pytest.mark.parametrize(
    "line", ["hello", "你好 世界", "", " a  b ", "sleep 0.01", "burn 0.01", "100%", "a+b&c=d;e", "x" * 65_536]
)
def test_a_line_is_answered_as_over_tcp(site, line):
    page = web.submit(site.address, "/answer", line=line)
    answer = page.text.partition("<output>")[2].partition("</output>")[0]
    assert page.status == 200 and answer == app.answer(line.encode()).decode().replace("&", "&amp;")


def test_who_and_count_tell_of_the_server(site):
    assert f"process {site.pid} thread " in web.submit(site.address, "/answer", line="who").words
    assert [web.submit(site.address, "/answer", line="count").words.split()[-1] for _ in range(3)] == ["1", "2", "3"]


@pytest.mark.parametrize("line", ["<script>alert(1)</script>", "\"><script>alert('1')</script>", "</output><b>&"])
def test_what_a_user_sends_comes_back_as_text_never_as_html(site, line):
    text = web.submit(site.address, "/answer", line=line).text
    assert line not in text and "<script" not in text and "<b>" not in text
    assert web.parsed(text).forms[0].fields["line"] == line


def test_bytes_that_are_no_utf8_do_no_harm(site):
    form = b"line=%ff\xfe"
    status, answer = raw(site, b"POST /answer HTTP/1.0\r\nContent-Length: %d\r\n\r\n%b" % (len(form), form))
    assert status == 200 and "\ufffd" in answer.decode()


@pytest.mark.parametrize(
    "request_line, expected",
    [
        (b"GET /", 200),
        (b"GET /?x=1", 200),
        (b"HEAD /", 200),
        (b"GET /nowhere", 404),
        (b"POST /nowhere", 404),
        (b"GET /answer", 405),
        (b"HEAD /answer", 405),
        (b"POST /", 405),
        (b"DELETE /", 405),
        (b"POST /answer", 411),
    ],
)
def test_status_codes(site, request_line, expected):
    status, answer = raw(site, request_line + b" HTTP/1.0\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert status == expected
    assert bool(body) == (not request_line.startswith(b"HEAD")), "HEAD: headers, and no page"
    assert int(head.partition(b"Content-Length: ")[2].split()[0]) >= len(body)
    assert (b"\r\nAllow: " in head) == (expected == 405)


@pytest.mark.parametrize(
    "length, body, expected",
    [
        (b"-1", b"", 400),
        (b"ten", b"", 400),
        (b"\xd9\xa3", b"abc", 400),  # a digit, but not one that HTTP allows
        (b"9", b"", 400),
        (b"9", b"line", 400),
        (b"4", b"name", 400),
        (b"999999999", b"", 413),
        (b"9" * 100, b"", 413),
        (b"70005", b"line=" + b"x" * 70_000, 413),
    ],
)
def test_a_form_that_is_not_as_it_says(site, length, body, expected):
    with connect(site.address) as client:
        client.sendall(b"POST /answer HTTP/1.0\r\nContent-Length: %b\r\n\r\n%b" % (length, body))
        client.shutdown(socket.SHUT_WR)
        assert int(read_all(client).split()[1]) == expected
    assert "Traceback" not in site.log


@pytest.mark.parametrize("name", BOTH)
def test_who_sends_too_much_hears_so(name):
    """Closing with unread bytes would reset the connection and lose the answer. This client reads only after it has sent everything."""
    size = 6_000_000  # bytes: more than the buffers between them hold (tcp(7): tcp_rmem, tcp_wmem)
    with launch(*lingers(name)) as server, connect(server.address) as client:
        client.sendall(b"POST /answer HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)
        assert int(read_all(client).split()[1]) == (413 if name == "web_app" else 501)


# ---------------------------------------------------------------- both of them, and clients of every kind


JUNK = [b"junk\r\n\r\n", b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"]
JUNK += [b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"GET /" + b"x" * 70_000]  # TLS and a long path


@pytest.mark.parametrize("name", BOTH)
def test_what_is_no_request_is_refused_and_the_server_lives_on(name):
    with launch(name) as server:
        for request in JUNK:
            with connect(server.address) as client:
                client.sendall(request)
                client.shutdown(socket.SHUT_WR)
                assert b" 200 " not in read_all(client), request[:30]
            assert web.fetch(server.address).status == 200, request[:30]
            assert "Traceback" not in server.log, request[:30]


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize(
    "part", [b"", b"GET / HT", b"GET / HTTP/1.0\r\nHost:", b"POST /answer HTTP/1.0\r\nContent-Length: 90\r\n\r\nline="]
)
def test_a_client_that_resets_in_mid_request_leaves_no_trace(name, part):
    with launch(name) as server:
        client = connect(server.address)
        client.sendall(part)
        eventually(lambda: "thread start" in [event.kind for event in server.events()])
        reset(client)
        eventually(lambda: "thread end" in [event.kind for event in server.events()])
        assert web.fetch(server.address).status == 200
        assert "Traceback" not in server.log and "Exception" not in server.log


@pytest.mark.parametrize("name", BOTH)
def test_a_client_that_leaves_before_its_answer_leaves_no_trace(name, tmp_path):
    (tmp_path / "large").write_bytes(bytes(30_000_000))
    options = ["--folder", tmp_path] if name == "http_files" else []
    form = b"line=sleep+0.3"
    request = b"POST /answer HTTP/1.0\r\nContent-Length: %d\r\n\r\n%b" % (len(form), form)
    with launch(name, *options) as server:
        client = connect(server.address)
        client.sendall(b"GET /large HTTP/1.0\r\n\r\n" if options else request)
        eventually(lambda: "receive" in [event.kind for event in server.events() if event.bytes])
        reset(client)
        eventually(lambda: "thread end" in [event.kind for event in server.events()])
        assert "Traceback" not in server.log and "Exception" not in server.log


IMPATIENT = """
from servers import {name}, main
{name}.Handler.timeout = 0.3
main.run({name}.serve, {parser})
"""


def impatient(name):
    """Return the server's source with a handler timeout of 0.3 seconds."""
    return IMPATIENT.format(name=name, parser={"http_files": "http_files.parser", "web_app": "main.parser('')"}[name])


@pytest.mark.parametrize(
    "name, said",
    [
        ("http_files", b""),
        ("http_files", b"GET / HT"),
        ("http_files", b"GET / HTTP/1.0\r\n"),
        ("web_app", b""),
        ("web_app", b"GET / HT"),
        ("web_app", b"GET / HTTP/1.0\r\n"),
        ("web_app", b"POST /answer HTTP/1.0\r\nContent-Length: 10\r\n\r\nline"),
    ],
)
def test_a_client_that_falls_silent_gives_its_thread_back(name, said):
    with launch(impatient(name)) as server:
        os.kill(server.pid, signal.SIGSTOP)  # so that it accepts only after all is sent
        with connect(server.address) as silent:
            silent.sendall(said)
            os.kill(server.pid, signal.SIGCONT)
            answer = read_all(silent)
            assert b"408 Request Timeout" in answer if said.startswith(b"POST") else answer == b""
            eventually(lambda: server.processes()[0].threads == 1)
        assert "Traceback" not in server.log and "Exception" not in server.log


@pytest.mark.parametrize("name, said", [("http_files", b"GET /"), ("web_app", b"POST /answer HTTP/1.0\r\nContent-Length: 999\r\n\r\n")])
def test_a_client_that_sends_a_byte_now_and_then_gives_its_thread_back(name, said):
    with launch(impatient(name)) as server, connect(server.address) as slow:
        slow.sendall(said)
        slow.settimeout(0.05)  # less than the server's timeout, which each byte would restart
        with contextlib.suppress(ConnectionError):
            while True:
                slow.sendall(b"x")
                with contextlib.suppress(TimeoutError):
                    if not slow.recv(4096):
                        break
        eventually(lambda: server.processes()[0].threads == 1)
        assert "Traceback" not in server.log and "Exception" not in server.log


def test_nobody_has_to_ask_for_the_time_limit():
    assert http_files.Handler.timeout == web_app.Handler.timeout == 30


def test_a_client_that_does_not_read_gives_its_thread_back(folder):
    (folder / "large").write_bytes(bytes(20_000_000))
    with launch(impatient("http_files"), "--folder", folder) as server, connect(server.address) as slow:
        slow.sendall(b"GET /large HTTP/1.0\r\n\r\n")
        eventually(lambda: "thread end" in [event.kind for event in server.events()])
        eventually(lambda: server.processes()[0].threads == 1)
        assert "Traceback" not in server.log and "Exception" not in server.log


@pytest.mark.parametrize("path", ["/pipe", "/sub/pipe", "/trap/", "/to_pipe"])
def test_a_named_pipe_holds_no_thread(files, folder, path):
    """open() would block until a writer opens it."""
    (folder / "trap").mkdir()
    for pipe in "pipe", "sub/pipe", "trap/index.html":
        os.mkfifo(folder / pipe)
    (folder / "to_pipe").symlink_to(folder / "pipe")
    assert raw(files, f"GET {path} HTTP/1.0\r\n\r\n".encode())[0] == 404
    eventually(lambda: files.processes()[0].threads == 1)


@pytest.mark.parametrize("name", BOTH)
def test_300_clients_at_once(name):
    """All connect and send half of their request before the first sends the rest."""
    with launch(name) as server:
        clients = [connect(server.address) for _ in range(300)]
        for client in clients:
            client.sendall(b"GET / HTTP/1.0\r\n")
        eventually(lambda: sum(event.kind == "accept" for event in server.events()) == 300)
        for client in reversed(clients):
            client.sendall(b"\r\n")
        for client in clients:
            assert read_all(client).startswith(b"HTTP/1.0 200 OK")
            client.close()
        assert "Traceback" not in server.log


def test_300_forms_at_once_lose_nothing(site):
    with ThreadPoolExecutor(50) as pool:
        pages = pool.map(lambda n: web.submit(site.address, "/answer", timeout=PATIENCE, line=f"line {n}").words, range(300))
        assert all(page.endswith(f"answers: line {number}") for number, page in enumerate(pages))


@pytest.mark.parametrize("name", BOTH)
def test_it_runs_alone_and_ctrl_c_is_a_quiet_end(name):
    with run_alone(name, "--port", "0") as (process, address):
        with connect(address):  # a client that is still connected
            assert web.fetch(address).status == 200
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 0
        assert process.stdout.read() == "ended by Ctrl-C\n"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_is_a_client(site, files, tmp_path):
    def curl(*arguments):
        return subprocess.run(["curl", "-sS", "-m", str(PATIENCE), *arguments], capture_output=True, text=True, check=True).stdout

    page, text = (f"http://127.0.0.1:{server.port}" for server in (site, files))
    assert "<output>你好 &lt;b&gt;</output>" in curl("--data-urlencode", "line=你好 <b>", f"{page}/answer")
    assert curl(f"{text}/sub/a.txt") == "你好"
    assert curl("--path-as-is", "-o", tmp_path / "out", "-w", "%{http_code}", f"{text}/../secret.txt") == "404"
    (tmp_path / "big").write_bytes(b"line=" + b"x" * 2_000_000)
    assert curl("-o", tmp_path / "out", "-w", "%{http_code}", "--data-binary", f"@{tmp_path / 'big'}", f"{page}/answer") == "413"


# ---------------------------------------------------------------- the client


def test_the_client_says_what_went_wrong():
    with launch("tcp_loop") as server:
        with pytest.raises(ConnectionError, match="not an answer in HTTP"):
            web.fetch(server.address)
    with launch("web_app") as server:
        with pytest.raises(TimeoutError, match="no whole answer to POST /answer"):
            web.submit(server.address, "/answer", timeout=0.2, line="sleep 60")
        with pytest.raises(TimeoutError, match="nothing came.*empty line"):
            web.exchange(server.address, b"GET / HTTP/1.0\r\n", timeout=0.2)


def test_the_client_runs_from_a_terminal(site):
    def run(*arguments):
        command = [sys.executable, "-m", "clients.web", "127.0.0.1:%d" % site.port, *arguments]
        return subprocess.run(command, capture_output=True, text=True)

    assert run("/").stdout.startswith("200 OK\n")
    assert "<output>hello</output>" in run("answer", "line=hello").stdout
    assert "'hello' is not a field of a form. Write it like line=hello." in run("answer", "hello").stderr


def test_what_a_browser_finds_in_a_page():
    page = web.Page(
        200, "OK", {}, "<title>no</title><p>One <b>two</b></p><a href='x'>three</a><form><textarea name=t></textarea>"
    )
    assert (page.words, page.links, page.forms) == ("One twothree", ["x"], [("", "GET", {"t": ""})])
