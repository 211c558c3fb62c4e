"""What to tell a learner when a server did not start: what happened, why, and what to do next."""

import contextlib
import errno
import importlib.util
import itertools
import linecache
import os
import re
import signal
import sys

import psutil

from servers.runtime import listening
from servers.runtime.events import written
from servers.runtime.probe.addresses import is_loopback

PRIVILEGED = 1024  # ports below it are the administrator's: ip(7), ip_unprivileged_port_start
CLIENTS = 32_768  # the first port that Linux assigns to a client: ip(7), ip_local_port_range


def explain(name, events, exit_status, log, timeout, address=None, interrupted=""):
    """Return the text of a LaunchError: what happened, the script's own traceback, and only then a possible cause.

    exit_status   None while the process runs, negative if a signal ended it
    address       where it listened before it ended, if anywhere
    interrupted   what it printed when its event loop was interrupted
    """
    log, place = log_and_place(log, interrupted) if exit_status is None else (log, "")
    closed = None if address else last_listener(events)
    if exit_status is None and closed:
        fact = f"{name} listened at {closed} and closed that listener. It is still running, but no client can connect."
    elif exit_status is None:
        fact = f"{name} did not listen within {timeout:g} s. It runs, but has not called listen() or, for UDP, bind() on a port."
    elif address:
        bound = any(event.kind == "bind" and event.detail == written(address) + "/udp" for event in events)
        fact = f"{name} {'was bound to' if bound else 'listened at'} {written(address)} and {ending(exit_status)} at once."
    elif closed:
        fact = f"{name} listened at {closed}, closed that listener, and {ending(exit_status)}."
    else:
        fact = f"{name} {ending(exit_status)} before it listened."
    error = last_error(log)
    cause = cause_of(error, events, log) if error else guess(events, exit_status, address or closed, log, place)
    if error and exit_status is not None:
        return fact + indented(log) + (f"\n\n{cause}" if cause else "")
    return f"{fact} {cause}".rstrip() + indented(log) + place


def log_and_place(log, interrupted=""):
    """Return (the script's output, where its main thread is, which faulthandler has printed into the log, see probe.processes)."""
    found = PLACES.search(log)
    if not found:
        return log, ""
    log, calls = log[: found.start()] + log[found.end() :], found[1]
    if calls is None:  # Python has not started the script yet, or has finished it
        return log, ""
    calls, is_loop = EVENT_LOOP.subn("", "".join(line for line in calls.splitlines(True) if "<frozen " not in line))
    places = re.sub(r"(line \d+) in ", r"\1, in ", "\n".join(reversed(calls.splitlines()[:MOST_PLACES])))
    note = "\n\nIts event loop is running there. " + coroutine_that_waits(interrupted) if is_loop else ""
    return log, "\n\nIt is here (most recent call last):" + indented(places) + note


def runs_a_loop(log):
    """Whether the main thread is waiting in an event loop."""
    return "Its event loop is running there." in log_and_place(log)[1]


def coroutine_that_waits(interrupted):
    """Return where the main coroutine waits: an interrupt is raised there, between the loop's own calls."""
    trace = interrupted.partition("Traceback (most recent call last):\n")[2]
    calls = re.findall(CALL, re.match(f"(?:{CALL})*", trace)[0])
    for _ in range(2):  # strip the loop's calls at the front, then at the end
        calls = list(itertools.dropwhile(OF_A_LOOP.match, calls))[::-1]
    if not calls:  # only the loop was interrupted: its tasks, when destroyed, print where they were
        waiting = [task for task in TASK.findall(interrupted) if not OF_A_LOOP.match(f'  File "{task[1]}"')]
        calls = [f'  File "{path}", line {line}, in {name}\n' for name, path, line in waiting]
    if not calls:
        return "Which coroutine is waiting, and where, cannot be seen from outside."
    return "Its main coroutine waits here:" + indented("".join(calls[-MOST_PLACES:]))


def last_error(log):
    """Return the last line of the last traceback in the log, even one in an exception group; None if there is none."""
    plain = re.sub(r"^ *(?:\| ?)+", "", log, flags=re.MULTILINE)
    found = re.findall(r"^  File .*\n(?:    .*\n)*([A-Za-z_].*)$|^(SyntaxError: .*)$", plain, re.MULTILINE)
    return "".join(found[-1]) if found else None


