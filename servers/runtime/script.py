"""Runs a script as `python script.py` would: its own __main__, sys.argv, sys.path[0], relative files, and tracebacks."""

import builtins
import importlib.machinery
import os
import sys
import types


def run(path: str, arguments: list[str], first_on_path: str) -> None:
    """Run the file as __main__. An exception that it leaves is shown, and goes on to the interpreter, which ends as ever."""
    sys.argv = [path, *arguments]
    sys.path[0] = first_on_path
    path = os.path.abspath(path)
    main = types.ModuleType("__main__")
    main.__file__ = path
    main.__builtins__ = builtins
    main.__loader__ = importlib.machinery.SourceFileLoader("__main__", path)
    if sys.version_info < (3, 15):  # which has no such name any more
        main.__cached__ = None
    sys.modules["__main__"] = main
    try:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
        exec(code, main.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        _show(error)
        sys.excepthook = lambda *shown: None
        raise


def _show(error):
    """The traceback, less the one frame that is ours."""
    trace = error.__traceback__.tb_next
    sys.stdout.flush()
    sys.excepthook(type(error), error.with_traceback(trace), trace)
