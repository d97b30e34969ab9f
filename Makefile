# Needs make and Python 3.11 or newer, nothing else: everything is installed into .venv, by the hashes of the lock files.
#   make demo   a demo with its own database and people; PORT=8080 make demo picks the port
#   make test   style, types and all tests
.DEFAULT_GOAL := demo
.PHONY: demo test lint bundle lock clean

PYTHONS := python3 python3.13 python3.12 python3.11
PYTHON ?= $(firstword $(foreach p,$(PYTHONS),$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
PORT ?= 8080
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UI := $(filter-out web/ui/node_modules,$(wildcard web/ui/* web/ui/.npmrc))
BUNDLE := web/static/dist/.stamp
UV := uv==0.13.8

demo: .venv/.installed
	$(BIN)/ratchet demo --port $(PORT)

test: lint
	$(BIN)/pytest -n auto --dist loadfile

lint: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/mypy

bundle: $(BUNDLE)

# versions and hashes for every platform, and no address of where they came from; UPGRADE=--upgrade takes newer versions
lock: .venv/.runtime
	$(PIP) $(UV)
	$(BIN)/uv pip compile pyproject.toml --group build $(COMPILE) --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group build --extra dev --constraint requirements.lock $(COMPILE) --output-file requirements-dev.lock
COMPILE = $(UPGRADE) --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-package ratchet

clean:
	rm -rf .venv web/static/dist web/ui/node_modules dist build .mypy_cache .ruff_cache .pytest_cache
	find engine web tests processes forms benchmarks -name __pycache__ -prune -exec rm -rf {} +

.venv/.runtime: requirements.lock
	@test -n "$(PYTHON)" || { echo "Ratchet needs Python 3.11 or newer; found none of: $(PYTHONS)"; exit 1; }
	@echo "Installing the Python packages into .venv (about half a minute) …"
	@$(PYTHON) -m venv .venv || { echo "No virtual environment can be made. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(PIP) --require-hashes --only-binary :all: --requirement requirements.lock
	@touch $@

$(BUNDLE): .venv/.runtime hatch_build.py $(UI)
	@echo "Building the browser bundle …"
	@$(BIN)/python hatch_build.py

.venv/.installed: .venv/.runtime pyproject.toml $(BUNDLE)
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.installed requirements-dev.lock
	@echo "Installing what the tests need …"
	@$(PIP) --require-hashes --only-binary :all: --requirement requirements-dev.lock
	@touch $@
