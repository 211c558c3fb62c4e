"""Small calls, right and wrong: each line shows the outcome of one. Run bare and watched, the lines must be equal."""

import _socket
import _thread
import copy
import ctypes
import functools
import gc
import inspect
import itertools
import os
import pickle
import re
import select
import selectors
import socket
import threading
import time
import traceback
import warnings

warnings.simplefilter("always")
gc.disable()  # it collects, and warns about unclosed sockets, at unpredictable moments


def told(value):
    return re.sub(r" at 0x[0-9a-f]+|fd=\d+|\b\d{5}\b", "", repr(value))


def tell(name, call):
    with warnings.catch_warnings(record=True) as caught:
        try:
            result = told(call())
        except BaseException as error:
            frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)][2:]
            context = error.__context__ and type(error.__context__).__name__
            result = f"{type(error).__name__} {told(str(error))} errno={getattr(error, 'errno', None)} {frames} {context}"
    warned = (f"warned {warning.category.__name__}: {warning.message}" for warning in caught)
    print(name, "->", result, *warned, flush=True)  # standard error may go to the same pipe


class Odd:
    """An object that no call expects as any argument."""

    def __repr__(self):
        return "Odd"


VALUES = {
    "None": None, "-1": -1, "0": 0, "10": 10, "2**40": 2**40, "2**70": 2**70, "1.5": 1.5, "'x'": "x", "b'x'": b"x",
    "bytearray": bytearray(b"xyz"), "()": (), "('127.0.0.1',)": ("127.0.0.1",), "('127.0.0.1', '80')": ("127.0.0.1", "80"),
    "('127.0.0.1', 99999)": ("127.0.0.1", 99999), "('127.0.0.1', -1)": ("127.0.0.1", -1), "(1, 2)": (1, 2),
    "(None, 1)": (None, 1),
    "('127.0.0.1', 1)": ("127.0.0.1", 1), "('127.0.0.1', 1, 2)": ("127.0.0.1", 1, 2), "('\\0', 0)": ("\0", 0), "[]": [],
    "Odd": Odd(), "ints": (ctypes.c_int * 2)(1, 2), "memoryview": memoryview(b"abcd").cast("H"), "readonly": memoryview(b"ab"),
}  # fmt: skip


def each(name, make, values=VALUES, more=((),), keywords=(), bare=True):
    """Try the call with each value, with each value and more, without any (if `bare`), and with keywords that it may not know."""
    if bare:
        tell(f"{name}()", lambda: call(make))
    for text, rest in itertools.product(values, more):
        tell(f"{name}({text}, *{rest})", lambda text=text, rest=rest: call(make, VALUES[text], *rest))
    for keyword in keywords:
        tell(f"{name}({keyword}=)", lambda keyword=keyword: call(make, **keyword))


def call(make, *arguments, **options):
    """Call a method; `make` returns a fresh one and a function that cleans up."""
    method, done = make()
    try:
        return method(*arguments, **options)
    finally:
        done()


def as_called(sock, name):
    """Return the class's method, which `sock.name(...)` calls, for this socket: a bound method words some errors differently."""
    return functools.partial(getattr(type(sock), name), sock)


def of_pair(name, timeout=0.0, waiting=b"hello"):
    def make():
        a, b = socket.socketpair()
        b.sendall(waiting)
        a.settimeout(timeout)
        return as_called(a, name), lambda: (a.close(), b.close())

    return make


def of_new(name, kind=socket.SOCK_STREAM):
    def make():
        sock = socket.socket(type=kind)
        sock.settimeout(0.0)
        return as_called(sock, name), sock.close

    return make


def plainly(function):
    return lambda: (function, lambda: None)


