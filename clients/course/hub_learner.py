"""The program that the hub runs for a learner: makes their copy of the lessons, writes start-here.md, becomes their JupyterLab."""

import os
import sys
from pathlib import Path

from clients.course.workspace import copy_lessons

FOLDER = "server-models"  # in the learner's home
RENEW = "python -m clients.course.workspace fresh {}"
START = """\
# Start here

Open `00-what-is-a-server.ipynb` in the list on the left. The lessons there are your own copy: write in them, break them. Save with Ctrl-S.

- **Memory.** {memory}
- **Idle.** After {hours} hours without a run or a click, a notebook's kernel ends, and its servers with it. What you saved stays; the
  variables are gone: run the cells again. When you finish, *File > Hub Control Panel > Stop My Server* frees your memory at once.
- **A lesson as it was.** In a terminal (*File > New > Terminal*), `{renew}` brings lesson 02 back; yours is kept beside it.
{news}"""
LIMITED = """\
Your JupyterLab, your kernels and your servers may use {} MB together. If they need more, the largest kernel ends, with its
  servers, and the page says so. Shut down what you no longer need."""
SHARED = "All learners share this machine's memory, and nothing limits yours: shut down what you no longer need."


def start_page(news, environment=os.environ):
    """Return the page that the learner reads first: their limits, and which lessons have a newer version."""
    limit = environment.get("MEM_LIMIT")  # bytes; the hub sets it where it can enforce it
    return START.format(
        memory=LIMITED.format(int(limit) // 2**20) if limit else SHARED,
        hours=environment["COURSE_IDLE_HOURS"],
        renew=RENEW.format("02"),
        news="".join(f"- {line}\n" for line in news if "newer version" in line),
    )


def main(arguments):
    work = Path.home() / FOLDER
    work.mkdir(mode=0o700, exist_ok=True)
    news = copy_lessons(work=work, renew=RENEW)
    (work / "start-here.md").write_text(start_page(news), encoding="utf-8")
    os.chdir(work)
    # JupyterLab without a terminal opens login shells by default: they would reset the hub's PATH, and lose `python` and `nbgrader`.
    shell = f"--ServerApp.terminado_settings=shell_command={os.environ.get('SHELL') or 'sh'}"
    os.execv(sys.executable, [sys.executable, "-m", "jupyterhub.singleuser", f"--ServerApp.root_dir={work}", shell, *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
