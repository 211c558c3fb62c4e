"""Prints what a script can see of its own process, then listens."""

import os
import signal
import socket
import sys
import threading

import neighbour

print("name", __name__)
print("doc", __doc__)
print("file", __file__)
print("argv", sys.argv)
print("path", sys.path[0])
print("neighbour", neighbour.__file__)
cached = globals().get("__cached__", "not there")  # Python 3.15 has no such name
print("main", sys.modules["__main__"].__dict__ is globals(), __builtins__, __spec__, __package__, cached, __loader__.name)
print("called by", sys._getframe().f_back)
print("command", sys.orig_argv, os.path.isdir("/proc") and open("/proc/self/cmdline").read())
print("cwd", os.getcwd())
print("relative", open("relative.txt").read())
print("environ", sorted(os.environ.items()))
print("umask", os.umask(0o22))
print(
    "signals",
    [
        (number.name, str(signal.getsignal(number)))
        for number in sorted(signal.valid_signals())
        if isinstance(number, signal.Signals)
    ],
)
print("blocked", signal.pthread_sigmask(signal.SIG_BLOCK, []))
print("threads", [thread.name for thread in threading.enumerate()], os.path.isdir("/proc") and len(os.listdir("/proc/self/task")))
print("descriptors", sorted(os.listdir("/dev/fd")))
print("ours", [name for name in sys.modules if name.partition(".")[0] in ("servers", "clients")])
print("group", os.getpgid(0) == os.getpid())
print("flags", sys.flags)
listener = socket.socket()
print("type", type(listener) is socket.socket, socket.socket.__name__, socket.socket.__mro__, socket.SocketType)
print("repr", listener)
with socket.socket() as closed:
    pass
print("closed", closed)
listener.bind(("127.0.0.1", 0))
listener.listen()
