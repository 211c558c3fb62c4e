# Two commands: `make lab` opens the course, `make test` proves it. `make help` lists the rest.
#
# Both first make .venv, an environment of the course's own. The file .venv/installed says that all is in it:
# only a change of requirements.txt or pyproject.toml makes the installation run again.

VENV  := .venv
ENV   := $(VENV)/bin/python
TRIED := $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python)
# In a container there may be no user but root, and JupyterLab wants to be told.
AS_ROOT = $(if $(filter 0,$(shell id -u)),--allow-root)
NODELAY = --ServerApp.kernel_websocket_connection_class=clients.course.nodelay.Connection
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: lab test test-unit test-lessons test-browser test-lowest fresh assignments store bench check lint clean help

## lab              open the course in JupyterLab (LAB_ARGS="--no-browser" is passed on to it)
lab: check
	@$(ENV) -P clients/course/workspace.py
	@$(ENV) -m jupyterlab --ServerApp.root_dir=work $(NODELAY) $(AS_ROOT) $(LAB_ARGS)

## test             prove everything: unit tests, every lesson, a real browser
test: test-unit test-lessons test-browser

## fresh LESSON=02  put one lesson back as it was; your own version is kept beside it
fresh: $(VENV)/installed
	@$(ENV) -P clients/course/workspace.py fresh $(LESSON)

## assignments      the exercises as assignments for nbgrader, in assignments/ (with nbgrader in .venv-classroom)
assignments:
	@$(MAKE) -s .venv-classroom/installed VENV=.venv-classroom EXTRA=classroom
	@.venv-classroom/bin/python -m clients.course.assignments

## check            say whether this machine and this environment can run the course
check: $(VENV)/installed
	@$(ENV) -P clients/course/environment.py

# --- for those who change the course ---

## test-unit        only the tests of servers/ and clients/
test-unit: $(VENV)/installed
	$(ENV) -m pytest tests --ignore=tests/browser -n 4 --dist loadfile    # four at a time: tests mostly wait

## test-lessons     only the lessons: run each, compare every output with the stored one (LESSON=02: only that)
test-lessons: $(VENV)/installed
	$(ENV) -m pytest --nbval --nbval-cell-timeout=60 --nbval-sanitize-with=clients/course/sanitize.cfg \
	    $(if $(LESSON),notebooks/$(LESSON)*.ipynb,-n 4 --dist loadfile notebooks)    # four at a time: lessons mostly wait

## test-browser     only the browser tests, where there is a Chromium or Chrome (CHROMIUM=path names one)
test-browser: $(VENV)/installed
	$(ENV) -m pytest tests/browser

## test-lowest      prove everything with the lowest versions that requirements.txt allows
test-lowest:
	$(MAKE) test VENV=.venv-lowest LOWEST=yes

## store LESSON=02  run a lesson and store its outputs in it; without LESSON, all of them
store: $(VENV)/installed
	$(ENV) -m clients.course.store $(LESSON)

## bench            measure the project's own figures (an hour of quiet helps; BENCH="--only 3" measures one group)
bench: $(VENV)/installed
	@$(MAKE) -s .venv-bench/installed VENV=.venv-bench REQUIREMENTS= EXTRA=bench
	$(ENV) tests/bench/bench.py $(BENCH)

## lint             check the style of the code with ruff
lint:
	@if command -v ruff >/dev/null; then ruff check .; \
	elif [ -x $(VENV)/bin/ruff ]; then $(VENV)/bin/ruff check .; \
	else echo "ruff is not here. Install it: $(VENV)/bin/python -m pip install ruff"; exit 1; fi

## clean            remove what make made; work/, the learner's own copy, stays
clean:
	rm -rf .venv .venv-lowest .venv-bench .venv-classroom .pytest_cache .ruff_cache
	find servers clients tests notebooks -name __pycache__ -prune -exec rm -rf {} +

## help             this list
help:
	@sed -n 's/^## /  make /p' $(firstword $(MAKEFILE_LIST))

# --- the environment ---

LOWEST_BOUNDS = sed -n 's/^\([a-z-]*\)>=\([0-9.]*\),.*/\1==\2/p' requirements.txt

REQUIREMENTS = -r requirements.txt
EXTRA =

$(VENV)/installed: requirements.txt pyproject.toml
	@for python in $(TRIED); do \
	    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "The course needs Python 3.11 or newer, and found none as: $(TRIED)."; \
	    echo "Install one (https://www.python.org), or say where yours is: make lab PYTHON=/path/to/python3"; exit 1; \
	fi; \
	if ! $$python -c 'import venv, ensurepip' 2>/dev/null; then \
	    echo "$$python cannot make an environment: its venv module is missing."; \
	    echo "On Debian, Ubuntu and WSL2: sudo apt install python3-venv. Then run the same command again."; exit 1; \
	fi; \
	echo "Installing what the course needs into $(VENV), once: this takes two or three minutes."; \
	test -x $(ENV) || $$python -m venv --clear $(VENV)
	@$(if $(LOWEST),$(LOWEST_BOUNDS),:) > $(VENV)/constraints.txt
	@$(ENV) -m pip install --progress-bar off --disable-pip-version-check \
	    $(REQUIREMENTS) $(if $(EXTRA),-e ".[$(EXTRA)]") -c $(VENV)/constraints.txt || \
	    { echo "The installation did not finish; the lines above say why. It needs the internet this once: run the same command again."; exit 1; }
	@$(ENV) -m compileall -q servers clients    # else each launch would compile them, where PYTHONDONTWRITEBYTECODE is set
	@mkdir -p $(VENV)/share/jupyter/lab/settings    # a lesson opens without the question about Jupyter's news
	@echo '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}' \
	    > $(VENV)/share/jupyter/lab/settings/overrides.json
	@touch $@
