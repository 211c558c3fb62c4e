"""Runs a script as `python script.py` would: its own __main__, sys.argv, sys.path[0], command line, relative files and tracebacks."""

import builtins
import os
import struct
import sys
import types


def run(path: str, arguments: list[str], first_on_path: str, is_cell: bool = False) -> None:
    """Run the file as __main__. What it raises goes on to the caller.

    Source that Python cannot decode is given to Python itself, which says so in its own words. A cell is text: a line about its
    encoding means nothing there.
    """
    sys.argv = [path, *arguments]
    sys.orig_argv = [sys.executable, *sys.argv]
    sys.path[0] = first_on_path
    path = os.path.abspath(path)
    main = types.ModuleType("__main__")
    main.__file__ = path
    main.__builtins__ = builtins
    main.__loader__ = type(__loader__)("__main__", path)  # a SourceFileLoader, as ours is: importlib takes a part of each launch
    if sys.version_info < (3, 14):
        main.__annotations__ = {}
    if sys.version_info < (3, 15):  # which has no such name any more
        main.__cached__ = None
    sys.modules["__main__"] = main
    with open(path, "rb") as file:
        source = file.read()
    try:
        code = compile(source.decode() if is_cell else source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        if not is_cell and _is_about_encoding(error):
            os.execv(sys.executable, sys.orig_argv)
        raise
    exec(code, main.__dict__)


def _is_about_encoding(error):
    """Whether the bytes are to blame, and not the grammar: then compile() says it in other words than the interpreter."""
    return not isinstance(error, SyntaxError) or error.text is None or str(error).startswith("(unicode error)")


def set_command_line(words: list[str]) -> None:
    """Make these words what ps(1) and /proc/self/cmdline show: prctl(2), PR_SET_MM_MAP.

    Where the kernel cannot restore processes, it stays as it is: what launch() has run.
    """
    try:
        with open("/proc/self/stat", "rb") as file:
            field = dict(enumerate(file.read().rpartition(b")")[2].split(), 3))  # numbered as in proc(5)
    except OSError:
        return  # not Linux
    from servers.runtime import libc

    text = b"".join(os.fsencode(word) + b"\0" for word in words)
    start, end = int(field[48]), int(field[49])
    if len(text) > end - start:
        return  # it was started in another way
    code_and_data = [int(field[number]) for number in (26, 27, 45, 46, 47)]
    environment = [int(field[number]) for number in (50, 51)]
    known = *code_and_data, libc.call("sbrk", 0), int(field[28]), start, start + len(text), *environment
    layout = struct.pack("=12QIi", *known, 0, 0, -1)  # struct prctl_mm_map; no new auxiliary vector, no new program
    if libc.call("prctl", 35, 14, layout, len(layout), 0) & 0xFFFFFFFF == 0:  # an int
        libc.memory_at(start, len(text))[:] = text
