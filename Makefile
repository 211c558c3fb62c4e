# Two commands: `make lab` opens the course, `make test` tests it. `make help` lists the rest.
#
# Both first make .venv, the course's own environment. The file .venv/installed marks it as complete:
# the installation runs again only when the list of packages changes.

VENV  := .venv
ENV   := $(VENV)/bin/python
WORK  := work
# Not every shell expands ~ here: zsh passes WORK=~/course unchanged. An apostrophe must not end the quotes around WORK below.
override WORK := $(subst ','\'',$(patsubst ~/%,$(HOME)/%,$(WORK)))
TRIED := $(or $(PYTHON),python3 python3.15 python3.14 python3.13 python3.12 python3.11 python)
# A container may have no user but root, and JupyterLab runs as root only with this option.
AS_ROOT = $(if $(filter 0,$(shell id -u)),--allow-root)
SIDE_BY_SIDE = --dist loadfile -n   # followed by the number of files to run at a time; more than two cores, since tests mostly wait
UNIT_TESTS = tests --ignore=tests/browser --ignore=tests/hub
TEST_BROWSER = $(ENV) -m pytest tests/browser -n 3 --dist worksteal  # three browsers, each with its own JupyterLab
ERRORS_ONLY = --ServerApp.log_level=ERROR --LabApp.log_level=ERROR  # Jupyter's warnings are about things that users cannot change
unexport PYTHONHOME     # if it is set for another Python, ours does not find its own library
unexport LC_ALL         # if this machine lacks that locale, Python cannot decode a folder's Chinese name; LANG stays
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: lab test test-unit test-fidelity test-lessons test-browser test-hub test-lowest test-pythons fresh assignments hub site store bench bench-hub lock check lint clean help

## lab              open the course in JupyterLab (LAB_ARGS="--no-browser" is passed on to it; WORK=folder: your copy is there)
lab: $(VENV)/installed
	@$(ENV) -P clients/course/environment.py --brief
	@$(ENV) -P clients/course/workspace.py --work '$(WORK)'
	@exec 9<'$(WORK)/deeper'; \
	if $(ENV) -P clients/course/already_open.py '$(WORK)' 9; then exit 0; fi; \
	echo "JupyterLab opens in your browser; if it does not, open one of the addresses below. To end it, press Ctrl-C twice."; \
	exec $(ENV) -m jupyterlab --ServerApp.root_dir='$(WORK)' $(ERRORS_ONLY) $(AS_ROOT) $(LAB_ARGS)

## test             test everything: unit tests, every lesson, a real browser
# The first two run side by side, since lessons wait while unit tests compute. The summary names the files that failed.
test: $(VENV)/with-tests
	$(ENV) -m pytest --nbval $(UNIT_TESTS) notebooks $(SIDE_BY_SIDE) 6
	$(TEST_BROWSER)

## fresh LESSON=02  restore one lesson as it was; your own version is kept beside it
fresh: $(VENV)/installed
	@$(ENV) -P clients/course/workspace.py --work '$(WORK)' fresh $(LESSON)

## assignments      the exercises as assignments for nbgrader, in assignments/ (with nbgrader in .venv-classroom)
assignments:
	@$(MAKE) -s .venv-classroom/with-classroom VENV=.venv-classroom
	@.venv-classroom/bin/python -m clients.course.assignments

## hub              JupyterHub for a class on this machine; the teachers' page says how (HUB_ARGS="--url=http://0.0.0.0:8000" lets the class in)
hub:
	@$(MAKE) -s .venv-hub/with-proxy VENV=.venv-hub
	@mkdir -p -m 700 hub
	@exec 9<hub; \
	if ! .venv-hub/bin/python -c 'import sys; from clients.course import already_open as a; sys.exit(not a.is_ours(9))'; then \
	    echo "A hub is running from this folder already, and a second one would end it and every learner's JupyterLab."; \
	    echo "To start a new one, first end it: press Ctrl-C in the terminal where it runs."; exit 1; \
	fi; \
	echo "In a few seconds the hub is at http://127.0.0.1:8000, or at the --url of HUB_ARGS. Ctrl-C ends it, and every learner's JupyterLab."; \
	exec .venv-hub/bin/python -m jupyterhub -f clients/course/jupyterhub_config.py $(HUB_ARGS)