def methods():
    odd = "2**70", "'x'", "Odd", "1.5", "None"
    for name in "recv", "recvfrom", "recvmsg":
        each(f"pair.{name}", of_pair(name), keywords=[{"size": 10}, {"bufsize": 10}, {"flags": 0}],
             values=[text for text in VALUES if text != "2**40"])  # fmt: skip
        each(f"empty pair.{name}", of_pair(name, waiting=b""), ["10", "0"])
        each(f"pair.{name} with flags", of_pair(name), ["10"], [(0,), ("x",), (0, 0), (0, 0, 0), (socket.MSG_PEEK,)])
    for name in "recv_into", "recvfrom_into":
        each(f"pair.{name}", of_pair(name), more=[(), (2,), (100,), ("x",)], keywords=[{"buffer": bytearray(3)}, {"n": 1}])
        tell(f"{name} by name", lambda name=name: call(of_pair(name), buffer=bytearray(3), nbytes=2, flags=0))
    for name in "send", "sendall", "sendmsg":
        each(f"pair.{name}", of_pair(name, 1.0), more=[(), (0,), ("x",)], keywords=[{"data": b"x"}])
        each(f"new.{name}", of_new(name), ["b'x'", "ints", "memoryview"])
    addresses = ("127.0.0.1", 9), ("127.0.0.1", "9"), ("127.0.0.1", 99999), ("127.0.0.1",)
    more = [(), (0, ("127.0.0.1", 9)), ("x", 1), *((address,) for address in addresses)]
    each("datagram.sendto", of_new("sendto", socket.SOCK_DGRAM), ["b'x'", "'x'", "ints"], more)
    for name in "bind", "connect", "connect_ex":
        each(f"new.{name}", of_new(name), keywords=[{"address": ("127.0.0.1", 0)}])
        tell(f"{name}, two", lambda name=name: call(of_new(name), "127.0.0.1", 6666))
    for address in ("0.0.0.0", "80"), ("", 99999), ("0.0.0.0", 1, 2), ("", None), (bytearray(b"0.0.0.0"), -1):  # no address of ours
        tell(f"bind {address}", lambda address=address: call(of_new("bind"), address))
    tell("bind", lambda: call(of_new("bind"), ("127.0.0.1", 0)))
    tell("bind twice", bind_twice)
    for name in "listen", "shutdown":
        each(f"new.{name}", of_new(name), odd, [(), (1,)], [{"backlog": 1}, {"how": 1}])
    for name in "accept", "close", "detach", "fileno":
        each(f"new.{name}", of_new(name), odd, keywords=[{"x": 1}])
    for name in "recv", "send", "bind", "accept", "connect", "shutdown", "close", "detach", "listen", "recv_into":
        method = getattr(socket.socket, name)
        tell(f"socket.{name} of nothing", method)
        tell(f"socket.{name} of a number", lambda method=method: method(5, b"x"))
        tell(f"socket.{name} is called", lambda method=method: (method.__name__, method.__qualname__, bool(method.__doc__)))
        tell(f"socket.{name} takes", lambda method=method: str(inspect.signature(method)))
        closed = socket.socket()
        closed.close()
        given = [] if name in ("accept", "close", "detach") else [b"x"]
        tell(f"closed.{name}", lambda name=name, closed=closed, given=given: getattr(closed, name)(*given))
        tell(f"closed.{name} of an address", lambda name=name, closed=closed: getattr(closed, name)(("0.0.0.0", 80)))


def bind_twice():
    with socket.socket() as a, socket.socket() as b:
        a.bind(("127.0.0.1", 0))
        a.listen()
        b.bind(a.getsockname())


