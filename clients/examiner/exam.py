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
TIMEOUT = 8  # seconds without anything happening, after which nothing more is expected
UNDISTURBED = 4  # seconds in which no thread of the server has run, where a timer of the server may still clean up
SETTLING = 1  # seconds, at most, for what is still to be done when clients have left
LATER = 3  # seconds to wait when that has been in vain once: at an address, where what the server does meanwhile is not seen
MANY, LESS = 3, 0.7  # requirements not met, from which on a server that waits is believed sooner: after so many seconds
REFUSING = 0.3  # seconds in which a port is sure to refuse a client if nobody is there
STOPPING = 5  # seconds, at most, until a server that is told to stop has stopped
STOPPED = b"T", b"t", *process_tree.ENDED  # states of a thread that does not run until it is told to, or has ended, proc(5)
LOOK = 0.05  # seconds between two looks at all processes: that is work, and the server needs the machine


def examine(server, requirements=None, *, clients=10, timeout=TIMEOUT, answer=lambda line: line, kind="tcp"):
    """Examine a Server, or whatever listens at an address like ("127.0.0.1", 6666); return the Report.

    requirements   which; without it, all that a server of its kind (TCP, UDP) has to meet
    clients        how many are connected at once
    timeout        seconds to wait for what does not come; less where it is seen that the server waits, too
    answer         what the server is to answer to a line, both as bytes: the same line, unless you say otherwise
    kind           "tcp" or "udp", of a server that is only an address

    A server that fails a requirement is started anew before the next one, so that one mistake is one finding. It blocks
    until it is done; in a notebook that has to do other things meanwhile: `await asyncio.to_thread(examine, server)`.
    """
    return Exam(server, requirements, clients, timeout, answer, kind=kind).run()


