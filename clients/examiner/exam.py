"""One examination: a server, the requirements in turn, and a report."""

import contextlib
import os
import signal
import socket
import sys
import time
from pathlib import Path

import psutil

from clients.examiner import diagnosis, peers, unserved
from clients.examiner.report import GATE, GATES, MET, NOT_ASKED, NOT_MET, Finding, Report
from clients.examiner.requirements import UNKNOWN, NotAsked, NotMet
from clients.examiner.waiting import AT_REST, RUNNABLE, Waiting, is_ending, threads_of
from clients.tcp import family_of
from servers.runtime import LaunchError, Server, listening, process_tree

HERE = Path(__file__).parent
TIMEOUT = 8  # seconds without any event, after which nothing more is expected
UNDISTURBED = 4  # seconds without a thread of the server running: longer than AT_REST, since a timer of the server may clean up
SETTLING = 1  # seconds for the server to finish its work after clients have left
LATER = 3  # the timeout after a first one in vain, for a server that is only an address: its activity cannot be seen
MANY, LESS = 3, 0.7  # after so many failed requirements, or once nothing came, so many seconds at rest are enough
REFUSING = 0.3  # seconds within which a port without a listener surely refuses a client
STOPPING = 5  # seconds to wait until all processes have stopped after SIGSTOP
STOPPED = b"T", b"t", *process_tree.ENDED  # states of a thread that is stopped or has ended, proc(5)
ENDING = 0.2  # seconds at rest after which a server without a listener is not about to end
GLANCE = 0.01  # seconds between two looks at whether the server rests, and before a condition is checked again
LOOK = 0.05  # seconds between later checks: checking is work, and the server needs the machine


def examine(server, requirements=None, *, clients=10, timeout=TIMEOUT, answer=lambda line: line, kind="tcp"):
    """Examine a Server, or whatever listens at an address like ("127.0.0.1", 6666); return the Report.

    requirements   the requirements to test; default: all for a server of its kind (TCP, UDP)
    clients        how many clients are connected at once
    timeout        seconds to wait for an answer that does not come; less if the server is seen to be waiting, too
    answer         a function that returns the expected answer to a line, both as bytes; default: the same line
    kind           "tcp" or "udp", if the server is only an address

    A server that fails a requirement is restarted before the next one, so that one mistake gives one finding. This function
    blocks until the end; to keep a notebook responsive meanwhile: `await asyncio.to_thread(examine, server)`.
    """
    return Exam(server, requirements, clients, timeout, answer, kind=kind).run()


