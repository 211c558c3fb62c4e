"""What to tell a learner when a server did not start: what happened, why, and what to do next."""

import contextlib
import os
import signal

import psutil


def explain(name, events, exit_status, log, timeout):
    """The text of a LaunchError. `exit_status` is None while the process runs, negative when a signal ended it."""
    for event in reversed(events):
        if event.kind in ("bind", "listen") and event.detail.endswith("EADDRINUSE"):
            return port_in_use(name, int(event.detail.split()[0].rpartition(":")[2])) + indented(log)
    if any(event.kind == "listen" and not event.detail for event in events):
        text = f"{name} listens on a Unix socket. That has a path and no port; here a server has to listen on 127.0.0.1."
        return text + indented(log)
    if exit_status is None:
        return (
            f"{name} did not listen within {timeout:g} s. It runs, but has called neither listen() nor, for UDP, bind(). "
            "Is there a call that waits before that? If it only needs longer: launch(..., timeout=60)." + indented(log)
        )
    return f"{name} {ending(exit_status)} before it listened.{hint(exit_status, log)}{indented(log)}"


def left_a_daemon(name, pids):
    """What to say of a script that ended and left processes behind before anything listened."""
    return (
        f"{name} ended and left a process behind (PID {', '.join(map(str, pids))}): it makes itself a daemon, as programs do that a "
        "terminal must not end. That process was ended, too. "
        "Here a server has to stay in the foreground: leave out its fork() and setsid()."
    )


def ending(exit_status):
    """How a process ended, in words."""
    if exit_status < 0:
        try:
            return f"ended by signal {signal.Signals(-exit_status).name}"
        except ValueError:
            return f"ended by signal {-exit_status}"
    return f"exited with code {exit_status}"


def hint(exit_status, log):
    if exit_status == 0 and "Traceback" not in log:
        return " The script came to its end: a server has to stay in a loop around accept() or recvfrom()."
    return ""


def port_in_use(name, port):
    holder = holder_of(port)
    if holder:
        return f"{name}: port {port} is in use by PID {holder} ({readable_command(holder)}); stop it or choose another port."
    return (
        f"{name}: port {port} is in use, though nobody listens there now: connections of a server that ended a moment ago are "
        f"still in TIME_WAIT (up to 60 s). To bind anyway, both that server and this script must have set SO_REUSEADDR. "
        f"Wait, or choose another port."
    )


def holder_of(port):
    """The PID of a process that listens (TCP) or is bound (UDP) at this port, or None. Sees what its user may see."""
    with contextlib.suppress(psutil.AccessDenied):  # on macOS only root may ask for all at once
        if not holds(psutil.net_connections(kind="inet"), port):
            return None  # so nobody is asked in turn, which takes seconds where there are many connections
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if holds(process.net_connections(kind="inet"), port):
                return process.pid
    return None


def holds(connections, port):
    listening_or_bound = psutil.CONN_LISTEN, psutil.CONN_NONE
    return any(one.laddr and one.laddr.port == port and one.status in listening_or_bound for one in connections)


def readable_command(pid):
    """What to call a process in a message: its command, and of one of ours only the script."""
    try:
        command = psutil.Process(pid).cmdline()
    except psutil.Error:
        return "?"
    if len(command) > 8 and command[1].endswith("runtime/start.py"):
        command = ["python", *command[8:]]  # before it stand our folder and five settings
    text = " ".join([os.path.basename(command[0]), *command[1:]]) if command else "?"
    return text if len(text) <= 80 else text[:77] + "..."


def indented(log):
    """The log's tail, set off from the sentence before it."""
    lines = log.rstrip().splitlines()[-25:]
    return "\n\n" + "\n".join("    " + line for line in lines) if lines else ""
