# `make` lists the targets. Nothing needs to be set; what can be set:
#   PYTHON       the Python that makes .venv, 3.11 to 3.13
#   DUCKDB_PATH  the database file, default app_sessions.duckdb here
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
DBT    := $(VENV)/bin/dbt --warn-error
# an environment of its own for the adapters of the cloud warehouses
WAREHOUSES := .venv-warehouses
PIP    := $(PY) -m pip -qq --disable-pip-version-check --no-input

# databases of the tests and of lint, so that they leave yours alone
TEST_DB := $(CURDIR)/target/test/app_sessions.duckdb
LINT_DB := $(CURDIR)/target/lint/app_sessions.duckdb

export DUCKDB_PATH ?= app_sessions.duckdb
# this folder's profiles.yml, whatever the caller's environment says
export DBT_PROFILES_DIR := $(CURDIR)
export DBT_PROJECT_DIR := $(CURDIR)
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.PHONY: help
help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: $(VENV)/.runtime packages  ## make the environment and build the sample on DuckDB
	@echo "==> dbt build"
	@mkdir -p "$(dir $(DUCKDB_PATH))"
	@$(DBT) build
	@$(PY) ops/tools/summary.py

.PHONY: test
test: lint  ## prove the project: lint, build into a database of its own, pytest
	@rm -rf target/test
	@$(MAKE) build DUCKDB_PATH=$(TEST_DB)
	@echo "==> pytest"
	@APP_SESSIONS_DB=$(TEST_DB) $(PY) -m pytest

.PHONY: test-warehouses
test-warehouses: $(WAREHOUSES)/.installed packages  ## compile, parse and try the cloud warehouses' SQL, without an account
	@test -f $(TEST_DB) || $(MAKE) build DUCKDB_PATH=$(TEST_DB)
	@echo "==> pytest"
	@APP_SESSIONS_DB=$(TEST_DB) $(WAREHOUSES)/bin/python -m pytest tests/python/test_warehouses.py

# STREAMS, SEED, KILLS: how many streams, from which seed, and how many runs to kill
.PHONY: prove
prove: $(VENV)/.dev packages  ## try to break incremental = full refresh: make prove STREAMS=2000 KILLS=50
	@$(PY) ops/tools/prove.py --streams $(or $(STREAMS),200) --kills $(or $(KILLS),4) \
		$(if $(SEED),--seed $(SEED))

.PHONY: lint
lint: $(VENV)/.dev packages seeded  ## check SQL with sqlfluff and Python with ruff
	@echo "==> sqlfluff"
	@$(SQLFLUFF) lint $(SQL_FILES) 2>&1 | tee target/lint/sqlfluff.log
	@! grep -q 'dbt raised a fatal exception' target/lint/sqlfluff.log || \
		{ echo "The files skipped above were not linted: dbt could not compile them."; exit 1; }
	@echo "==> ruff"
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --quiet --check --diff .

.PHONY: format
format: $(VENV)/.dev packages seeded  ## rewrite SQL and Python the way lint wants them
	@$(VENV)/bin/ruff check --quiet --fix . || true
	@$(VENV)/bin/ruff format --quiet .
	@$(SQLFLUFF) fix --quiet $(SQL_FILES)

# Two processes read one file: some models look at their raw tables while they compile.
SQLFLUFF = DUCKDB_PATH=$(LINT_DB) DUCKDB_ACCESS_MODE=read_only \
	$(VENV)/bin/sqlfluff
SQL_FILES = --disable-progress-bar --processes 2 $(wildcard models tests analyses)

.PHONY: seeded
seeded: packages
	@mkdir -p $(dir $(LINT_DB))
	@DUCKDB_PATH=$(LINT_DB) $(DBT) --quiet seed

.PHONY: bench
bench: $(VENV)/.bench packages  ## measure beside lag, polars and pandas (BENCH="--quick"; see ops/bench)
	@$(PY) ops/bench/run.py $(BENCH)

.PHONY: lock
lock: $(VENV)/.runtime  ## compile requirements*.txt, pinned and hashed, from pyproject.toml
	@$(PIP) install uv
	@echo "==> compiling requirements.txt and requirements-{dev,bench,warehouses}.txt"
	@$(COMPILE) -o requirements.txt
	@$(COMPILE) --extra dev -c requirements.txt -o requirements-dev.txt
	@$(COMPILE) --extra bench -c requirements.txt -o requirements-bench.txt
	@$(COMPILE) --extra warehouses -o requirements-warehouses.txt

# no header and no index address: a lock file names packages, not where they come from
COMPILE = $(VENV)/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-strip-extras --no-header

.PHONY: clean
clean:  ## remove what builds and tests made here (not .venv, not dbt_packages)
	@rm -rf target logs app_sessions.duckdb app_sessions.duckdb.wal app_sessions.duckdb.tmp
	@rm -rf .pytest_cache .ruff_cache .hypothesis

.PHONY: packages
packages: $(VENV)/.runtime
	@$(PY) ops/tools/install_packages.py

# A stamp file per requirements file: newer requirements install again, and nothing else does.
$(VENV)/.runtime: requirements.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v < (3, 14) else \
		"Python 3.11, 3.12 or 3.13 is needed, $(PYTHON) is %d.%d: make PYTHON=python3.11" % v)'
	@test -x $(PY) || { echo "==> making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "==> installing requirements.txt into $(VENV) (a minute or so)"
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "==> installing requirements-dev.txt into $(VENV) (two minutes or so)"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

$(WAREHOUSES)/.installed: requirements-warehouses.txt
	@echo "==> installing requirements-warehouses.txt into $(WAREHOUSES) (two minutes or so)"
	@test -x $(WAREHOUSES)/bin/python || $(PYTHON) -m venv $(WAREHOUSES)
	@$(WAREHOUSES)/bin/python -m pip -qq --disable-pip-version-check --no-input \
		install --require-hashes -r requirements-warehouses.txt
	@touch $@

$(VENV)/.bench: requirements-bench.txt $(VENV)/.runtime
	@echo "==> installing requirements-bench.txt into $(VENV) (a minute or so)"
	@$(PIP) install --require-hashes -r requirements-bench.txt
	@touch $@
