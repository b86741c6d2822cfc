# Needs git, make and Python 3.11 or newer. Everything else is installed into .venv from requirements.lock.
.DEFAULT_GOAL := help
SHELL := bash
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
HOME_DIR := $(or $(RUNWAY_HOME),.runway)
# Percent of lines and branches that must be covered, else `make test` fails.
COVER_ALL ?= 95
COVER_FLOOR ?= 100

# Measures every Python process of the run: xdist's workers and the real bots and workers they start.
MEASURED := COVERAGE_PROCESS_START=$(CURDIR)/pyproject.toml COVERAGE_FILE=$(CURDIR)/.coverage

NEW_ENOUGH = import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
UNUSED = import fcntl, sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)
DEMO_DATA := postgres redis run sandbox logs demo-secrets.json services.json encryption-keys embedded.lock *.pid *.log

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python3.14 python,\
	$(shell $(name) -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && echo $(name))))

.PHONY: help setup demo demo-reset up test check unit bench faults lock

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: setup ## A company's week in a Slack-like page, with everything it needs (HEADLESS=1: no browser)
	@exec $(BIN)/runway demo $(if $(HEADLESS),--headless)

demo-reset: ## Forget the demo's data: the next `make demo` starts from nothing
	@if [ -e "$(HOME_DIR)/embedded.lock" ] && ! $(PYTHON) -c '$(UNUSED)' "$(HOME_DIR)/embedded.lock" 2>/dev/null; then \
		echo "The demo is running: stop it first (Ctrl-C), then reset." >&2; exit 1; \
	fi
	@if [ -d "$(HOME_DIR)" ]; then cd "$(HOME_DIR)" && rm -rf $(DEMO_DATA); fi
	@echo "Forgotten. The next 'make demo' starts from nothing."

up: setup ## Bot, worker and scheduler under one supervisor
	@exec $(BIN)/runway up

test: setup check ## Every check and test that CI runs
	@$(BIN)/coverage erase
	@mkdir -p .pytest_cache
	@set -o pipefail; $(MEASURED) PYTHONUNBUFFERED=1 $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS) | tee .pytest_cache/last-run.txt
	@$(BIN)/coverage combine --quiet
	@echo "Coverage of calculators and kit (at least $(COVER_FLOOR) %):"
	@$(BIN)/coverage report --include='calculators/*,kit/*' --skip-covered --fail-under=$(COVER_FLOOR)
	@echo "Coverage of everything (at least $(COVER_ALL) %):"
	@$(BIN)/coverage report --skip-covered --fail-under=$(COVER_ALL)
	@tail -n 1 .pytest_cache/last-run.txt

check: setup ## Lint, format, types, dependency rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

unit: setup ## The tests that touch nothing but memory
	@$(BIN)/pytest tests/unit $(ARGS)

faults: setup ## Kill, flush, stop, drip, duplicate, reorder; then ask the invariants
	@$(BIN)/pytest tests/faults $(ARGS)

bench: setup ## The measured promises
	@$(BIN)/python -m benchmarks $(ARGS)

lock: setup ## Resolve the dependencies anew into requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --extra embedded --group dev --universal --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --quiet -o requirements.lock

setup: .venv/installed ## Create .venv with the locked dependencies

.venv/installed: requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "Runway needs Python 3.11 or newer with the venv module, and found none on the PATH." >&2; \
		echo "Install one (Debian and Ubuntu: python3 and python3-venv), or name it: make PYTHON=/path/to/python" >&2; \
		exit 1; \
	fi
	@echo "Setting up .venv with $$($(PYTHON) --version) ..."
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