class Exam:
    """What a requirement gets in its hands: the server, and clients to send there."""

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
        self.concurrent = concurrent  # False until it has been shown
        self.restless = False  # does it compute though nobody asks? None: that was looked at more closely
        self.peers = []  # those of the requirement that is tried now
        self._log_read = 0  # characters of the log that came before it
        title = self.server.name if self.server else "{}:{}".format(*server)
        self.report = Report(f"Examination of {title}")

    @property
    def address(self):
        if self.server and self.server.address:
            self._last = self.server.address
        return self._address or self._last  # of a server that has ended: where it was

    def run(self):
        left = list(self.requirements)
        while left and not (why := self.no_further()):
            self.report.findings.append(self.asked_early(left) or self.ask_for(left.pop(0)))
        if not left:
            self.revive()
        self.report.findings += [Finding(other, NOT_ASKED, why=why) for other in left]
        return self.report

    def asked_early(self, left):
        """The Finding about "left alone" where a server computes on and on: what the others found would be due to that."""
        alone = next((requirement for requirement in left if requirement.name == "left alone"), None)
        if not (self.restless and alone):
            return None
        finding = self.ask_for(alone)
        self.restless = None  # where it is met, it is asked once more in its turn, with a client that is silent
        if finding.problem:
            left.remove(alone)
            return finding

    def no_further(self):
        """Why nothing more can be told from what comes; "" when it can. A server that has ended is started again."""
        self.revive()
        *before, last = self.report.findings or [None]
        if not last or not last.problem:
            return ""
        if sum(finding.diagnosis in diagnosis.ENDS_BY_ITSELF for finding in self.report.findings) > 1:
            return GATES["ended twice"]
        return GATES.get(last.requirement.name) or GATES.get(last.problem.kind, "") if before else GATE

    def ask_for(self, requirement):
        """The Finding about one requirement."""
        self.peers.clear()
        try:
            if self.server and not self.server.running:
                raise NotAsked("the server does not run, and could not be started again")
            self._log_read = len(self.server.log) if self.server else 0
            requirement.examine(self)
            self.runs_on()
        except NotAsked as reason:
            return Finding(requirement, NOT_ASKED, why=str(reason))
        except (ProcessLookupError, psutil.NoSuchProcess):  # it ended while one looked
            return self.not_met(requirement, NotMet(requirement.sentence, "a server that runs on", "its end"))
        except NotMet as problem:
            return self.not_met(requirement, problem)
        return Finding(requirement, MET)

    def not_met(self, requirement, problem):
        """The Finding: with the server's own words, and what the evidence means. The server is started anew."""
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
            problem.diagnosis = UNKNOWN  # it is about a server that runs on
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
            problem.kind = "foreign"  # also where the answer that went elsewhere was not seen there
        return Finding(requirement, NOT_MET, problem, said.words)

    def nobody_listens(self):
        """Does a server that runs listen no more; or, as far as the wire shows, one that has met something, or has it ended?"""
        if self.server:
            return self.kind == "tcp" and self.server.running and not listening.is_open(self.server.pid, "tcp", self.address[1])
        if not self.report.met:
            return False
        with socket.socket(family_of(self.address), socket.SOCK_STREAM if self.kind == "tcp" else socket.SOCK_DGRAM) as probe:
            probe.settimeout(REFUSING)
            try:
                probe.connect(self.address)
                if self.kind == "udp":  # word that nobody is there comes back at once, and is told by the next call
                    probe.send(b"hello\n")
                    probe.recv(1)
            except ConnectionRefusedError:
                return True
            except OSError:  # it has not answered in time, or its queue is full
                return False
        return False

    def meant(self, *requirements):
        """What was found when these were asked before: the same mistake shows again. None if they were met."""
        found = [finding for finding in self.report.findings if finding.requirement in requirements and finding.problem]
        return found[0].diagnosis if found else None

    def answered_so(self, problem):
        """What was found when the same answer came before, instead of the same one: it says nothing about what is asked now."""
        for finding in self.report.findings:
            if (was := finding.problem) and was.kind == "other" and (was.expected, was.came) == (problem.expected, problem.came):
                return finding.diagnosis
        return None

    def revive(self):
        """See to it that the server runs, and listens. One that does not any more has failed what it was asked last."""
        if self.server:
            with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):  # it ends while one looks
                rests = self.until(lambda: not self.busy(), SETTLING)  # what the clients of the last one did may still end it
                self.restless = None if self.restless is None else not rests
        if not self.server or self.server.running and not self.nobody_listens():
            return
        last = self.report.findings[-1] if self.report.findings else None
        if last and last.verdict == MET:
            self.report.findings[-1] = self.not_met(last.requirement, self.ended())
        else:
            self.start_anew()

    def runs_on(self):
        """Raise NotMet when the server has ended."""
        if self.server and not self.server.running:
            raise self.ended()

    def ended(self):
        what = "all that this requirement asks"
        if self.server.running:
            return NotMet(what, "a server that goes on listening", "nobody at its port, a moment later")
        return NotMet(what, "a server that runs on", "its end, a moment later", kind="ended")

    def start_anew(self):
        """A mistake may have left it in a state in which nothing works any more."""
        if self.server:
            with contextlib.suppress(LaunchError):
                self.server.restart()

    # ------------------------------------------------------------ what requirements are made of

    def visit(self, name="a client", narrow=False):
        """A new client, connected: `with exam.visit() as ann`. For a narrow one, buffers hold little that it does not read."""
        kind = peers.TcpPeer if self.kind == "tcp" else peers.UdpPeer
        peer = kind(self, name, narrow)
        self.peers.append(peer)
        return peer

    def hello(self, peer, word=b"hello", mistake=""):
        """Ask the plainest question, and compare the answer."""
        peer.ask(word, self.answer(word), mistake)

    @property
    def at_rest(self):
        """Seconds in which the server has done nothing, after which no answer will come."""
        return AT_REST if len(self.report.failed) < MANY else LESS

    def until(self, condition, seconds=None, at_rest=UNDISTURBED):
        """Wait until condition() is true; False when it does not become true in time, or the server rests for so long."""
        waiting = Waiting(self.server, seconds or self.timeout, at_rest)
        while not condition():
            if waiting.is_over:
                return condition()
            time.sleep(LOOK)
        return True

    def let_arrive(self, peer, size):
        """Wait until the server has received that many bytes from this client: what is sent then, comes as a piece of its own."""
        if not self.shows_calls:
            return time.sleep(0.2)
        self.until(lambda: self.received(peer) >= size, at_rest=0.3)

    def received(self, peer):
        """How many bytes the server has received from this client, as far as its calls show."""
        if self.server:
            self.server.sync()
            events, peer.seen = self.server.events_since(peer.seen)
            peer.received += sum(
                event.bytes for event in events if event.kind == "receive" and event.peer == peer.local and event.end
            )
        return peer.received

    def reads_no_more(self, peer, seconds):
        """Wait until the server rests, or is seen to compute without reading from this client; False where it may read on."""
        calls, before = self.shows_calls, self.received(peer)
        rests = self.until(lambda: not self.busy(), seconds)
        return rests or calls and self.received(peer) == before

    @property
    def shows_calls(self):
        """Whether the server's calls can be seen: it was launched, and is watched."""
        return self.server is not None and self.server.watch and self.server.watchable

    @property
    def new_log(self):
        """What the server has printed since this requirement was begun."""
        return self.server.log[self._log_read :]

    def own_error(self):
        """What the last error means that the server has printed since this requirement was begun; UNKNOWN where there is none."""
        if self.server is None:
            return UNKNOWN
        return diagnosis.statement(self.server, self._log_read, len(self.server.log)).diagnosis

    def failed_in_the_log(self):
        """Has the server printed an error that nobody caught, at any time?"""
        return bool(self.server and diagnosis.last_traceback(self.server.log, with_its_peers=True))

    def events_so_far(self):
        """How many events the server has noted: where events_since() goes on."""
        return self.server.events_since(sys.maxsize)[1] if self.server else 0

    def busy(self):
        """Does a thread of the server compute, wait for its turn to, or end? Linux tells (proc(5), /proc/pid/task/tid/stat)."""
        if self.server is None:
            return False
        return any(fields[0] in RUNNABLE for fields in threads_of(self.server)) or is_ending(self.server)

    def cpu(self):
        """Seconds of CPU time that the server's processes have used; 0 where they cannot be seen."""
        used = 0
        for process in self.server.members() if self.server else ():
            with contextlib.suppress(psutil.Error):  # gone meanwhile
                times = process.cpu_times()
                used += times.user + times.system
        return used

    def stopped(self):
        """A context manager in which no process of the server runs; that of one that is only an address runs on."""
        return stopped(self.server.members() if self.server else [])

    def family(self):
        """The server's processes, as psutil knows them. Raises NotAsked for a server that is only an address."""
        if self.server is None:
            raise NotAsked("over the wire alone its processes cannot be seen")
        return self.server.members()


