# The book's two commands are `make book` and `make test`; `make help` lists the others.
# Everything is installed under .venv and node_modules; nothing outside this folder is touched
# (one exception, announced: Debian's headless Chromium for the browser tests, when run as root).

# What you may set:  make PYTHON=python3.12 PORT=9000 …
PYTHON ?= python3
PORT ?= 8000
JOBS ?= $(shell env -u OMP_NUM_THREADS nproc 2>/dev/null || echo 2)
# Passed on, as in: make notebooks ARGS=--all,  make lab ARGS="--language en"
ARGS ?=
# PyTorch's own index of CPU wheels: used only where it answers; empty means plain pip.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

VENV := .venv
PY := $(VENV)/bin/python
DONE := $(VENV)/.done
PIP := $(PY) -m pip --disable-pip-version-check --no-input
# A dot for every package; everything, where it fails.
INSTALL := bash tools/quietly.sh $(PIP) install --prefer-binary -c constraints.txt

export TORCH_INDEX JOBS
export PYTHONUTF8 := 1

.PHONY: help book offline serve notebooks agree lab experiments test test-full gpu mutants bench wheel constraints \
	clean distclean machine

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## Reading

book: $(DONE)/book node_modules/.done ## build both editions into _build/site (no PyTorch needed)
	@$(PY) book/editions.py book

offline: $(DONE)/book node_modules/.done ## the same, and one zip to read from a disk: _build/offline.zip
	@$(PY) book/editions.py offline

serve: machine ## serve the built site on 127.0.0.1 (PORT=8000)
	@test -f _build/site/index.html || { echo "No site yet. Cure: make book"; exit 1; }
	@echo "http://127.0.0.1:$(PORT)/   (Ctrl+C stops it)"
	@$(PYTHON) -m http.server --bind 127.0.0.1 --directory _build/site $(PORT)

## Writing

notebooks: $(DONE)/notebooks ## execute the chapters whose code changed, in parallel
	@$(PY) book/editions.py notebooks --jobs $(JOBS) $(ARGS)

agree: $(DONE)/book ## say that the two languages still agree after an edit of one half
	@$(PY) book/editions.py agree

lab: $(DONE)/lab ## open the chapter sources in JupyterLab, first cell loaded
	@$(PY) book/editions.py lab $(ARGS)

experiments: $(DONE)/notebooks ## train what the stored results are made of; stop it at any time
	@$(PY) experiments/run.py --jobs $(JOBS) $(ARGS)

## Checking

test: $(DONE)/test node_modules/.done ## style, types, tests, every notebook, strict build, browser
	@$(PY) tools/install_browser.py
	@$(PY) tools/run_tests.py

test-full: $(DONE)/test node_modules/.done ## `make test`, then what is too long for every run
	@$(PY) tools/install_browser.py
	@$(PY) tools/run_tests.py --full

gpu: $(DONE)/test ## only the notebooks, and only where PyTorch sees a CUDA device
	@$(PY) tools/run_tests.py --gpu

mutants: $(DONE)/mutants ## change the attention modules, one place at a time: do the tests notice?
	@$(PY) tools/mutants.py $(ARGS)

bench: $(DONE)/test ## time the attention modules beside a naive CBAM and timm's
	@$(PY) benchmarks/attention.py $(ARGS)

wheel: $(DONE)/notebooks ## build the package's wheel into dist/
	@$(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/*.whl

constraints: $(DONE)/venv ## resolve every pinned version anew (needs Python 3.11 and 3.12)
	@$(PY) tools/constraints.py

clean: ## remove what was built; keep what was installed
	rm -rf _build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis

distclean: clean ## remove what was installed, too
	rm -rf $(VENV) node_modules

## Setting up (each step leaves a mark, so that the next run passes over it)

machine:
	@sh tools/check_machine.sh "$(PYTHON)"

$(DONE)/venv: constraints.txt
	@sh tools/check_machine.sh "$(PYTHON)"
	@test -x $(PY) || { echo "-- making $(VENV)"; "$(PYTHON)" -m venv $(VENV); }
	@$(INSTALL) pip
	@mkdir -p $(DONE) && touch $@

$(DONE)/book: $(DONE)/venv pyproject.toml
	@echo "-- installing what builds the book (a minute or two, once)"
	@$(INSTALL) --group book
	@touch $@

$(DONE)/notebooks: $(DONE)/venv pyproject.toml tools/install_torch.py
	@echo "-- installing what runs the notebooks"
	@$(INSTALL) --group book --group notebooks
	@$(PY) tools/install_torch.py
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(DONE)/book $@

$(DONE)/lab: $(DONE)/notebooks
	@echo "-- installing JupyterLab"
	@$(INSTALL) --group lab
	@touch $@

$(DONE)/test: $(DONE)/venv pyproject.toml tools/install_torch.py
	@echo "-- installing what tests the book (a few minutes, once)"
	@$(INSTALL) --group book --group notebooks --group test
	@$(PY) tools/install_torch.py
# timm is a peer to compare with. It asks for torchvision, which would bring a torch of its own
# choice; the layers that the tests import need neither that nor anything else that it asks for.
	@$(INSTALL) --no-deps --group peers
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(DONE)/book $(DONE)/notebooks $@

$(DONE)/mutants: $(DONE)/test
	@echo "-- installing what makes the mutants"
	@$(INSTALL) --group mutants
	@touch $@

node_modules/.done: package.json | $(DONE)/venv
	@echo "-- fetching the site's fonts, icons, MathJax and the engine of the live figures"
	@$(PY) tools/install_assets.py
	@touch $@
