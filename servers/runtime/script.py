"""Runs a script as `python script.py` would: its own __main__, sys.argv, sys.path[0], relative files, and tracebacks."""

import importlib.machinery
import os
import signal
import sys
import types


def run(path, arguments, first_on_path):
    """Run the file as __main__. Returns its exit status, or raises what `python script.py` would leave to the interpreter."""
    sys.argv = [path, *arguments]
    sys.path[0] = first_on_path
    main = types.ModuleType("__main__")
    main.__file__ = path
    main.__builtins__ = __builtins__
    main.__loader__ = importlib.machinery.SourceFileLoader("__main__", path)
    main.__cached__ = None
    sys.modules["__main__"] = main
    try:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
        exec(code, main.__dict__)
    except SystemExit:
        raise
    except KeyboardInterrupt as interrupt:
        show(interrupt)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException as error:
        show(error)
        return 1
    return 0


def show(error):
    """The traceback, less the one frame that is ours."""
    trace = error.__traceback__.tb_next
    while trace and trace.tb_frame.f_globals is globals():
        trace = trace.tb_next
    sys.stdout.flush()
    sys.excepthook(type(error), error.with_traceback(trace), trace)