## site             the course as pages to read without a kernel or the internet, in site/ (LIVE=02: run it for live timelines; LIVE=all)
site: $(VENV)/installed
	@$(ENV) -m clients.course.site $(LIVE)

## check            check whether this machine and this environment can run the course
check: $(VENV)/installed
	@$(ENV) -P clients/course/environment.py

# --- for developers of the course ---

## test-unit        only the tests of servers/ and clients/
test-unit: $(VENV)/with-tests
	$(ENV) -m pytest $(UNIT_TESTS) $(SIDE_BY_SIDE) 4

## test-lessons     only the lessons: run each, compare every output with the stored one (LESSON=02: only that one)
test-lessons: $(VENV)/with-tests
	$(ENV) -m pytest --nbval $(if $(LESSON),notebooks/$(LESSON)*.ipynb,$(SIDE_BY_SIDE) 6 notebooks)

## test-hub         a hub for two learners: each has a copy that the other cannot read (as root, with an account for each)
test-hub:
	@$(MAKE) -s .venv-hub/with-proxy VENV=.venv-hub
	.venv-hub/bin/python -m pytest tests/hub

## test-browser     only the browser tests, if there is a Chromium or Chrome (CHROMIUM=path names one)
test-browser: $(VENV)/with-tests
	$(TEST_BROWSER)

## test-lowest      test everything with the lowest versions that requirements.txt allows
test-lowest:
	$(MAKE) test VENV=.venv-lowest LOWEST=yes

## test-pythons     unit tests and lessons with each installed Python from 3.11 to 3.15, each in its own environment
test-pythons:
	@for python in python3.11 python3.12 python3.13 python3.14 python3.15; do \
	    if $$python -c '' 2>/dev/null; then \
	        echo "--- $$python"; $(MAKE) -s test-unit test-lessons PYTHON=$$python VENV=.venv-$$python || exit 1; \
	    else echo "--- $$python is not installed here: not tried"; fi; \
	done

## store LESSON=02  run a lesson and store its outputs in it; without LESSON, all of them
store: $(VENV)/installed
	$(ENV) -m clients.course.store $(LESSON)

## test-fidelity    CPython's own tests of sockets, threads and asyncio, bare and watched: results must match (MODULES=test_ssl: only that)
test-fidelity: $(VENV)/installed
	$(ENV) tests/runtime/fidelity.py $(MODULES)

## bench            measure the project's own figures (give it a quiet machine for an hour; BENCH="--only 3" measures one group)
bench: $(VENV)/installed
	@$(MAKE) -s .venv-bench/with-bench VENV=.venv-bench REQUIREMENTS="-e ."
	$(ENV) tests/bench/bench.py $(BENCH)

## bench-hub        measure a class on one hub on this machine (LEARNERS=30 MINUTES=10)
bench-hub:
	@$(MAKE) -s .venv-hub/with-proxy VENV=.venv-hub
	.venv-hub/bin/python tests/bench/hub.py --learners $(or $(LEARNERS),30) --minutes $(or $(MINUTES),10)

## lock             pin every package, with the hash of each file, so that a whole class has the same versions (make lab LOCKED=yes)
lock:
	@test -x .venv-lock/bin/uv || { $(firstword $(TRIED)) -m venv .venv-lock && .venv-lock/bin/python -m pip install -q uv; }
	@echo '# Made by `make lock`. `make lab LOCKED=yes` installs exactly this, and nothing whose hash differs.' > requirements.lock
	@sed '/^-e/d' requirements.txt | .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-header --no-annotate - >> requirements.lock