class Exam:
    """The argument of each requirement: the server, and clients for it."""

    def __init__(
        self, server, requirements=None, clients=10, timeout=TIMEOUT, answer=lambda line: line, concurrent=False, kind="tcp"
    ):
        self.server = server if isinstance(server, Server) else None
        if self.server is None and not isinstance(server, tuple):
            raise TypeError(f"{server!r} is neither a Server nor an address. Run the cell that starts the server first.")
        self._address, self._last = None if self.server else server, None
        self.kind = self.server.kind if self.server else kind
        self.clients, self.timeout, self.answer = clients, timeout, answer
        self.requirements = requirements or usual(self.kind)
        self.concurrent = concurrent  # False until proven
        self.restless = False  # whether the server computes although no client asks; None: "left alone" has examined that
        self.slow = False  # whether it receives a few bytes at a time: then later requirements send less
        self.shown = set()  # names of requirements that an earlier one has shown to be met
        self.peers = []  # the clients of the current requirement
        self._log_read = 0  # the length of the log before the current requirement
        title = self.server.name if self.server else "{}:{}".format(*server)
        self.report = Report(f"Examination of {title}")

    @property
    def address(self):
        if self.server and self.server.address:
            self._last = self.server.address
        return self._address or self._last  # a server that has ended keeps its last address

    def run(self):
        left = list(self.requirements)
        while left and not (why := self.no_further()):
            self.report.findings.append(self.asked_early(left) or self.ask_for(left.pop(0)))
        if not left:
            self.revive()
        self.report.findings += [Finding(other, NOT_ASKED, why=why) for other in left]
        return self.report

    def asked_early(self, left):
        """Ask "left alone" early if the server computes on and on, since that would distort all others; return the Finding if it fails."""
        alone = next((requirement for requirement in left if requirement.name == "left alone"), None)
        if not (self.restless and alone):
            return None
        finding = self.ask_for(alone)
        self.restless = None  # if it is met, it is asked again in its turn, with a silent client
        if finding.problem:
            left.remove(alone)
            return finding

    def no_further(self):
        """Restart a server that has ended; return why further answers would mean nothing, or "" to continue."""
        self.revive()
        *before, last = self.report.findings or [None]
        if not last or not last.problem:
            return ""
        if sum(finding.diagnosis in diagnosis.ENDS_BY_ITSELF for finding in self.report.findings) > 1:
            return GATES["ended twice"]
        return GATES.get(last.requirement.name) or (GATES.get(last.problem.kind, "") if before else GATE)

    def ask_for(self, requirement):
        """Return the Finding about one requirement."""
        if requirement.name in self.shown:
            return Finding(requirement, MET)
        self.peers.clear()
        try:
            if self.server and not self.server.running:
                raise NotAsked("the server does not run, and could not be started again")
            self._log_read = len(self.server.log) if self.server else 0
            requirement.examine(self)
            self.runs_on()
        except NotAsked as reason:
            return Finding(requirement, NOT_ASKED, why=str(reason))
        except (ProcessLookupError, psutil.NoSuchProcess):  # the server ended during a check
            return self.not_met(requirement, NotMet(requirement.sentence, "a server that runs on", "its end"))
        except NotMet as problem:
            return self.not_met(requirement, problem)
        return Finding(requirement, MET)

    def not_met(self, requirement, problem):
        """Return the Finding, with the server's own output and what the evidence means; restart the server."""
        said = diagnosis.Statement()
        if self.server and problem.kind != "told to end":
            said = diagnosis.statement(self.server, self._log_read, problem.at_rest)
            if problem.kind in ("end", "reset") and said.diagnosis == UNKNOWN:
                said = said._replace(diagnosis=diagnosis.who_closed(self.server))
        if self.server is None and problem.kind == "nothing":
            self.timeout = min(self.timeout, LATER)
        if self.nobody_listens() and (self.server is None or problem.kind not in requirement.when):
            problem.kind = "nobody listens"
            meaning = diagnosis.LISTENS_NO_MORE if self.server else diagnosis.NOBODY_LISTENS
            words = said.words if self.server else "A client that comes now is refused."
            said = diagnosis.Statement(words, said.diagnosis.or_else(UNKNOWN if problem.kind in requirement.when else meaning))
            problem.diagnosis = UNKNOWN  # it was meant for a server that still listens
        known = [found for finding in self.report.findings if (found := finding.diagnosis) in unserved.SERVES_NO_MORE]
        if known and problem.diagnosis in unserved.SERVES_NO_MORE:  # the same mistake shows again
            problem.diagnosis = known[0]
        if known and said.diagnosis in unserved.SERVES_NO_MORE:
            said = said._replace(diagnosis=known[0])
        if problem.kind == "other" and (found := self.answered_so(problem)):
            problem.diagnosis = found
        self.start_anew()
        usual_then = diagnosis.told_of(self.kind, requirement.when.get(problem.kind, UNKNOWN))
        problem.diagnosis = diagnosis.best(said.diagnosis, problem.diagnosis, usual_then, requirement.usual)
        if problem.diagnosis.mistake in (diagnosis.ONE_CONNECTION.mistake, unserved.ANSWERS_THE_GONE.mistake):
            problem.kind = "foreign"  # even if we did not see the answer arrive at another client
        return Finding(requirement, NOT_MET, problem, said.words)

    def nobody_listens(self):
        """Return whether a running server no longer listens; for an address, whether a port that has answered now refuses."""
        if self.server:
            if self.kind != "tcp" or listening.is_open(self.server.pid, "tcp", self.address[1]):
                return False
            # A process that ends closes its descriptors first, and it takes a moment until we know of its end.
            return not self.until(lambda: process_tree.has_ended(self.server.pid) or not self.server.running, 1, ENDING)
        if not self.report.met:
            return False
        with socket.socket(family_of(self.address), socket.SOCK_STREAM if self.kind == "tcp" else socket.SOCK_DGRAM) as probe:
            probe.settimeout(REFUSING)
            try:
                probe.connect(self.address)
                if self.kind == "udp":  # the ICMP error comes back at once, and the next call raises it
                    probe.send(b"hello\n")
                    probe.recv(1)
            except ConnectionRefusedError:
                return True
            except OSError:  # no answer in time, or the queue is full
                return False
        return False

    def meant(self, *requirements):
        """Return the Diagnosis of these earlier requirements, whose mistake shows again; None if they were met."""
        found = [finding for finding in self.report.findings if finding.requirement in requirements and finding.problem]
        return found[0].diagnosis if found else None

    def answered_so(self, problem):
        """Return the earlier Diagnosis if the same wrong answer came before in place of the same line: it is the same mistake."""
        for finding in self.report.findings:
            if (was := finding.problem) and was.kind == "other" and (was.expected, was.came) == (problem.expected, problem.came):
                return finding.diagnosis
        return None

    def revive(self):
        """Make sure that the server runs and listens; if it no longer does, it has failed the last requirement."""
        if self.server:
            with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):  # the server ends during a check
                rests = self.until(self.rests, SETTLING)  # the last clients may have caused an error that still ends it
                self.restless = None if self.restless is None else not rests
        if not self.server or self.server.running and not self.nobody_listens():
            return
        last = self.report.findings[-1] if self.report.findings else None
        if last and last.verdict == MET:
            self.report.findings[-1] = self.not_met(last.requirement, self.ended())
        else:
            self.start_anew()

    def runs_on(self):
        """Raise NotMet if the server has ended."""
        if self.server and not self.server.running:
            raise self.ended()

    def ended(self):
        what = "all that this requirement asks"
        if self.server.running:
            return NotMet(what, "a server that goes on listening", "nobody at its port, a moment later")
        return NotMet(what, "a server that runs on", "its end, a moment later", kind="ended")

    def start_anew(self):
        """Restart the server: a mistake may have left it in a state in which nothing works."""
        if self.server:
            with contextlib.suppress(LaunchError):
                self.server.restart()

    # ------------------------------------------------------------ building blocks for requirements

    def visit(self, name="a client", narrow=False):
        """Connect a new client: `with exam.visit() as ann`. `narrow` makes the buffers small, for a client that does not read."""
        kind = peers.TcpPeer if self.kind == "tcp" else peers.UdpPeer
        peer = kind(self, name, narrow)
        self.peers.append(peer)
        return peer

    def hello(self, peer, word=b"hello", mistake=""):
        """Ask the simplest question, and compare the answer."""
        peer.ask(word, self.answer(word), mistake)

    @property
    def at_rest(self):
        """Seconds of inactivity of the server after which no answer is expected: fewer once it has left a line unanswered."""
        silent = any(finding.problem and finding.problem.kind == "nothing" for finding in self.report.findings)
        return LESS if silent or len(self.report.failed) >= MANY else AT_REST

    def until(self, condition, seconds=None, at_rest=UNDISTURBED):
        """Wait until condition() is true; return False if it is not in time, or before the server has rested for `at_rest` seconds."""
        waiting, pause = Waiting(self.server, seconds or self.timeout, at_rest), GLANCE
        while not condition():
            if waiting.is_over:
                return condition()
            time.sleep(pause)
            pause = min(2 * pause, LOOK)
        return True

    def let_arrive(self, peer, size):
        """Wait until the server has received that many bytes from this client, so that the next ones arrive as a separate piece."""
        if not self.shows_calls:
            return time.sleep(0.2)
        self.until(lambda: self.received(peer) >= size, at_rest=0.3)

    def received(self, peer):
        """Return how many bytes the server has received from this client, judged by its calls."""
        if self.server:
            self.server.sync()
            events, peer.seen = self.server.events_since(peer.seen)
            peer.received += sum(
                event.bytes for event in events if event.kind == "receive" and event.peer == peer.local and event.end
            )
        return peer.received

    def reads_no_more(self, peer, seconds):
        """Wait until the server rests; return True if it does, or if it computes without reading from this client."""
        calls, before = self.shows_calls, self.received(peer)
        rests = self.until(self.rests, seconds)
        return rests or calls and self.received(peer) == before

    @property
    def shows_calls(self):
        """Whether the server's calls can be seen: we launched it, and it is watched."""
        return self.server is not None and self.server.watch and self.server.watchable

    @property
    def new_log(self):
        """What the server has printed since the current requirement began."""
        return self.server.log[self._log_read :]

    def own_error(self):
        """Return the Diagnosis of the last error printed since the current requirement began; UNKNOWN if there is none."""
        if self.server is None:
            return UNKNOWN
        return diagnosis.statement(self.server, self._log_read, len(self.server.log)).diagnosis

    def failed_in_the_log(self):
        """Return whether the server has ever printed an uncaught error."""
        return bool(self.server and diagnosis.last_traceback(self.server.log, with_its_peers=True))

    def events_so_far(self):
        """Return the number of events recorded so far, the position for events_since()."""
        return self.server.events_since(sys.maxsize)[1] if self.server else 0

    def busy(self):
        """Return whether a thread of the server is running, runnable or ending (Linux: /proc/pid/task/tid/stat, proc(5))."""
        if self.server is None:
            return False
        return any(fields[0] in RUNNABLE for fields in threads_of(self.server)) or is_ending(self.server)

    def rests(self):
        """Return whether two looks find no thread at work: in one alone, all may be waiting for the GIL as it changes hands."""
        if self.busy():
            return False
        time.sleep(GLANCE)
        return not self.busy()

    def cpu(self):
        """Return the CPU seconds that the server's processes have used; 0 if they cannot be seen."""
        used = 0
        for process in self.server.members() if self.server else ():
            with contextlib.suppress(psutil.Error):  # gone meanwhile
                times = process.cpu_times()
                used += times.user + times.system
        return used

    def stopped(self):
        """Return a context manager that stops the server's processes; it stops nothing if the server is only an address."""
        return stopped(self.server.members() if self.server else [])

    def family(self):
        """Return the server's processes as psutil objects. Raise NotAsked if the server is only an address."""
        if self.server is None:
            raise NotAsked("over the wire alone its processes cannot be seen")
        return self.server.members()


