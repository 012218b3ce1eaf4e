# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# `make` alone explains the targets. Every target runs the tools of .venv, which `make deps` builds from requirements/.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PYTEST := $(PY) -m pytest

export PATH := $(BIN):$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(VENV)/collections

help: ## this text
	@echo "ampora.upgrades: make TARGET"
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

## the way in

deps: $(VENV)/.stamp ## .venv with the exact pins, the collections we depend on, and this checkout as ampora.upgrades

$(VENV)/.stamp: requirements/test.txt requirements/collections.txt tests/tools/deps.py
	@for python in python3 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    exec $$python tests/tools/deps.py --venv $(VENV); \
	  fi; \
	done; \
	echo "deps: no Python 3.11 or newer with venv was found; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1

demo: sandbox ## the whole job, shown: a sandbox, then 1.4.2 to 1.5.0 under 200 agents, then the report
	@$(PY) -m tests.tools.demo

## checks

test: deps ## everything: lint, sanity, unit, integration and the scenarios marked for CI, in one pytest run
	@$(PYTEST) tests --suite --cov --cov-report=term

lint: deps ## ruff, mypy, yamllint, ansible-lint, ansible-doc, antsibull, go
	@$(PY) -m tests.tools.checks lint

docs: deps ## write what is generated: the argument specs of the roles, the index of the rules
	@$(PY) -m tests.tools.role_specs
	@$(PY) -m tests.tools.rule_index

docs-check: deps ## ansible-doc and antsibull-docs over every plugin and role
	@$(PY) -m tests.tools.checks ansible-doc antsibull-docs

sanity: deps ## ansible-test sanity, in a copy of the checkout, without an ignore file
	@$(PY) -m tests.tools.checks sanity

unit: deps ## unit tests with branch coverage
	@$(PYTEST) tests/unit --cov --cov-report=term

unit-next: deps ## unit tests and sanity on the other line of Python and ansible-core
	@$(PY) -m tests.tools.other_line

integration: deps ## each plugin and role against the real parts of the sandbox
	@$(PYTEST) tests/integration

scenario: deps ## one whole upgrade: make scenario NAME=minor-job
	@$(PYTEST) tests/scenarios -s --scenario "$(NAME)"

scenarios: deps ## all whole upgrades
	@$(PYTEST) tests/scenarios

extended: deps ## each part of the sandbox's extended tier, started on demand and used once
	@$(PYTEST) tests/extended

bench: deps ## an upgrade beside a plain script of the same commands, as a ratio
	@$(PYTEST) tests/benchmarks -s

## the sandbox

sandbox: deps ## start it (or find it up): Kubernetes, registry, PostgreSQL, Prometheus, OIDC, Ampora's double; TIER=extended for more
	@$(PY) -m tests.sandbox up --tier $(or $(TIER),default)

sandbox-status: deps ## what is up
	@$(PY) -m tests.sandbox status

sandbox-reset: deps ## back to a clean 1.4.2
	@$(PY) -m tests.sandbox reset

sandbox-down: deps ## stop it and leave nothing behind
	@$(PY) -m tests.sandbox down

## the rest

build: deps ## the collection as a tarball in dist/
	@$(BIN)/ansible-galaxy collection build --force --output-path dist

clean: ## remove what the targets above made, but not the sandbox
	@rm -rf .venv .cache .ansible .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.* dist tests/output
	@find . -name __pycache__ -type d -not -path './.sandbox/*' -prune -exec rm -rf {} +

.PHONY: help deps demo test lint docs docs-check sanity unit unit-next integration scenario scenarios extended bench sandbox sandbox-status sandbox-reset sandbox-down build clean
