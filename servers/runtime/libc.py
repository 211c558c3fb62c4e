"""A few functions of the C library, through ctypes' own C module.

`import ctypes` would do, but it costs each launch milliseconds and creates a callback: with newer versions of libffi, that
leaves a descriptor open for the life of the process, and a script could see it.
"""

import _ctypes


class _Pointer(_ctypes._SimpleCData):
    _type_ = "P"


class _Char(_ctypes._SimpleCData):
    _type_ = "c"


class _Function(_ctypes.CFuncPtr):
    _flags_ = _ctypes.FUNCFLAG_CDECL
    _restype_ = _Pointer


def call(name: str, *arguments) -> int:
    """Call a function; return its result as an unsigned word (-1 is MINUS_ONE). Arguments are ints below 2**31, or bytes."""
    return _Function(_ctypes.dlsym(_ctypes.dlopen(None, 0), name))(*arguments) or 0


MINUS_ONE = _Pointer(-1).value


def memory_at(address: int, size: int) -> memoryview:
    """Return a view of the memory there, to read and write."""
    array = type("Bytes", (_ctypes.Array,), {"_type_": _Char, "_length_": size})
    return memoryview(array.from_address(address)).cast("B")
