"""How long a check waits. Time counts only while it looks, so that a stalled machine makes no correct answer wrong."""

import asyncio
import select
import socket

from clients import tcp
from clients.examiner import NotMet, unserved
from clients.examiner.waiting import HAS_PROC, LOOK, Waiting
from clients.lab.lab_client import LabClient

SOON = 0.5  # seconds within which most answers come
AT_REST = 0.8  # seconds without any thread of a server running, after which nothing more is expected of it
WORKING = 2  # factor on the timeout for a server that is still working or waiting for a CPU


class PatientClient(LabClient):
    """A client that keeps waiting until its server comes to rest."""

    async def _comes(self, answer, timeout):
        if timeout is None or self.server is None:
            return await super()._comes(answer, timeout)
        if await super()._comes(answer, SOON):
            return True
        if unserved.asks_the_gone(self.server):  # it never stops, and its events would keep the notebook busy
            why = "no answer: the server asks a client for more, again and again, that has left"
            raise NotMet(f"{self.name}: {why}", diagnosis=unserved.ASKS_THE_GONE)
        if await super()._comes(answer, max(0, timeout - 1 - SOON)):
            return True
        return await happens(answer.done, AT_REST, self.server, at_most=WORKING * timeout)

    def _no_answer(self, question, timeout):
        """Return the message, with what the server's events show that it has done for this client: that points to the mistake."""
        if self.kind == "udp" or not self.accepted:
            return super()._no_answer(question, timeout)
        calls = [event for event in self.server.events() if event.kind in ("receive", "send") and event.peer == self.local]
        if not calls:
            doing = "The server has accepted this client, and has not read what it sent."
        elif calls[-1].kind == "receive" and calls[-1].end is None and len(calls) > 1:
            doing = "The server has read what this client sent, and waits for more from it."
        elif calls[-1].kind == "receive" and calls[-1].end is not None:
            doing = "The server has read what this client sent: it is still at work, or waits for something else."
        elif calls[-1].kind == "send" and calls[-1].end is not None:
            doing = "The server has answered this client before, and has not read from it since."
        else:
            return super()._no_answer(question, timeout)
        return f"no answer to {question.shown} within {timeout:g} s. {doing}"


async def happens(condition, seconds=5, server=None, at_most=None):
    """Wait until condition() is true; return False if it does not become true within `seconds`.

    server    if given, count only seconds in which no thread of this Server runs, up to `at_most` seconds in total
    """
    waiting = Waiting(server, at_most if at_most and HAS_PROC else seconds, at_rest=seconds)
    while not condition():
        if waiting.is_over:
            return bool(condition())
        await asyncio.sleep(0.02)
    return True


class PatientSocket(socket.socket):
    """A socket whose timeout counts only while it looks, see Waiting."""

    def recv(self, *arguments):
        self._wait()
        return super().recv(*arguments)

    def recv_into(self, *arguments):
        self._wait()
        return super().recv_into(*arguments)

    def _wait(self):
        waiting = Waiting(None, self.gettimeout())
        while not select.select([self], [], [], LOOK)[0]:
            if waiting.is_over and not select.select([self], [], [], 0)[0]:
                raise TimeoutError("timed out")


def connect(address, timeout):
    """Like clients.tcp.connect, but return a PatientSocket."""
    connection = PatientSocket(fileno=tcp.connect(address, timeout).detach())
    connection.settimeout(timeout)
    return connection
