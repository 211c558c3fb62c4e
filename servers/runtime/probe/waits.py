"""Waiting for any of many descriptors: select, poll, epoll, kqueue, and the selectors on top of them. Records how many are ready.

A thread may also wait for a signal: SIGIO reports that a descriptor is ready.
"""

import _signal
import select
import selectors
from types import MethodDescriptorType

from servers.runtime.event_kinds import PAUSE, WAIT
from servers.runtime.probe.recorder import NOBODY, BuiltIn, failed, hidden, hide, mine, now, replace, stands_for, write


def waiting(original, timeout_at: int, owner: str, count=len, kind=WAIT):
    """Return a replacement for `original`, whose argument number `timeout_at` is the timeout. With a timeout of 0, record nothing."""

    @stands_for(original, owner)
    def wait(*arguments, **options):
        me = mine.me
        timeout = arguments[timeout_at] if len(arguments) > timeout_at else options.get("timeout")
        start = now() if timeout is None or not isinstance(timeout, (int, float)) or timeout != 0 else 0
        me.calls[kind] = start
        try:
            ready = original(*arguments, **options)
        except BaseException as error:
            me.calls[kind] = 0
            if start:
                failed(me, kind, start, NOBODY, error)
            else:
                hide(error)
            raise
        me.calls[kind] = 0
        if start:
            write(me, kind, start, count(ready), NOBODY)
        return ready

    return wait


# ---------------------------------------------------------------- select.epoll and similar classes, whose methods cannot be replaced


class _Stand:
    """A proxy for an object of select, to which it passes everything on."""

    __slots__ = ("_plain", "__weakref__")

    def __getattr__(self, name):
        with hidden:
            return getattr(self._plain, name)

    def __dir__(self):
        return dir(self._plain)


def _class_for(plain, method, timeout_at):
    """Return a proxy class for `plain`, a class of select; its `method`, which waits, is recorded."""

    def passing(function):
        def call(self, *arguments, **options):
            try:  # cheaper than `with hidden`: a server may call these for every line
                return function(self._plain, *arguments, **options)
            except BaseException as error:
                hide(error)
                raise

        return stands_for(function, "select")(call)

    def __new__(cls, *arguments, **options):
        with hidden:
            return stand(cls, plain(*arguments, **options))

    def __enter__(self):
        with hidden:
            self._plain.__enter__()
        return self

    def fromfd(cls, *arguments, **options):
        with hidden:
            return stand(cls, plain.fromfd(*arguments, **options))

    def __init_subclass__(cls, **options):
        with hidden:
            raise TypeError(f"type 'select.{plain.__name__}' is not an acceptable base type")

    members = {"__slots__": (), "__doc__": plain.__doc__, "__module__": "select", "__new__": __new__}
    members |= {name: passing(one) for name, one in vars(plain).items() if isinstance(one, MethodDescriptorType)}
    members[method] = passing(waiting(getattr(plain, method), timeout_at, "select"))
    members["__reduce_ex__"] = passing(plain.__reduce_ex__)  # for copy and pickle
    members["__init_subclass__"] = __init_subclass__
    if hasattr(plain, "__enter__"):
        members["__enter__"] = __enter__
    if hasattr(plain, "fromfd"):
        members["fromfd"] = classmethod(fromfd)
    return type(plain.__name__, (_Stand,), members)


def stand(cls, plain):
    """Return a proxy for a plain object."""
    found = object.__new__(cls)
    found._plain = plain
    return found


def _three(lists):
    return sum(map(len, lists))


def watch() -> None:
    """Record when this process waits for many descriptors, with or without the selectors, or for a signal."""
    for name in ("pause", "sigwait", "sigwaitinfo", "sigtimedwait"):  # signal takes them from _signal when it is imported
        replace(_signal, name, lambda original: waiting(original, 1, "_signal", lambda _: 0, PAUSE))
    for name in ("SelectSelector", "PollSelector", "EpollSelector", "DevpollSelector", "KqueueSelector"):
        if selector := getattr(selectors, name, None):  # they were imported before, so they keep the plain objects
            selector.select = waiting(selector.select, 1, "selectors")
    replace(select, "select", lambda original: waiting(original, 3, "select", _three))
    for name, method, timeout_at in (("epoll", "poll", 1), ("kqueue", "control", 3)):
        if plain := getattr(select, name, None):
            setattr(select, name, _class_for(plain, method, timeout_at))
    if hasattr(select, "poll"):  # a function; the class of the objects it returns has no public name
        plain = select.poll
        cls = _class_for(type(plain()), "poll", 1)

        @stands_for(plain, "select")
        def poll(*arguments, **options):
            with hidden:
                return stand(cls, plain(*arguments, **options))

        select.poll = BuiltIn(poll)
