"""Python runs this before the server, when the examiner wants its threads and processes to get into each other's way.

Between any two instructions of the server's own code, its thread may pause for a moment (sys.settrace, with f_trace_opcodes):
so another one comes between reading a number and writing it, which otherwise happens once in years.
What is done under a lock stays right. After so many pauses the server runs on at its usual speed.
A server that recurses for each client is ended as Python would end it, after ten clients instead of a thousand.
With SLEEPS=short in the environment, its own sleeps are over at once, and some pauses are long: else one that works and
sleeps under a lock keeps the others away for longer than any of them pauses.
"""

import _thread
import os
import sys
import threading
import time
from _random import Random

OFTEN = 0.1  # of the instructions are followed by a pause
PAUSES = 5_000  # at most, in each process
A_MOMENT = 1e-6  # seconds: the kernel makes some 60 us of it, in which other threads and processes get on
A_WHILE = 2e-3  # seconds
EACH_INSTRUCTION = sys.version_info[:2] != (3, 12)  # 3.12 crashes when several threads are traced so: there, between lines
SELDOM = 0.02 if EACH_INSTRUCTION else 0.2  # of the pauses last a while, where the sleeps are short
DEEPER = 10  # calls of accept() by a thread, each from deeper in the stack than the one before: none of them ever returns
SOCKET = os.path.join(os.path.dirname(os.__file__), "socket.py")
COURSE = os.path.join(os.path.dirname(os.path.abspath(__file__)), *[os.pardir] * 3, "servers")
THEIRS = (  # whose code is not the server's own: Python's, its packages', and the course's
    os.path.dirname(os.__file__) + os.sep,
    os.path.join(COURSE, "runtime", ""),  # what starts and watches the server
    os.path.join(COURSE, "app.py"),  # the application: that it counts without a lock is a lesson, and no mistake of who uses it
    "<",
)

random, pause, start_new_thread = Random().random, time.sleep, _thread.start_new_thread
theirs = tuple(os.path.normpath(folder) for folder in THEIRS)
left = PAUSES
depths: dict[int, tuple[int, int]] = {}  # of a thread: (depth of the stack at its last accept(), how often it has been deeper than before)
alone = True  # one thread in one process has nobody to pause for


def called(frame, event, arg):
    """A function begins: follow it if it is the server's own."""
    if left <= 0:
        sys.settrace(None)
        return None
    name = frame.f_code.co_filename
    if name == SOCKET and frame.f_code.co_name == "accept":
        accepts(frame)
    if name.startswith(theirs) or "-packages" in name:
        return None
    frame.f_trace_opcodes = EACH_INSTRUCTION
    return stepped


def accepts(frame):
    """Raise RecursionError in a thread whose every accept() is called from deeper in the stack."""
    depth, of = 0, _thread.get_ident()
    while frame := frame.f_back:
        depth += 1
    last, times = depths.get(of, (depth, 0))
    depths[of] = depth, times + 1 if depth > last else 0
    if depths[of][1] >= DEEPER:
        raise RecursionError("maximum recursion depth exceeded: each client is accepted from deeper in the stack")


def stepped(frame, event, arg):
    """Before an instruction: pause now and then."""
    global left
    if left > 0 and not alone and random() < OFTEN:
        left -= 1
        pause(A_WHILE if random() < SELDOM else A_MOMENT)
    frame.f_trace_opcodes = EACH_INSTRUCTION and left > 0
    return stepped


def joined_by_another():
    global alone
    alone = False


def begun(frame, event, arg):
    """The first function of a thread that threading has started."""
    joined_by_another()
    return called(frame, event, arg)


def start_traced_thread(function, args, *kwargs):
    joined_by_another()

    def run(*args, **kwargs):
        sys.settrace(called)
        return function(*args, **kwargs)

    return start_new_thread(run, args, *kwargs)


if os.environ.pop("SLEEPS", "") == "short":
    time.sleep = lambda seconds: pause(0)
else:
    SELDOM = 0
sys.setswitchinterval(1e-6)
os.register_at_fork(before=joined_by_another)
threading.settrace(begun)
_thread.start_new_thread = start_traced_thread
sys.settrace(called)
