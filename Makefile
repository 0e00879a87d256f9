# Every target sets up what it needs: a virtual environment in .venv with the locked packages (checked by hash)
# and this project in it; what needs one, a browser as well (PAYER_GATEWAY_CHROMIUM=/path names one). Needed beforehand:
# python3 >= 3.11 with venv, git, make. `make help` lists the targets.

PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
# Set-up is redone when a lock or pyproject.toml changes; from nothing when the checkout has moved or the Python
# that .venv was made with is gone.
HERE := $(shell pwd | cksum | cut -d' ' -f1)
UNUSABLE := $(shell test -x $(BIN)/python && $(BIN)/python -c 'import pip' 2>&1 || echo missing)
VENV_STAMP := .venv/.made-$(HERE)
RUN_STAMP := .venv/.run-$(HERE)
DEV_STAMP := .venv/.dev-$(HERE)
# Holds the path of the browser that rendered a page. Looked for anew when that is gone or another one is named.
BROWSER_STAMP := .venv/.browser-$(HERE)
NO_BROWSER := $(shell browser="$$(cat $(BROWSER_STAMP) 2>/dev/null)"; test -x "$$browser" && \
	test "$${PAYER_GATEWAY_CHROMIUM:-$$browser}" = "$$browser" || echo missing)
# Where root's embedded databases lie when the checkout is in a closed home (gateway/store/cluster.py).
ROOTS_STORE := /var/lib/payer-gateway

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
# Else every process of a gateway, and the tests start hundreds, compiles the whole of it anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo test proof fuzz wide opinion lint format bench lock clean \
	$(if $(UNUSABLE),$(VENV_STAMP)) $(if $(NO_BROWSER),$(BROWSER_STAMP))

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

setup: $(DEV_STAMP) $(BROWSER_STAMP) ## Set up everything for developing

demo: $(RUN_STAMP) $(BROWSER_STAMP) ## Start gateway and simulated payers, and watch real requests travel
	@$(BIN)/payer-gateway demo

# Several files at a time, however few the cores: tests wait more than they work, most of all those of whole processes,
# which are run apart: beside others that keep all cores busy they lose their patience. Each of pytest's processes has
# servers of its own.
WHOLE := tests/durability tests/end_to_end tests/promises
test: $(DEV_STAMP) $(BROWSER_STAMP) ## Everything a change must pass: lint, then the tests
	@# While types are checked the tests are compiled: each of pytest's processes would compile them all for itself.
	@$(BIN)/pytest --collect-only -qq >/dev/null 2>&1 & compiling=$$!; \
	  $(MAKE) --no-print-directory lint; passed=$$?; wait $$compiling; exit $$passed
	$(BIN)/pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder $(addprefix --ignore=,$(WHOLE))
	$(BIN)/pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder $(WHOLE)

proof: $(DEV_STAMP) ## Kill processes at every step of every conversation, 20 times each; `make test` at some, once
	DURABILITY_ROUNDS=20 $(BIN)/pytest tests/durability

fuzz: $(DEV_STAMP) ## Try a million mutated documents and replies (N=, SEED=, FIRST=, ONLY=); `make test` tries some
	@$(BIN)/python -m tests.fuzz $(if $(N),--inputs '$(N)') $(if $(SEED),--seed '$(SEED)') \
	  $(if $(FIRST),--first '$(FIRST)') $(if $(ONLY),--only '$(ONLY)')

wide: $(DEV_STAMP) ## Try every property on hundreds of random examples, others each time; `make test` tries the same 40
	$(BIN)/pytest --numprocesses 2 --hypothesis-profile wide -m hypothesis tests/unit tests/contract

opinion: $(DEV_STAMP) ## Hold the X12 checker against pyx12 on thousands of documents (4 min); `make test` on hundreds
	$(BIN)/pytest --hypothesis-profile explore tests/unit/test_x12_guide_opinion.py

lint: $(DEV_STAMP) ## Format, style, types, import rules; profiles, codes, cases and adapters
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/payer-gateway check

format: $(DEV_STAMP) ## Rewrite the code in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEV_STAMP) ## Measure against floors on this machine (ONLY=name for one part)
	@ONLY='$(ONLY)' $(BIN)/python -m tests.benchmarks

lock: ## Resolve the dependencies anew into both lock files
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install -q 'uv==$(UV_VERSION)'
	$(call compile,requirements.lock,--group build)
	$(call compile,requirements-dev.lock,--group build --group dev --extra sftp --constraint requirements.lock)
	@! grep -nE 'index-url|find-links|file:|https?://' requirements.lock requirements-dev.lock

# Universal: one lock for every Python from 3.11 on and every platform. No index, no path of this machine.
compile = build/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	pyproject.toml $(2) --output-file $(1)

clean: ## Remove the virtual environment, builds and caches (no data but the demo's)
	@for link in build/demo/*/postgres; do \
	  home=$$(readlink "$$link") || continue; \
	  case "$$home" in $(ROOTS_STORE)/*/*) ;; $(ROOTS_STORE)/data-*) echo "rm -rf $$home"; rm -rf "$$home" ;; esac; \
	done
	@if [ -e data ]; then echo "data stays, with its database in $$(readlink -f data/postgres)"; fi
	@for copy in $(ROOTS_STORE)/postgresql-*; do \
	  [ ! -e "$$copy" ] || echo "$$copy stays: PostgreSQL's programs, for every gateway of this machine; made anew when missing"; \
	done
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV_STAMP):
	@command -v '$(PYTHON)' >/dev/null || { \
	  echo "$(PYTHON) is missing: apt-get install python3 python3-venv"; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$$('$(PYTHON)' --version) is too old: 3.11 or later is needed (make PYTHON=/path/to/python3.11 ...)"; exit 1; }
	@'$(PYTHON)' -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "this Python has no venv: apt-get install python3-venv"; exit 1; }
	'$(PYTHON)' -m venv $(if $(wildcard .venv/.made-*),--clear) .venv
	@touch $@

$(RUN_STAMP): $(VENV_STAMP) requirements.lock pyproject.toml
	$(call install,requirements.lock)

$(DEV_STAMP): $(VENV_STAMP) requirements-dev.lock pyproject.toml
	$(call install,requirements-dev.lock)
	@touch $(RUN_STAMP)

# As root it installs one where there is none (1.5 min); without a password it cannot, and says what to do.
$(BROWSER_STAMP): $(RUN_STAMP)
	@$(BIN)/payer-gateway setup browser --note $@

# The project itself is built with the locked hatchling and asks no index for anything.
define install
	$(BIN)/python -m pip install --quiet --no-compile --no-deps --require-hashes --requirement $(1)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	@touch $@
endef