def cause_of(error, events, log):
    """Return an explanation of the error that the script itself reported, never one that contradicts it."""
    calls = {(event.kind, event.detail) for event in events}
    script = RUNS.search(log)
    folder = script and os.path.dirname(script[1])
    said = "\n".join([*log.rpartition(error)[0].splitlines()[-SOURCE:], error])
    _, port, refusal = last_bind(events)
    if re.search(rf"\[Errno {errno.EADDRINUSE}\]|has no address yet", error) and refusal == "EADDRINUSE" and port:
        return "The cause: " + port_in_use(port, events)
    if f"[Errno {errno.EADDRINUSE}]" in error and ("bind", "EADDRINUSE") in calls:
        return "The path of a Unix socket is a file that stays when its server ends: delete it before bind()."
    if error.startswith("ConnectionRefusedError") and is_client(events):
        return CLIENT
    if folder and re.match("AttributeError|ImportError|ModuleNotFoundError|TypeError", error):
        for names in re.findall(r"^ +(?:import|from) (\w+)|module '(\w+)'", log, re.MULTILINE):
            if (name := "".join(names)) in sys.stdlib_module_names and os.path.exists(os.path.join(folder, f"{name}.py")):
                return f"Python imports the {name}.py in the script's folder, in place of its own module {name}. Rename that file."
    # Python 3.15 no longer prints "No module named" for a module of its own standard library.
    if missing := re.match(r"ModuleNotFoundError: [^']*'(\w+)", error):
        return about_a_module(missing[1])
    if f"[Errno {errno.EINVAL}]" in error and ("accept", "EINVAL") in calls:
        return "accept() takes connections from a listener, and this socket does not listen: call listen() after bind()."
    if f"[Errno {errno.EBADF}]" in error and ("accept", "EBADF") in calls:
        return f"accept() takes connections from a listener, and this socket is closed. {KEEP_OPEN}"
    if "was never awaited" in log and "coroutine" in error:
        return NEVER_AWAITED
    if error.startswith("FileNotFoundError: "):
        for name in re.findall(r"""["']([^"'\n]+)["']""", said):  # ssl's error names no file, but the call may
            if folder and not os.path.isabs(name) and os.path.exists(os.path.join(folder, name)):
                return (
                    "That file is next to the script, but a script looks in the folder from which it is started: here, the "
                    f"notebook's. This finds it from anywhere: pathlib.Path(__file__).parent / {name!r}"
                )
    if re.match("PermissionError.*[Pp]ermission denied", error) and refusal == "EACCES" and port and port < PRIVILEGED:
        return f"Port {port} is below {PRIVILEGED}, and only the administrator may bind those. Choose a higher one, such as 8000."
    return next((words for pattern, words in MISTAKES if re.search(pattern, said)), "")


def about_a_module(name):
    """Return what to say about a module that this Python does not have."""
    if name in FORMER_MODULES:
        return f"Older versions of Python had this module. Today, use {FORMER_MODULES[name]} instead."
    if importlib.util.find_spec(name):  # the script's process cannot read it, having given up its privileges, say
        return ""
    if name in sys.stdlib_module_names:
        return (
            "This module is part of Python, but not on this system: msvcrt, winreg and winsound, for example, exist only on Windows."
        )
    return (
        "The Python of this notebook has no module of that name. Check the spelling. Your own module goes into the "
        "script's folder; install a package first, in a cell: %pip install NAME."
    )