## lint             check the style of the code, and the types of the public functions
lint: $(VENV)/with-lint
	$(ENV) -m ruff check .
	$(ENV) -m mypy

## clean            remove environments, site and caches; work/, the learner's own copy, stays
clean:
	rm -rf .venv .venv-* site .pytest_cache .ruff_cache
	find servers clients tests notebooks -name __pycache__ -prune -exec rm -rf {} +

## help             this list
help:
	@sed -n 's/^## /  make /p' $(firstword $(MAKEFILE_LIST))

# --- the environment ---

LOWEST_BOUNDS = sed -n 's/^[ "]*\([a-z-]*\)>=\([0-9.]*\),.*/\1==\2/p' requirements.txt pyproject.toml
REQUIREMENTS = -r requirements.txt
PIP = $(ENV) -m pip --disable-pip-version-check install --progress-bar off
TO_LOG = >>$(VENV)/pip.log 2>&1 || { tail -n 30 $(VENV)/pip.log; \
    echo "The installation did not finish; the lines above say why ($(VENV)/pip.log has them all)."; \
    echo "It needs the internet this once: run the same command again."; exit 1; }

$(VENV)/installed: requirements.txt pyproject.toml clients/course/jupyter_server_config.py clients/course/ipython_kernel_config.py \
        clients/course/labextension/static/stored_pictures.js
	@for python in $(TRIED); do \
	    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "The course needs Python 3.11 or newer, but none of these is: $(TRIED)."; \
	    echo "Install it (https://www.python.org), or say where yours is: make lab PYTHON=/path/to/python3"; exit 1; \
	fi; \
	if ! $$python -c 'import venv, ensurepip' 2>/dev/null; then \
	    echo "$$python cannot make an environment: its venv module is missing."; \
	    echo "On Debian, Ubuntu and WSL2: sudo apt install python3-venv. Then run the same command again."; exit 1; \
	fi; \
	echo "Installing what the course needs into $(VENV), once: this takes two or three minutes."; \
	test -x $(ENV) || $$python -m venv --clear $(VENV) || { echo "The environment goes into the course's folder: \
	put the course where you can write, with a gigabyte free, and run the same command there."; exit 1; }
	@$(if $(LOWEST),$(LOWEST_BOUNDS),:) > $(VENV)/constraints.txt
	@{ $(if $(LOCKED),$(PIP) --require-hashes -r requirements.lock &&) $(PIP) $(REQUIREMENTS) -c $(VENV)/constraints.txt; } $(TO_LOG)
	@$(ENV) -m compileall -q servers clients    # otherwise, with PYTHONDONTWRITEBYTECODE set, each launch would compile them
	@mkdir -p $(VENV)/share/jupyter/lab/settings    # keeps JupyterLab from asking about Jupyter's news
	@echo '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}' \
	    > $(VENV)/share/jupyter/lab/settings/overrides.json
	@touch $@

# the same with an extra of pyproject.toml: tests, lint, bench, classroom
$(VENV)/with-%: $(VENV)/installed
	@echo "Installing the additional packages for: $*."
	@$(PIP) -e ".[$*]" -c $(VENV)/constraints.txt $(TO_LOG)
	@touch $@

# JupyterHub's own proxy is a program for Node.js, which the extra `hub` installs without root, and only inside $(VENV)
$(VENV)/with-proxy: $(VENV)/with-hub
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(VENV)/bin/npm install --prefix $(VENV) --global --no-audit --no-fund \
	    configurable-http-proxy@~5.3.0 $(TO_LOG)
	@mkdir -p $(VENV)/share/jupyter/lab/settings/overrides.d    # start-here.md is read, not edited
	@echo '{"@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}}}' \
	    > $(VENV)/share/jupyter/lab/settings/overrides.d/hub.json
	@touch $@
