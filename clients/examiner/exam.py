"""One examination: a server, the requirements in turn, and a report."""

import contextlib
import re
import time
from pathlib import Path

from clients.examiner import peers
from clients.examiner.report import GATE, MET, NOT_ASKED, NOT_MET, Finding, Report
from clients.examiner.requirements import NotAsked, NotMet
from servers.runtime import LaunchError, Server

PATIENCE = 8  # seconds without anything happening, after which nothing more is expected
ENDING = 0.3  # seconds in which a server that has just failed its client may come to its own end

# The last line of a traceback; but that its peer broke off is the examiner's doing, who leaves when a requirement is not met.
ERROR = re.compile(r"(?!ConnectionResetError|BrokenPipeError)[\w.]*(Error|Exception)(:|$)")


def examine(server, requirements=None, *, clients=10, patience=PATIENCE, answer=lambda line: line):
    """Examine a Server, or whatever listens at an address like ("127.0.0.1", 6666); return the Report.

    requirements   which; without it, all that a server of its kind (TCP, UDP) has to meet
    clients        how many are connected at once
    patience       seconds to wait for what does not come
    answer         what the server is to answer to a line, both as bytes: the same line, unless you say otherwise

    A server that fails a requirement is started anew before the next one, so that one mistake is one finding. It blocks
    until it is done; in a notebook that has to do other things meanwhile: `await asyncio.to_thread(examine, server)`.
    """
    return Exam(server, requirements, clients, patience, answer).run()


class Exam:
    """What a requirement gets in its hands: the server, and clients to send there."""

    def __init__(self, server, requirements=None, clients=10, patience=PATIENCE, answer=lambda line: line, concurrent=False):
        self.server = server if isinstance(server, Server) else None
        if self.server is None and not isinstance(server, tuple):
            raise TypeError(f"{server!r} is neither a Server nor an address. Run the cell that starts the server first.")
        self._address = None if self.server else server
        self.kind = self.server.kind if self.server else "tcp"
        self.clients, self.patience, self.answer = clients, patience, answer
        self.requirements = requirements or usual(self.kind)
        self.concurrent = concurrent  # False until it has been shown
        title = self.server.name if self.server else "{}:{}".format(*server)
        self.report = Report(f"Examination of {title}")

    @property
    def address(self):
        return self._address or self.server.address

    def run(self):
        for number, one in enumerate(self.requirements):
            self.report.findings.append(self.ask_for(one))
            if number == 0 and self.report.failed:
                self.report.findings += [Finding(other, NOT_ASKED, why=GATE) for other in self.requirements[1:]]
                break
        return self.report

    def ask_for(self, one):
        """The Finding about one requirement."""
        try:
            self.revive()
            one.examine(self)
        except NotAsked as reason:
            return Finding(one, NOT_ASKED, why=str(reason))
        except NotMet as problem:
            said = own_words(self.server) if self.server else ""
            self.start_anew()
            return Finding(one, NOT_MET, problem, said)
        return Finding(one, MET)

    def revive(self):
        """See to it that the server runs. Raises NotAsked when it does not."""
        if self.server and not self.server.running:
            self.start_anew()
            if not self.server.running:
                raise NotAsked("the server does not run, and could not be started again")

    def start_anew(self):
        """A mistake may have left it in a state in which nothing works any more."""
        if self.server:
            with contextlib.suppress(LaunchError):
                self.server.restart()

    # ------------------------------------------------------------ what requirements are made of

    def visit(self, name="a client", narrow=False):
        """A new client, connected: `with exam.visit() as ann`. For a narrow one, buffers hold little that it does not read."""
        kind = peers.TcpPeer if self.kind == "tcp" else peers.UdpPeer
        return kind(self.address, self.patience, name, self.busy, narrow)

    def hello(self, peer, word=b"hello", mistake=""):
        """Ask the plainest question, and compare the answer."""
        peer.ask(word, self.answer(word), mistake)

    def until(self, condition, seconds=None):
        """Wait until condition() is true; False when it does not become true in time."""
        deadline = time.monotonic() + (seconds or self.patience)
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)  # to look at all processes is work, and the server needs the machine
        return True

    def let_arrive(self, peer, size):
        """Wait until the server has received that many bytes from this client: what is sent then, comes as a piece of its own."""
        if self.server is None or not self.server.watch:
            return time.sleep(0.2)

        def arrived():
            events = self.server.events()
            return sum(one.bytes for one in events if one.kind == "receive" and one.peer == peer.local and one.end) >= size

        self.until(arrived, 1)

    def busy(self):
        """Does a thread of the server compute, or wait for its turn to? Linux tells (proc(5), /proc/pid/task/tid/stat)."""
        stats = [path for one in (self.family() if self.server else []) for path in Path(f"/proc/{one.pid}/task").glob("*/stat")]
        for path in stats:
            with contextlib.suppress(OSError):  # gone meanwhile
                if path.read_bytes().rpartition(b")")[2].split()[0] == b"R":
                    return True
        return False

    def family(self):
        """The server's processes, as psutil knows them. Raises NotAsked for a server that is only an address."""
        if self.server is None:
            raise NotAsked("over the wire alone its processes cannot be seen")
        return self.server.members()


def usual(kind):
    """What a server of this kind has to meet."""
    from clients.examiner import datagrams, lines, processes

    return [*(lines.REQUIREMENTS if kind == "tcp" else datagrams.REQUIREMENTS), *processes.REQUIREMENTS]


def own_words(server):
    """What a server that failed says itself: how it ended, and its last error."""
    deadline = time.monotonic() + ENDING
    while server.running and time.monotonic() < deadline:
        time.sleep(0.01)
    said = [] if server.running else [f"Your server has {server.state}."]
    lines = server.log.splitlines()
    errors = [line for line in lines if ERROR.match(line)]
    if errors:
        where = [line.strip() for line in lines if line.startswith(f'  File "%%server {server.name}"')]
        said.append(f"Its last error: {errors[-1]}" + (f" ({where[-1].split(', ')[1]} of the cell)" if where else ""))
    return "\n".join(said)