def guess(events, exit_status, address, log, place=""):
    """Return a possible cause where the script reported no error; `place` shows where it is."""
    host, port, refusal = last_bind(events)
    if refusal == "EADDRINUSE" and port:
        return "The cause: " + port_in_use(port, events)
    if refusal == "EACCES" and host and not is_loopback(host):  # a host name is recorded as 0.0.0.0
        return (
            "It asked for an address that other machines can reach, and was refused: this course's servers bind loopback "
            "addresses only. Bind '127.0.0.1' instead of '', '0.0.0.0' or the name of this machine."
        )
    if not address and refusal:
        return "Its last bind() failed, and an `except` of the script caught that. Without it, Python shows where and why."
    if "was never awaited" in log:
        return NEVER_AWAITED
    if exit_status is None and address:
        return KEEP_OPEN
    if any(event.kind == "listen" and not event.detail for event in events):
        return "It listens, but not on a port: perhaps on a Unix socket, which has a path. Here a server has to listen on 127.0.0.1."
    if is_client(events):
        return CLIENT
    if exit_status is not None and not address and re.search(r"^usage: ", log, re.MULTILINE | re.IGNORECASE):
        return ARGUMENTS
    if exit_status is None and re.search(r"(?:\(Pdb\)|ipdb>|>>>|In \[\d+\]:) ?\Z", log):
        return "It has stopped at a prompt, as at breakpoint(), and gets no input here. Take that out; print() shows values in the log."
    if exit_status is None and (re.search(r"[?:>] ?\Z", log) or waits_for_a_typist(place)):
        return (
            "Is it waiting in input(), or for sys.stdin? It gets no input: pass the answer as an argument, or write it into the script."
        )
    if exit_status is None:
        return "Does a call before that block, or a loop never end? If it just needs more time: launch(..., timeout=60)."
    if exit_status == 0 and address:
        return (
            "The script came to its end, and a thread with daemon=True ends with it, as does asyncio.run() with its last line. "
            "The main thread has to stay: in serve_forever(), in a loop around accept(), or in join() of its threads."
        )
    if exit_status == 0:
        return (
            "The script came to its end: a server has to stay in a loop around accept() or recvfrom(). "
            "If a function of it does that, does the script call that function?"
        )
    return ""


def waits_for_a_typist(place):
    """Whether one of these lines reads what a user types."""
    found = re.findall(r'File "(.+)", line (\d+)', place)
    linecache.checkcache()
    return any(re.search(r"\binput\(|\bsys\.stdin\b|\bgetpass\(", linecache.getline(path, int(number))) for path, number in found)


# What faulthandler prints, most recent call first: other threads, then the main one, which received the signal.
PLACES = re.compile(
    r"(?:Thread 0x.*\n(?:  .*\n)*\n)*Current thread 0x.*\n(?:((?:  File .*\n)*  File .* in (?:<module>|_shutdown))|  <no Python frame>)$",
    re.MULTILINE,
)
MOST_PLACES = 12
EVENT_LOOP = re.compile(
    r'\A(?:  File ".*/selectors\.py", .*\n)*(?:  File ".*/(?:asyncio|trio/_core)/\w+\.py", .*\n)+'
)  # while it waits
CALL = r"  File .*\n(?:    .*\n)*"  # one call in a traceback
TASK = re.compile(r"^task: <Task .* coro=<(.+?)\(\) running at (.+):(\d+)>", re.MULTILINE)  # a pending task
OF_A_LOOP = re.compile(r'  File "(?:.*/(?:asyncio|trio|anyio|outcome)/|.*/selectors\.py|.*, in <module>\n)')
RUNS = re.compile(r'^ *File "([^"]+)", line \d+, in <module>$', re.MULTILINE)  # the script's own frame in its traceback
KEEP_OPEN = (
    "A server keeps its listener open as long as it runs: its loop belongs inside the `with` block, and before any close()."
)
NEVER_AWAITED = (
    "A call of an `async def` function only makes a coroutine. Inside another such function, `await` runs it; "
    "at the end of a script, `asyncio.run(main())`."
)
ARGUMENTS = (
    "It did not get the arguments that it expects. Pass them after its name, "
    'as in launch("server.py", "--port", 8000) or %%server my_server --port 8000.'
)
CLIENT = (
    "It connects to a server, as a client does, and never listens. A server calls bind(), listen() and accept(); "
    "a client runs in a cell of its own (%%program), while its server runs."
)