def waits():
    each("select.select", plainly(select.select), more=[(), ([], "x"), ([], [], 0), ([], [], 0, 0), ([], [], "x"), ([], [], -1)],
         values=["[]", "None", "10", "()", "'x'", "Odd"], keywords=[{"timeout": 0}, {"rlist": []}])  # fmt: skip
    for name, make in (("poll", select.poll), ("epoll", getattr(select, "epoll", select.poll))):
        each(f"select.{name}", plainly(make), ["0", "10", "'x'", "Odd", "-1"], [(), (0,), (0, 0)], [{"x": 1}, {"sizehint": 5}])
        each(f"{name}.poll", lambda make=make: (make().poll, lambda: None), ["0", "'x'", "Odd", "2**70"], [(), (1,), ("x",), (1, 2)],
             [{"timeout": 0}, {"x": 1}], bare=False)  # fmt: skip
        for method in "register", "modify", "unregister", "nothing", "fileno":
            each(f"{name}.{method}", lambda make=make, method=method: (getattr(make(), method), lambda: None), ["-1", "'x'", "Odd", "None"],
                 [(), (1,)])  # fmt: skip
        tell(f"type of {name}", lambda make=make: (type(make()).__name__, told(make())))
        tell(f"subclass of {name}", lambda make=make: type("Own", (type(make()),), {}))
        tell(f"copy of {name}", lambda make=make: copy.copy(make()))
        tell(f"pickle of {name}", lambda make=make: pickle.dumps(make()))
    if hasattr(select, "epoll"):
        tell("with epoll", with_epoll)
        tell("closed epoll", lambda: select.epoll().__exit__(None, None, None))
        tell("epoll is an epoll", lambda: isinstance(select.epoll(), select.epoll))
        each("epoll.fromfd", plainly(select.epoll.fromfd), ["'x'", "None", "Odd"], [(), (1,)], [{"x": 1}])
        tell("epoll.fromfd of an epoll", lambda: type(select.epoll.fromfd(select.epoll().fileno())).__name__)
        tell("the class's epoll.register", lambda: select.epoll.register(select.epoll(), -1))
        tell("the class's epoll.close", lambda: select.epoll.close(select.epoll()))
    for cls in selectors.SelectSelector, selectors.PollSelector, selectors.DefaultSelector:
        each(f"{cls.__name__}.select", lambda cls=cls: (cls().select, lambda: None), ["0", "-1", "'x'", "Odd"], [(), (1,)],
             [{"timeout": 0}, {"x": 1}], bare=False)  # fmt: skip


def with_epoll():
    a, b = socket.socketpair()
    with select.epoll() as poll, a, b:
        poll.register(a, select.EPOLLIN)
        b.send(b"x")
        return [what for _, what in poll.poll(timeout=1, maxevents=3)], poll.closed


def processes():
    child = os.fork()
    if child == 0:
        os._exit(3)
    tell("wait4 by name", lambda: os.wait4(child, options=0)[1])
    for name in "wait", "wait3", "wait4", "waitpid", "waitid":
        if hasattr(os, name):
            each(f"os.{name}", plainly(getattr(os, name)), ["-1", "'x'", "Odd", "2**70"], [(), (os.WNOHANG,), ("x",), (1, 2, 3)],
                 [{"options": 0}, {"options": os.WNOHANG}, {"pid": 1}, {"x": 1}])  # fmt: skip
    for name in "_exit", "read", "write", "close", "dup", "dup2", "closerange", "execv", "execve", "sendfile", "readv", "writev":
        each(f"os.{name}", plainly(getattr(os, name)), ["'x'", "Odd", "None", "2**70", "[]"], [(), ("x",), ("x", 1, 2, 3, 4, 5)],
             [{"x": 1}, {"fd": "x"}])  # fmt: skip
        tell(f"os.{name} is called", lambda name=name: (getattr(os, name).__name__, repr(getattr(os, name))))
        tell(f"os.{name} takes", lambda name=name: str(inspect.signature(getattr(os, name))))
    for actions in None, (), "x", [()], [(os.POSIX_SPAWN_CLOSE, 0)], [(os.POSIX_SPAWN_DUP2, 1)], [[os.POSIX_SPAWN_CLOSE, 0]], Odd():
        tell(f"posix_spawnp with {actions}", lambda actions=actions: spawned(file_actions=actions))
    tell("execv of nothing", lambda: os.execv("/not/there", ["x"]))
    tell("read by name", read_by_name)
    for arguments in (), ("r", 0), ("x+y",), ("r+",), ("rb", 0, "ascii"), ("r", -1, None, "strict", "\n", True, None, 1), ("w", 1, "no"):
        tell(f"os.fdopen of a connection with {arguments}", lambda arguments=arguments: file_of_a_connection(*arguments))
    for options in {"newline": "x"}, {"closefd": False}, {"x": 1}, {"mode": 3}, {"opener": lambda *_: 1 / 0}, {"errors": "replace"}:
        tell(f"os.fdopen of a connection with {sorted(options)}", lambda options=options: file_of_a_connection(**options))
    tell("close while connections come", close_while_connections_come)
    tell("as an attribute of a class", lambda: type("Holder", (), {"read": os.read, "wait": os.waitpid})().wait(-1, os.WNOHANG))
    tell("socket.close", lambda: (socket.close(socket.socket().detach()), socket.close is _socket.close))
    each("socket.close", plainly(socket.close), ["'x'", "Odd", "None", "-1"])


