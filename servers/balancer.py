"""A load balancer 负载均衡器: one address in front of many servers, run by HAProxy.

What is new   it does not answer the lines but forwards them: for each client it opens another
              connection to one of its servers. This file fills in HAProxy's configuration
              (haproxy.cfg), hands it a listener, and becomes HAProxy (exec)
It buys       several hosts behind one address; health checks 健康检查 find a server that is down,
              which then gets no clients
It costs      a second connection per client; the servers see the balancer as their peer; and the
              balancer is itself a single host
Break it      kill a server while clients talk to it; turn the health checks off (--check 0
              --retries 0); kill the balancer

    python -m servers.balancer one=127.0.0.1:4001 two=127.0.0.1:4002 --balance leastconn

HAProxy's configuration manual: https://docs.haproxy.org/2.6/configuration.html
"""

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from servers import control, main, sockets

# Not on every user's PATH:
PLACES = "/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin"
MISSING = """\
This machine has no HAProxy, which is the balancer. To install it, type in a terminal:
    sudo apt install haproxy     (Debian, Ubuntu, WSL2)
    brew install haproxy         (macOS)
If it is installed elsewhere, set the environment variable HAPROXY to its path."""

CONFIGURATION = Path(__file__).with_name("haproxy.cfg").read_text()


def haproxy():
    """Return the path of the HAProxy program, or None if there is none."""
    wanted = os.environ.get("HAPROXY", "haproxy")
    return shutil.which(wanted) or shutil.which(wanted, path=os.pathsep.join(PLACES))


def configuration(options, front, control):
    """Return the text of HAProxy's configuration.

    `front` and `control` are where it listens: "127.0.0.1:6666", or "fd@3" if inherited.
    """
    lines = list(options.line)
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
    """Yield a path to an inheritable file that holds the text and has no name to clean up."""
    with tempfile.TemporaryFile("w+") as file:
        file.write(text)
        file.seek(0)
        os.set_inheritable(file.fileno(), True)
        yield f"/dev/fd/{file.fileno()}"


def examine(program, options):
    """Let HAProxy check the configuration before we listen. Exit with its message if it fails."""
    text = configuration(options, "127.0.0.1:6666", "127.0.0.1:6667")
    with file_of(text) as path:
        command = [program, "-c", "-f", path]
        looked = subprocess.run(command, close_fds=False, capture_output=True, text=True)
    if looked.returncode:
        sys.exit(f"{looked.stderr}This was the configuration:\n{text}")


def become_haproxy(program, options):
    """Listen, then turn this process into HAProxy, which inherits the listeners. Never return."""
    commands = control.listener()  # reports on its servers, to this user alone
    front = sockets.tcp_listener(options)
    for listener in front, commands:
        listener.set_inheritable(True)
    main.announce(front)
    listeners = f"fd@{front.fileno()}", f"fd@{commands.fileno()}"
    with file_of(configuration(options, *listeners)) as path:
        command = [*shlex.split(options.under), program, "-db", "-f", path]
        os.execvp(command[0], command)


def serve(options):
    program = haproxy() or sys.exit(MISSING)
    examine(program, options)
    become_haproxy(program, options)


parser = main.parser(__doc__)
add = parser.add_argument
add("backends", nargs="+", metavar="NAME=HOST:PORT", help="its servers")
add("--balance", default="roundrobin", help="how to pick a server: roundrobin, leastconn, source")
add("--check", type=int, default=500, help="milliseconds between health checks (500; 0: none)")
add("--retries", type=int, default=3, help="how often to try another server (3)")
add("--hang-up", action="store_true", help="close clients' connections to a server that is down")
add("--line", action="append", default=[], help="one more line for the backend; repeatable")
add("--level", default="user", help="what its control socket allows: user (read), admin (all)")
add("--under", default="", help="a command to run HAProxy under, in another network")

if __name__ == "__main__":
    main.run(serve, parser)