SOURCE = 4  # lines before an error: a call and its markers, and a call inside os.environ
MISTAKES = (  # patterns found in an error and the lines before it, which show the call
    (
        r"\nSyntaxError: .*('await' outside|outside (of )?(an )?async)",
        "A notebook's cell may `await` at its top; a server is a program of its own, where that is not allowed. "
        "Put it into `async def main():` and end with `asyncio.run(main())`.",
    ),
    (
        r"SyntaxError: (?:Missing parentheses in call to '(?:print|exec)'|multiple exception types must be)"
        r"|NameError: name '(?:raw_input|unicode|xrange|basestring)'|'dict' object has no attribute '(?:has_key|iteritems)'",
        "This is written for Python 2. Today print is a function, raw_input() is input(), modules have other names (socketserver, queue, "
        "http.server), and what a socket takes and gives is bytes: sendall(b'hello').",
    ),
    (
        r"SyntaxError: Non-UTF-8 code",
        "Save the file as UTF-8 (each editor can), or name its encoding in its first line: # coding: gbk",
    ),
    (
        r"ImportError: attempted relative import with no known parent package",
        "A file that runs as a script belongs to no package. Leave out the dot: a script imports its neighbours by name.",
    ),
    (r"\bargv\b.*\n(?: *[~^]+ *\n)?(?:IndexError: list index|ValueError: not enough values)", ARGUMENTS),
    (
        r"\benviron\[(.*\n)+KeyError: ",
        "No environment variable has that name. Set it first, in a cell: %env PORT=8000",
    ),
    (
        r"TypeError: .*\b(?:(?:bind|connect)\(\)(?: takes exactly one|: AF_INET6? address must be tuple)|create_server\(\) takes 1 )",
        "An address is one argument, a pair in parentheses of its own: bind((host, port)).",
    ),
    (
        r"\b(?:bind|connect)\(.*\n(?: *[~^]+ *\n)?TypeError: 'str' object cannot be interpreted as an integer",
        "A port is a number, and what comes from a command line, from the environment, or from input() is text: int(port).",
    ),
    (
        r"\bbind\(.*\n(?: *[~^]+ *\n)?(?:socket\.)?gaierror: |(?:not known|not supported) \(while attempting to bind",
        "A server's host is an address of its own machine: '127.0.0.1', with no http://, port, or space in it. '::1' needs AF_INET6.",
    ),
    (
        r"\bsocket\(.*\n(?: *[~^]+ *\n)?(?:TypeError: 'module' object is not callable|AttributeError: type object 'socket')",
        "`import socket` gives the module; the class in it is socket.socket. `from socket import socket` gives the class alone.",
    ),
    (
        r"\b_?(?:listen|accept)\(.*\n(?: *[~^]+ *\n)?OSError: \[Errno %d\]" % errno.EOPNOTSUPP,
        "listen() and accept() are TCP's. A socket of SOCK_DGRAM (UDP) needs neither: loop around recvfrom().",
    ),
    (
        r"\b_?(?:accept|recv|recvfrom)\(.*\n(?: *[~^]+ *\n)?BlockingIOError: ",
        "This socket does not wait: setblocking(False), or a timeout of 0. Leave that out, or let select() or a selector wait first.",
    ),
    (r"ValueError: a coroutine was expected, got <function", NEVER_AWAITED),
    (
        r"RuntimeError: (?:asyncio\.run\(\) cannot be called from a running event loop|This event loop is already running)",
        "asyncio.run() starts an event loop, and here one is running already: a coroutine that it runs says `await main()`.",
    ),
    (
        r"_curses\.error: |termios\.error: \(%d, |OSError: \[Errno %d\]" % (errno.ENOTTY, errno.ENOTTY),
        "It wants a terminal, to draw on or to read keys from. Here its output goes into a log, and it gets no input: "
        "leave the terminal out, or run that part in a terminal.",
    ),
    (
        r"MemoryError|\[Errno %d\]|failed to map segment|can't start new thread" % errno.ENOMEM,
        "Does it limit its own memory (RLIMIT_AS, ulimit -v)? Being watched takes 280 MB of address space, which counts there "
        "although hardly any of it becomes memory: make the limit 300 MB higher.",
    ),
    (
        r"AttributeError: .*'(?:Windows\w+|ProactorEventLoop|CTRL_\w+|SIGBREAK|SIO_\w+|SO_EXCLUSIVEADDRUSE|startfile)'",
        "Python has this name on Windows only. Leave that line out, or put it behind: if sys.platform == 'win32':",
    ),
    (
        r"RuntimeError: There is no current event loop|AttributeError: module 'asyncio' has no attribute 'coroutine'",
        "This is written for an older asyncio. Today the loop is made by asyncio.run(main()), and what it runs by `async def`.",
    ),
    (
        r"AttributeError: module 'ssl' has no attribute 'wrap_socket'",
        "Since Python 3.12 only a context does that: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), then its load_cert_chain(), and "
        "its wrap_socket(..., server_side=True).",
    ),
)
FORMER_MODULES = {  # modules of Python 2 and of Python 3.11, with their replacements
    "BaseHTTPServer": "http.server",
    "Queue": "queue",
    "SimpleHTTPServer": "http.server",
    "SimpleXMLRPCServer": "xmlrpc.server",
    "SocketServer": "socketserver",
    "thread": "threading",
    "urllib2": "urllib.request",
    "asyncore": "asyncio",
    "asynchat": "asyncio",
    "smtpd": "aiosmtpd, a package,",
}


