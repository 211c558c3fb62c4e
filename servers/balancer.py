"""A load balancer 负载均衡器: one address in front of many servers. A real one, HAProxy, on a configuration that is written here.

What is new   not a server for the lines, but one that passes them on: for each client it opens a connection of its own to one of
              its servers. This file writes HAProxy's configuration, hands it a listener, and becomes HAProxy (exec)
It buys       more hosts than one behind one address; a server that is down is found by health checks 健康检查, and gets no clients
It costs      a second connection for each client; the servers see the balancer as their peer; and it is itself one host
Break it      kill a server while clients talk with it; switch the health checks off (--check 0 --retries 0); kill the balancer

    python -m servers.balancer one=127.0.0.1:4001 two=127.0.0.1:4002 --balance leastconn

HAProxy's configuration manual: https://docs.haproxy.org/2.6/configuration.html
"""

import contextlib
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile

from servers import app

PLACES = "/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin"  # not on the PATH of every user
MISSING = """\
This machine has no HAProxy, which is the balancer. To install it, say in a terminal:
    sudo apt install haproxy     (Debian, Ubuntu, WSL2)
    brew install haproxy         (macOS)
It is somewhere else? Set the environment variable HAPROXY to its path."""

CONFIGURATION = """\
global
    nbthread 1
    maxconn 1000
    stats socket {control} level {level}
defaults
    mode tcp
    timeout connect 1s
    timeout client 5m
    timeout server 5m
frontend front
    bind {front}
    log stdout format raw local0
    log-format "a client of %s: %U bytes to it, %B from it, ended %ts"
    default_backend cluster
backend cluster
    balance {balance}
    retries {retries}
{lines}
"""


def haproxy():
    """The path of HAProxy's program, or None where there is none."""
    wanted = os.environ.get("HAPROXY", "haproxy")
    return shutil.which(wanted) or shutil.which(wanted, path=os.pathsep.join(PLACES))


def configuration(options, front, control):
    """The text of HAProxy's configuration. `front` and `control`: where it listens, as "127.0.0.1:6666", or inherits: "fd@3"."""
    lines = []
    if options.retries:
        lines.append("option redispatch 1")  # try again at another server, not at the same
    for backend in options.backends:
        name, _, address = backend.rpartition("=")
        line = f"server {name or address} {address}"
        if options.check:
            line += f" check inter {options.check}ms fall 2 rise 2"  # two checks in a row decide
        if options.hang_up:
            line += " on-marked-down shutdown-sessions"
        lines.append(line)
    lines = "\n".join(f"    {line}" for line in lines)
    return CONFIGURATION.format(
        front=front,
        control=control,
        level=options.level,
        balance=options.balance,
        retries=options.retries,
        lines=lines,
    )


@contextlib.contextmanager
def file_of(text):
    """A file that holds the text, is inherited, and has no name: nothing to clean up. Yields its path, for who inherits it."""
    with tempfile.TemporaryFile("w+") as file:
        file.write(text)
        file.seek(0)
        os.set_inheritable(file.fileno(), True)
        yield f"/dev/fd/{file.fileno()}"


def examine(program, options):
    """Let HAProxy look at the configuration, before anybody listens; end with its own words when it does not like it."""
    text = configuration(options, "127.0.0.1:6666", "127.0.0.1:6667")
    with file_of(text) as path:
        looked = subprocess.run([program, "-c", "-f", path], close_fds=False, capture_output=True, text=True)
    if looked.returncode:
        sys.exit(f"{looked.stderr}This was the configuration:\n{text}")


def become_haproxy(program, options):
    """Listen, and replace this process by HAProxy, which goes on with the listeners. Does not return."""
    front = app.tcp_listener(options)
    control = socket.create_server(("127.0.0.1", 0))  # where it tells about its servers, to whoever asks on this machine
    for listener in front, control:
        listener.set_inheritable(True)
    app.announce(front)
    with file_of(configuration(options, f"fd@{front.fileno()}", f"fd@{control.fileno()}")) as path:
        command = [*shlex.split(options.under), program, "-db", "-f", path]
        os.execvp(command[0], command)


def options_of(arguments=None):
    """The options on the command line, or in a list of words."""
    parser = app.arguments(__doc__)
    parser.add_argument("backends", nargs="+", metavar="NAME=HOST:PORT", help="its servers")
    parser.add_argument("--balance", default="roundrobin", help="who gets the next client: roundrobin, leastconn, source")
    parser.add_argument("--check", type=int, default=500, help="milliseconds between two health checks (500; 0: none)")
    parser.add_argument("--retries", type=int, default=3, help="a server does not answer: how often to try another (3)")
    parser.add_argument("--hang-up", action="store_true", help="a server is found down: close the connections of its clients")
    parser.add_argument("--level", default="user", help="what its second port allows: user (to look), admin (to command, too)")
    parser.add_argument("--under", default="", help="a command to run HAProxy under, which takes it to another network")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    options = options_of()
    program = haproxy() or sys.exit(MISSING)
    examine(program, options)
    become_haproxy(program, options)
