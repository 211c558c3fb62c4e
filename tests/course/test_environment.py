"""The environment check says what is wrong in plain words, and what to do."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from clients.course import environment

SCRIPT = Path(environment.__file__)


def run(**variables):
    return subprocess.run(
        [sys.executable, "-P", SCRIPT], env={**os.environ, **variables}, capture_output=True, text=True, timeout=60
    )


def fails():
    raise environment.Problem("it is broken", "mend it")


def test_here_all_is_well():
    answer = run()
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert [line.split()[0] for line in answer.stdout.splitlines()] == ["ok"] * len(environment.CHECKS)


def test_a_problem_comes_with_its_remedy_and_the_other_checks_still_run():
    lines, fine = environment.report([fails, lambda: "the rest"])
    assert not fine
    assert lines == ["problem  it is broken", "         what to do: mend it", "ok       the rest"]


def test_in_brief_only_what_is_not_well_is_named(tmp_path):
    answer = subprocess.run([sys.executable, "-P", SCRIPT, "--brief"], capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0 and answer.stdout.count("\n") == 1 and "can run the course" in answer.stdout


def test_a_python_that_was_not_tried_is_a_warning_and_no_obstacle(monkeypatch):
    monkeypatch.setattr(environment, "NEWEST_TRIED", (3, 10))
    (warning, remedy), fine = environment.report([environment.python])
    assert fine and warning.startswith("warning  this is Python 3.") and "go on" in remedy


def test_make_and_ci_try_the_pythons_that_count_as_tried():
    tried = {f"3.{minor}" for minor in range(11, environment.NEWEST_TRIED[1] + 1)}
    root = environment.REPOSITORY
    [loop] = re.findall(r"^\t@for python in (python3.*);", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(loop.replace("python", "").split()) == tried

    ci, nightly = ((root / ".github" / "workflows" / name).read_text(encoding="utf-8") for name in ("ci.yml", "nightly.yml"))
    [matrix] = re.findall(r"python: \[(.*)\]", nightly)
    assert set(re.findall(r'python: "(.*?)", target: test', ci)) == set(re.findall(r'"(.*?)"', matrix)) == tried


def test_the_lock_holds_all_requirements_within_their_bounds():
    root = environment.REPOSITORY
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (root / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE))
    for line in (root / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if re.match(r"\w", line):
            wanted = Requirement(line.split("#")[0])
            assert locked[wanted.name] in wanted.specifier, "run: make lock"


def test_the_image_has_what_ci_installs_for_the_lessons():
    root = environment.REPOSITORY
    installed = " ".join(re.findall(r"missing\+=\((.*)\)", (root / ".ci" / "run").read_text(encoding="utf-8"))).split()
    only_for_tests = {"chromium", "libatomic1"}
    from_the_base_image = {"python3", "python3-venv"}
    image = (root / "binder" / "Dockerfile").read_text(encoding="utf-8")
    [packages] = re.findall(r"apt-get install [^&]*", image)
    assert set(installed) - only_for_tests - from_the_base_image <= set(packages.split())

    container = json.loads((root / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert (root / ".devcontainer" / container["build"]["dockerfile"]).resolve() == root / "binder" / "Dockerfile"


def test_another_folder_with_our_names_in_front(tmp_path):
    (tmp_path / "clients").mkdir()
    (tmp_path / "clients" / "__init__.py").touch()
    answer = run(PYTHONPATH=str(tmp_path))
    assert answer.returncode == 1
    assert str(tmp_path) in answer.stdout and "unset PYTHONPATH" in answer.stdout


def test_a_kernel_of_another_environment_in_front(tmp_path):
    kernel = tmp_path / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text('{"argv": ["/nowhere/python"], "display_name": "other", "language": "python"}')
    answer = run(JUPYTER_PATH=str(tmp_path))
    assert answer.returncode == 1
    assert "its kernel would be /nowhere/python" in answer.stdout and "kernelspec list" in answer.stdout


def test_a_package_out_of_bounds_or_missing(tmp_path, monkeypatch):
    (tmp_path / "requirements.txt").write_text("pytest>=9999  # too new\nno-such-package>=1\n-e .\n")
    monkeypatch.setattr(environment, "REPOSITORY", tmp_path)
    with pytest.raises(environment.Problem) as problem:
        environment.packages()
    assert "but the course needs pytest>=9999" in problem.value.wrong and "no-such-package is missing" in problem.value.wrong


def test_a_home_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "file" / "jupyter"))
    with pytest.raises(environment.Problem, match="cannot write in .*jupyter") as caught:
        environment.jupyters_folders()
    assert "HOME=" in caught.value.remedy


@pytest.mark.parametrize("home", ["file/home", "/proc"])  # in /proc even root cannot create a folder
def test_such_a_home_is_named_in_plain_words_alone(tmp_path, home):
    (tmp_path / "file").touch()
    answer = run(HOME=str(tmp_path / home), JUPYTER_CONFIG_DIR="")
    assert answer.returncode == 1 and answer.stderr == "" and "what to do: set HOME" in answer.stdout


def test_no_loopback(monkeypatch):
    def refuse(*_, **__):
        raise PermissionError("not allowed")

    monkeypatch.setattr(environment.socket, "create_server", refuse)
    with pytest.raises(environment.Problem, match="127.0.0.1 does not work here: not allowed"):
        environment.loopback()


def test_no_fork_names_wsl2(monkeypatch):
    monkeypatch.delattr(os, "fork")
    with pytest.raises(environment.Problem) as problem:
        environment.fork()
    assert "WSL2" in problem.value.remedy
