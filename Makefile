# One command each: `make run` checks the embedded server, `make test` tests sync-check itself.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

# What .venv is made from: `python3`, or the distribution's of the same version where the first was compiled without
# optimisations, as version managers do unless told otherwise: everything takes about a fifth more time in such a build.
BUILD := import sys, sysconfig as of; print(sys.version_info[:2], "--enable-optimizations" in str(of.get_config_var("CONFIG_ARGS")))
ALIKE := import ensurepip, sys; print(sys.version_info[:2], False)
PYTHON ?= $(shell [ "$$(python3 -c '$(BUILD)')" = "$$(/usr/bin/python3 -c '$(ALIKE)' 2>&1)" ] && echo /usr/bin/python3 || echo python3)
ARGS ?=
TESTARGS ?=

BIN := .venv/bin
FOLDERS := conformance harness scenarios reference_server reports
SOURCES := src $(FOLDERS) tests benchmarks
UV := build/uv

# A container that forbids it makes every process compile what it imports, and every test rewrite its assertions.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test coverage lint format types imports docs pictures lock clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS=$$'\t' read -r name words; do printf '  make %-8s %s\n' "$$name" "$$words"; done

setup: .venv/.ready ## create .venv from the lock (every other target does it when needed)

run: .venv/.ready ## run `sync-check run` against the embedded server; ARGS="messages/edit --clients 20"
	@$(BIN)/sync-check run $(ARGS)

test: .venv/.ready ## run the tests of sync-check; TESTARGS="-k wheel"
	@$(BIN)/python -m pytest -n auto $(TESTARGS)

coverage: .venv/.ready ## run the tests and list the lines and branches that none of them reached
	@$(BIN)/coverage erase
	@SYNC_CHECK_LENGTH=1 $(BIN)/coverage run -m pytest -n auto $(TESTARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --skip-covered --show-missing

lint: .venv/.ready ## check format and style
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/ruff check $(SOURCES)

format: .venv/.ready ## rewrite the sources in the one format
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

types: .venv/.ready ## check the types, strictly
	@$(BIN)/mypy src tests benchmarks

imports: .venv/.ready ## check that every layer imports only what it may
	@$(BIN)/lint-imports --no-logo

docs: .venv/.ready ## renew what is generated under docs/
	@$(BIN)/python -m tests.house.renewal

pictures: .venv/.ready ## take the pictures of the web shell in docs/ anew; needs a Chromium
	@$(BIN)/python -m tests.reference_server.web.pictures

lock: ## renew requirements.lock from pyproject.toml; LOCKARGS="--upgrade"
	@test -x $(UV)/bin/uv || { rm -rf $(UV); $(PYTHON) -m venv $(UV); $(UV)/bin/pip install --quiet uv; }
	@$(UV)/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-config --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet $(LOCKARGS) -o requirements.lock

clean: ## remove .venv, caches and build products
	@rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov
	@find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are written last: an interrupted set-up is begun anew.
.venv/.locked: requirements.lock
	@$(PYTHON) -c '' || { echo "$(PYTHON) cannot be run: make PYTHON=python3.12 ..., for example" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "sync-check needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/.ready: .venv/.locked pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