def spawned(**options):
    return os.waitpid(os.posix_spawnp("true", ["true"], os.environ, **options), 0)[1]


def close_while_connections_come():
    """Make connections during a close, as other threads might: here, whenever two descriptors are compared."""
    pairs = [socket.socketpair()]
    pairs[0][0].send(b"x")

    class Descriptor(int):
        __hash__ = int.__hash__

        def __eq__(self, other):
            pairs.append(socket.socketpair())
            return pairs[-1][0].send(b"x") + int(self) == other

    return os.close(Descriptor(os.dup(0)))


def file_of_a_connection(*arguments, **options):
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        connection, _ = listener.accept()
        with connection, os.fdopen(os.dup(connection.fileno()), *arguments, **options) as file:
            client.sendall(b"a line\n")
            layers = [type(layer).__name__ for layer in (file, getattr(file, "buffer", None), getattr(file, "raw", None))]
            return layers, file.mode, file.readline() if file.readable() else file.write("a line\n"), file.closed


def read_by_name():
    a, b = os.pipe()
    os.write(b, b"abc")
    os.close(b)
    with open(a, "rb"):
        return os.read(a, 2), os.read(a, 10)


def threads():
    each("start_new_thread", plainly(_thread.start_new_thread), ["'x'", "Odd", "None"], [(), ((),), ((), {}), (1,)])
    found, done = [], threading.Event()

    def run(*arguments, **options):
        found.append((arguments, options, len(inspect.stack()) > 0))
        done.set()

    tell("a thread's arguments", lambda: (_thread.start_new_thread(run, (1, 2), {"x": 3}) > 0, done.wait(10), found))
    tell("a thread of threading", lambda: [thread := threading.Thread(target=run), thread.start(), thread.join(), len(found)][3])


def signals():
    import signal

    class Loud(Exception):
        errno = "a text"

    def handler(*_):
        raise Loud("woken")

    signal.signal(signal.SIGALRM, handler)
    a, b = socket.socketpair()
    actions = lambda: a.recv(1), lambda: select.select([a], [], []), lambda: a.recv_into(bytearray(1))
    for name, action in zip(("recv", "select", "recv_into"), actions, strict=True):
        wake_this_process_when_it_waits(signal.SIGALRM)
        tell(f"a handler raises in {name}", action)


def wake_this_process_when_it_waits(number):
    """Signal from a child, once this process waits: an earlier signal would be raised outside the call, or fail to interrupt it."""
    waiting = os.getpid()
    if os.fork() == 0:
        try:
            while os.path.isdir("/proc") and state_of(waiting) != "S":
                time.sleep(0.01)
            time.sleep(0 if os.path.isdir("/proc") else 0.5)
            os.kill(waiting, number)
        finally:
            os._exit(0)


def state_of(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


def classes():
    class Own(socket.socket):
        def fileno(self):
            return super().fileno()

    tell("a subclass", lambda: call(lambda: ((own := Own()).getsockname, own.close)))
    tell("a subclass with options", lambda: type("Own", (socket.socket,), {}, wrong=1))
    a, b = socket.socketpair()
    tell("a repr", lambda: (a, type(a), a.family, a.type))
    tell("a file", lambda: [b.sendall(b"one\ntwo\n"), a.makefile("rb").readline()][1])
    tell("sendfile", lambda: a.sendfile(open(__file__, "rb"), 0, 10))  # noqa: SIM115
    tell("sendfile of nothing", lambda: a.sendfile())
    tell("sendfile of text", lambda: a.sendfile(open(__file__)))  # noqa: SIM115


for part in methods, waits, processes, threads, signals, classes:
    part()
print("the end")