def last_bind(events):
    """Return (host, port, error) of the last bind() or listen(): an earlier failure that the script got past is no cause.

    error: a name such as EACCES, or "" if it succeeded. A Unix socket has neither host nor port.
    """
    detail = next((event.detail for event in reversed(events) if event.kind in ("bind", "listen")), "")
    address, _, error = detail.rpartition(" ")
    if error not in errno.errorcode.values():
        return "", None, ""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port) if port else None, error


def last_listener(events):
    """Return the address of the last listener on a port, or None."""
    return next((event.detail for event in reversed(events) if event.kind == "listen" and ":" in event.detail), None)


def is_client(events):
    asks = any(event.kind == "connect" or event.kind == "send" and event.peer for event in events)
    return asks and not any(event.kind in ("bind", "listen") for event in events)


def left_a_daemon(name, pids):
    """Return what to say about a script that ended and left processes behind before any of them listened."""
    return (
        f"{name} ended and left a process behind (PID {', '.join(map(str, pids))}): it makes itself a daemon, or does not wait for a "
        "program that it has started. What it left behind has been ended too. "
        "Here a server has to stay in the foreground: leave out its fork() and setsid(), and wait for its programs."
    )


def ending(exit_status):
    """Return in words how a process ended."""
    if exit_status < 0:
        try:
            return f"ended by signal {signal.Signals(-exit_status).name}"
        except ValueError:
            return f"ended by signal {-exit_status}"
    return f"exited with code {exit_status}"


def port_in_use(port, events):
    """Return in words which process has this port, as far as that is visible."""
    if any(event.kind == "bind" and event.detail.removesuffix("/udp").endswith(f":{port}") for event in events):
        return f"port {port} is in use by this script itself, which has bound it before. Bind it once."
    if holder := holder_of(port):
        return f"port {port} is in use by PID {holder} ({readable_command(holder)}); stop it or choose another port."
    client = f" Or a client has it: the system assigns ports from {CLIENTS} on to clients." if port >= CLIENTS else ""
    return (
        f"port {port} is in use, though no server listens there now: connections of a server that ended a moment ago are "
        f"still in TIME_WAIT (up to 60 s). To bind anyway, both that server and this script must have set SO_REUSEADDR.{client} "
        f"Wait, or choose another port{f' below {CLIENTS}' if client else ''}."
    )


def holder_of(port):
    """Return the PID of a process that listens (TCP) or is bound (UDP) at this port, or None. Sees what this user may see."""

    def holds(connections):
        return any(address[1] == port for _, address in listening.bound(connections))

    with contextlib.suppress(psutil.AccessDenied):  # on macOS only root may list all at once
        if not holds(psutil.net_connections(kind="inet")):
            return None  # so skip asking each process, which takes seconds if there are many connections
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if holds(process.net_connections(kind="inet")):
                return process.pid
    return None


def readable_command(pid):
    """Return a process's command, shortened for a message."""
    try:
        command = psutil.Process(pid).cmdline()
    except psutil.Error:
        return "?"
    text = " ".join([os.path.basename(command[0]), *command[1:]]) if command else "?"
    return text if len(text) <= 80 else text[:77] + "..."


def indented(log):
    """Return the last lines of the log, indented, set off from the sentence before them."""
    lines = log.rstrip().splitlines()[-25:]
    return "\n\n" + "\n".join("    " + line for line in lines) if lines else ""
