"""Report in plain words whether this machine and this Python can run the course: `make check`.

It imports nothing outside the standard library before checking that it is installed, so that it works in a broken
environment, too. Each check returns what it found, or raises `Problem` with what is wrong and what to do.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
AGAIN = "run `make clean`, then `make lab`"
HOME = "set HOME to a folder that you can write to: `HOME=/path/to/folder make lab`"
NEWEST_TRIED = (3, 15)  # `make test-pythons`


class Problem(Exception):
    """What is wrong, and what to do about it."""

    def __init__(self, wrong, remedy):
        super().__init__(wrong)
        self.wrong, self.remedy = wrong, remedy


class Untried(Problem):
    """Nothing is known to be wrong, but this has not been tried."""


def python():
    """Check that Python is new enough, and that the course has been tried with it."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < (3, 11):  # noqa: UP036 (this file also runs where the environment is not the one made by make)
        raise Problem(
            f"this is Python {version}; the course needs 3.11 or newer",
            "install one, then run `make clean` and `make lab PYTHON=/path/to/python3`",
        )
    if sys.version_info[:2] > NEWEST_TRIED:
        newest = ".".join(map(str, NEWEST_TRIED))
        raise Untried(
            f"this is Python {version}; the course has been tried with 3.11 to {newest}",
            f"go on; if something fails that should not, try `make clean` and `make lab PYTHON=python{newest}`",
        )
    return f"Python {version}"


def packages():
    """Check that every package of requirements.txt is installed, within its bounds."""
    from importlib.metadata import PackageNotFoundError, version

    found, wrong = [], []
    for line in (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").splitlines():
        wanted = line.split("#")[0].strip()
        name = wanted.split(">=")[0]
        if not wanted or wanted.startswith("-"):
            continue
        try:
            present = version(name)
        except PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        found.append(f"{name} {present}")
        from packaging.requirements import Requirement  # comes with JupyterLab

        if present not in Requirement(wanted).specifier:
            wrong.append(f"{name} is {present}, but the course needs {wanted}")
    if wrong:
        raise Problem("; ".join(wrong), AGAIN)
    return ", ".join(found)


def one_environment():
    """Check that JupyterLab and the kernel that it starts for a lesson are in the same environment."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        command = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        raise Problem("JupyterLab would find no Python kernel", AGAIN) from None
    except OSError as error:  # IPython creates a folder when it is asked where kernels are
        raise Problem(f"JupyterLab cannot find out which kernel to start: {error}", HOME) from None
    if not os.path.isabs(command):  # a bare "python": Jupyter then uses the Python that it runs on itself
        command = sys.executable
    try:
        kernel = _ask(command, "sys.prefix")
    except (OSError, subprocess.SubprocessError):
        kernel = None
    if kernel != sys.prefix:
        raise Problem(
            f"JupyterLab is in {sys.prefix}, but its kernel would be {command}",
            "another kernel named python3 takes precedence; `jupyter kernelspec list` shows where it is: "
            "remove it, or unset JUPYTER_PATH",
        )
    return f"JupyterLab and its kernel are one environment, {sys.prefix}"


def course():
    """Check that a notebook imports this course's servers and clients, not other packages of the same name."""
    try:
        found = Path(_ask(sys.executable, "importlib.util.find_spec('clients').submodule_search_locations[0]"))
    except (OSError, subprocess.SubprocessError):
        raise Problem("a notebook could not import the course's own code", AGAIN) from None
    if found.resolve().parent != REPOSITORY:
        raise Problem(
            f"a notebook would import `clients` from {found.parent}, not from {REPOSITORY}",
            f"unset PYTHONPATH if it names that folder; if you moved or renamed the course, {AGAIN}",
        )
    return f"the course's code is imported from {REPOSITORY}"


def loopback():
    """Check that programs on this machine can talk to each other on 127.0.0.1."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(5)
            with socket.create_connection(listener.getsockname(), timeout=5) as client:
                connection, _ = listener.accept()
                with connection:
                    client.sendall(b"hello")
                    connection.settimeout(5)
                    if connection.recv(5) != b"hello":
                        raise OSError("what was sent did not arrive")
    except OSError as error:
        raise Problem(
            f"127.0.0.1 does not work here: {error}",
            "allow connections from this machine to itself in the firewall or the sandbox",
        ) from None
    return "connections on 127.0.0.1 work"


def fork():
    """Check that the system has fork(), which half of the models need."""
    if not hasattr(os, "fork"):
        raise Problem(
            "this system has no fork(), and half of the models need it",
            "on Windows use WSL2: `wsl --install` in a terminal, then follow the README inside it",
        )
    return "fork() is available"


def jupyters_folders():
    """Check that JupyterLab can write its settings and its runtime files; both are in HOME, unless configured otherwise."""
    from jupyter_core.paths import jupyter_config_dir, jupyter_runtime_dir

    for folder in map(Path, (jupyter_config_dir(), jupyter_runtime_dir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
                file.write(bytes(4096))  # a full disk still has room for an empty file
        except OSError as error:
            raise Problem(f"JupyterLab cannot write in {folder}: {error.strerror}", HOME) from None
    return "JupyterLab can keep its settings"


def front_end():
    """Name the front ends with which the lessons were tried."""
    return "lessons open in JupyterLab, where they are tested, and in Notebook 7, where some were tried; in VS Code, one was only viewed"


CHECKS = [python, packages, one_environment, course, jupyters_folders, front_end, loopback, fork]


def report(checks=CHECKS):
    """Run the checks; return the lines to show, and whether all is well."""
    lines, fine = [], True
    for check in checks:
        try:
            lines.append(f"ok       {check()}")
        except Problem as problem:
            warning = isinstance(problem, Untried)
            fine = fine and warning
            lines += [f"{'warning' if warning else 'problem'}  {problem.wrong}", f"         what to do: {problem.remedy}"]
    return lines, fine


def _ask(interpreter, expression):
    """Evaluate an expression in a kernel's interpreter, started outside the course's folder; return the value."""
    code = f"import importlib.util, json, sys; print(json.dumps({expression}))"
    answer = subprocess.run([interpreter, "-c", code], cwd=os.sep, capture_output=True, check=True, timeout=30)
    return json.loads(answer.stdout)


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # IPython warns of an unwritable HOME before our check reports it in plain words
    lines, fine = report()
    if sys.argv[1:] == ["--brief"]:
        well = "This machine can run the course (`make check` lists the checks)."
        lines = [line for line in lines if not line.startswith("ok")] or [well]
    print("\n".join(lines))
    sys.exit(0 if fine else 1)
