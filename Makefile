# Veilleur. Two commands are enough: `make run` and `make test`. Each sets up all it needs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .make
DESK_SOURCES := $(shell find desk -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
DATA ?= var/demo
WORKERS ?= 3
FOOTAGE ?=

.PHONY: help run test quick check fix bench faults api docs clean desk

help: ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(STAMPS)/python: requirements/dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked dependencies…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/desk: $(STAMPS)/python $(DESK_SOURCES) scripts/build_desk.py
	@$(BIN)/python scripts/build_desk.py
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/browser: $(STAMPS)/python scripts/find_browser.py
	@$(BIN)/python scripts/find_browser.py
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/peers: $(STAMPS)/python scripts/test_peers.py
	@$(BIN)/python scripts/test_peers.py
	@mkdir -p $(STAMPS) && touch $@

desk: $(STAMPS)/desk ## Build the web desk

run: $(STAMPS)/desk ## Start the demonstration centre on http://127.0.0.1:8600 (FOOTAGE=DIR: your own MP4 files)
	@exec $(BIN)/veilleur up --demo --data-dir $(DATA) --http 127.0.0.1:8600 --dc09 127.0.0.1:10009 $(if $(FOOTAGE),--footage "$(FOOTAGE)")

test: $(STAMPS)/desk $(STAMPS)/browser $(STAMPS)/peers ## Run every test
	@$(BIN)/python -m compileall -q src tests # hundreds of processes start, and some machines keep no bytecode
	@$(BIN)/python -m pytest tests -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations=40 -m "not long"
	@$(BIN)/python scripts/build_desk.py --test

faults: $(STAMPS)/desk $(STAMPS)/browser $(STAMPS)/peers ## Break everything on purpose, in a storm: some minutes (FOOTAGE=DIR: films of one's own too)
	@$(BIN)/python -m pytest tests/faults
	@$(BIN)/python -m pytest tests -m long --ignore=tests/faults $(if $(FOOTAGE),--footage "$(FOOTAGE)")

quick: $(STAMPS)/python ## Run the tests that need neither browser nor peers
	@$(BIN)/python -m pytest tests -n 2 --dist loadfile --no-loadscope-reorder -m "not browser and not peer and not slow and not long"

check: $(STAMPS)/desk ## Format, lint, types, layers, sizes, strings, migrations, generated files
	@$(BIN)/ruff format --check src tests bench scripts
	@$(BIN)/ruff check src tests bench scripts
	@$(BIN)/mypy
	@$(BIN)/lint-imports --config pyproject.toml
	@$(BIN)/python scripts/check_house.py
	@$(BIN)/python scripts/check_traceability.py
	@$(BIN)/python scripts/generate.py --check
	@$(BIN)/python scripts/check_migrations.py
	@$(BIN)/python scripts/build_desk.py --check

fix: $(STAMPS)/python ## Format and mend what can be mended by itself
	@$(BIN)/ruff format src tests bench scripts
	@$(BIN)/ruff check --fix src tests bench scripts

api: $(STAMPS)/python ## Regenerate the API's types, the reference and the catalogues
	@$(BIN)/python scripts/generate.py

bench: $(STAMPS)/desk $(STAMPS)/browser ## Print every figure
	@$(BIN)/python -m bench

clean: ## Remove what the targets made
	rm -rf $(STAMPS) $(VENV) desk/node_modules src/veilleur/web/static build dist .mypy_cache .ruff_cache .pytest_cache