def start_with(server, folder, **variables):
    """Start a Server anew: Python runs the sitecustomize.py of this folder, one beside this file, before it. Its next start is as usual."""
    path = os.pathsep.join(filter(None, [str(HERE / folder), os.environ.get("PYTHONPATH")]))
    server.environment = {**os.environ, **variables, "PYTHONPATH": path}
    try:
        server.restart()
    finally:
        server.environment = None


@contextlib.contextmanager
def stopped(processes):
    """These processes do not run meanwhile (SIGSTOP, SIGCONT: signal(7))."""
    try:
        tell(processes, signal.SIGSTOP)
        end = time.monotonic() + STOPPING
        while any(map(goes_on, processes)) and time.monotonic() < end:
            time.sleep(0.001)
        yield
    finally:
        tell(processes, signal.SIGCONT)


def goes_on(process):
    """Has a thread of this process not stopped yet? One of them gets the signal, and stops the others when it has its turn."""
    with contextlib.suppress(OSError):  # gone meanwhile
        return any(fields[0] not in STOPPED for fields in process_tree.threads(process.pid))
    return False


def tell(processes, what):
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, what)


def usual(kind):
    """What a server of this kind has to meet."""
    from clients.examiner import requirements_processes, requirements_tcp, requirements_udp

    first, last = (requirements_tcp.FIRST, requirements_tcp.LAST) if kind == "tcp" else (requirements_udp.REQUIREMENTS, [])
    return [*first, requirements_processes.left_alone, *last, *requirements_processes.requirements(kind)]


def own_words(server):
    """What a server that failed says itself: how it ended, and its last error."""
    return diagnosis.statement(server).words
