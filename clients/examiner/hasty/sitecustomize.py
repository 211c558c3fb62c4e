"""Python runs this before the server, to make the server's threads and processes interfere with each other.

Between any two instructions of the server's own code, its thread may pause briefly (sys.settrace, with f_trace_opcodes),
so that another thread runs between reading a number and writing it, which otherwise happens once in years.
Code under a lock still works. After PAUSES pauses the server runs at its usual speed.
A server that recurses for each client is ended as Python would end it, but after ten clients instead of a thousand.
With SLEEPS=short in the environment, the server's own sleeps return at once, and some pauses are long: otherwise a thread that
sleeps under a lock would keep the others out for longer than any of them pauses.
"""

import _thread
import os
import sys
import threading
import time
from _random import Random

OFTEN = 0.1  # share of instructions followed by a pause
PAUSES = 5_000  # the maximum for each process
A_MOMENT = 1e-6  # seconds: the kernel turns this into about 60 us, in which other threads and processes run
A_WHILE = 2e-3  # seconds
EACH_INSTRUCTION = sys.version_info[:2] != (3, 12)  # 3.12 crashes when several threads are traced like this: pause between lines there
SELDOM = 0.02 if EACH_INSTRUCTION else 0.2  # share of pauses that last A_WHILE, with SLEEPS=short
DEEPER = 10  # calls of accept() by a thread, each from deeper in the stack than the one before, that mean recursion
SOCKET = os.path.join(os.path.dirname(os.__file__), "socket.py")
COURSE = os.path.join(os.path.dirname(os.path.abspath(__file__)), *[os.pardir] * 3, "servers")
THEIRS = (  # code that is not the server's own: Python's, its packages', and the course's
    os.path.dirname(os.__file__) + os.sep,
    os.path.join(COURSE, "runtime", ""),  # starts and watches the server
    os.path.join(COURSE, "app.py"),  # the application: it counts without a lock as a lesson, which is not the learner's mistake
    "<",
)

random, pause, start_new_thread = Random().random, time.sleep, _thread.start_new_thread
theirs = tuple(os.path.normpath(folder) for folder in THEIRS)
left = PAUSES
depths: dict[int, tuple[int, int]] = {}  # {thread: (stack depth at its last accept(), how often in a row it was deeper)}
alone = True  # a single thread in a single process need not pause


def called(frame, event, arg):
    """Trace a function that begins, if it is the server's own."""
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
    """Raise RecursionError in a thread that calls each accept() from deeper in the stack."""
    depth, of = 0, _thread.get_ident()
    while frame := frame.f_back:
        depth += 1
    last, times = depths.get(of, (depth, 0))
    depths[of] = depth, times + 1 if depth > last else 0
    if depths[of][1] >= DEEPER:
        raise RecursionError("maximum recursion depth exceeded: each client is accepted from deeper in the stack")


def stepped(frame, event, arg):
    """Pause now and then, before an instruction."""
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
    """Trace the first function of a thread that threading has started."""
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