def start_with(server, folder, **variables):
    """Restart a Server once so that Python first runs the sitecustomize.py of this folder, which lies beside this file."""
    path = os.pathsep.join(filter(None, [str(HERE / folder), os.environ.get("PYTHONPATH")]))
    server.environment = {**os.environ, **variables, "PYTHONPATH": path}
    try:
        server.restart()
    finally:
        server.environment = None


@contextlib.contextmanager
def stopped(processes):
    """Stop these processes inside the `with` block (SIGSTOP, SIGCONT: signal(7))."""
    try:
        tell(processes, signal.SIGSTOP)
        end = time.monotonic() + STOPPING
        while any(map(goes_on, processes)) and time.monotonic() < end:
            time.sleep(0.001)
        yield
    finally:
        tell(processes, signal.SIGCONT)


def goes_on(process):
    """Return whether a thread of this process has not stopped yet: one gets the signal, and stops the others when it is scheduled."""
    with contextlib.suppress(OSError):  # gone meanwhile
        return any(fields[0] not in STOPPED for fields in process_tree.threads(process.pid))
    return False


def tell(processes, what):
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, what)


def usual(kind):
    """Return the requirements for a server of this kind."""
    from clients.examiner import requirements_processes, requirements_tcp, requirements_udp

    first, last = (requirements_tcp.FIRST, requirements_tcp.LAST) if kind == "tcp" else (requirements_udp.REQUIREMENTS, [])
    return [*first, requirements_processes.left_alone, *last, *requirements_processes.requirements(kind)]


def own_words(server):
    """Return the last output of a server that failed: how it ended, and its last error."""
    return diagnosis.statement(server).words
