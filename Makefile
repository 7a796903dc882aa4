# `make` lists the targets. Nothing needs to be set; what can be set:
#   PYTHON       the Python that makes .venv, 3.11 to 3.13
#   DUCKDB_PATH  the database file that dbt builds, default app_sessions.duckdb here
#   PUBLISH_DIR  where readers get their copy of it, default published/ beside it
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
VENV   := .venv
AIRFLOW := .venv-airflow
PY     := $(VENV)/bin/python
DBT    := $(VENV)/bin/dbt --warn-error
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
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: $(VENV)/.runtime packages  ## make the environment, build the sample on DuckDB, publish it
	@echo "==> dbt build"
	@mkdir -p "$(dir $(DUCKDB_PATH))"
	@$(DBT) build
	@$(PY) ops/tools/publish.py
	@$(PY) ops/tools/summary.py

.PHONY: test
test: lint  ## prove the project: lint, build into a database of its own, pytest
	@rm -rf target/test
	@$(MAKE) build DUCKDB_PATH=$(TEST_DB) PUBLISH_DIR=
	@echo "==> pytest"
	@# tests of one file share databases, so a file stays in one process
	@APP_SESSIONS_DB=$(TEST_DB) $(PY) -m pytest --numprocesses 2 --dist loadfile

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

DASHBOARD := .venv-dashboard
# readers' copy of the database, where no build is in the way: ops/tools/publish.py puts it there
PUBLISHED = $(abspath $(or $(PUBLISH_DIR),$(dir $(DUCKDB_PATH))published))/$(notdir $(DUCKDB_PATH))
# dbt-charts would take the dbt project for its own, where DBT_PROJECT_DIR names one
ON_PUBLISHED = env -u DBT_PROJECT_DIR -u DBT_PROFILES_DIR DO_NOT_TRACK=1 DASHBOARD_DB="$(PUBLISHED)"

# PORT: of the dashboard; the next free one is taken where it is in use
.PHONY: dashboard
dashboard: $(DASHBOARD)/.runtime published  ## serve the dashboard of the published file on this machine
	@echo "==> the dashboard; Ctrl-C ends it"
	@$(ON_PUBLISHED) $(DASHBOARD)/bin/dct serve --project-dir ops/dashboard \
		--host 127.0.0.1 --port $(or $(PORT),8585) --no-cache

.PHONY: dashboard-pages
dashboard-pages: $(DASHBOARD)/.runtime published  ## render the dashboard into target/docs/dashboard/
	@echo "==> rendering the dashboard (half a minute or so)"
	@$(ON_PUBLISHED) $(DASHBOARD)/bin/python ops/dashboard/static_pages.py target/docs/dashboard

.PHONY: test-dashboard
test-dashboard: $(DASHBOARD)/.test packages  ## test the dashboard in a browser, on the sample
	@$(MAKE) build DUCKDB_PATH=$(TEST_DB) PUBLISH_DIR=
	@echo "==> pytest, with a browser"
	@APP_SESSIONS_DB=$(dir $(TEST_DB))published/$(notdir $(TEST_DB)) \
		$(DASHBOARD)/bin/python -m pytest tests/python/test_dashboard.py

.PHONY: pictures
pictures: $(DASHBOARD)/.test  ## take the README's pictures of the dashboard, of the sample
	@$(MAKE) build DUCKDB_PATH=$(TEST_DB) PUBLISH_DIR=
	@$(MAKE) dashboard-pages DUCKDB_PATH=$(TEST_DB) PUBLISH_DIR=
	@$(DASHBOARD)/bin/python ops/dashboard/pictures.py target/docs/dashboard docs/img

.PHONY: published
published:
	@test -f "$(PUBLISHED)" || $(MAKE) build

.PHONY: bench
bench: $(VENV)/.bench packages  ## measure beside lag, polars and pandas (BENCH="--quick"; see ops/bench)
	@$(PY) ops/bench/run.py $(BENCH)

# All pages are files that need no server: other pages may join the prerequisites.
.PHONY: docs
docs: docs-models docs-lineage dashboard-pages  ## models, columns, lineage and the dashboard as pages in target/docs/
	@echo "Open target/docs/index.html, target/docs/lineage.html for the lineage of columns, and"
	@echo "target/docs/dashboard/index.html for the dashboard."

.PHONY: docs-models
docs-models: $(VENV)/.runtime packages published
	@echo "==> dbt docs generate"
	@mkdir -p target/docs
	@DUCKDB_PATH="$(PUBLISHED)" DUCKDB_ACCESS_MODE=read_only $(DBT) --quiet docs generate --static \
		--target-path target/docs-dbt
	@cp target/docs-dbt/static_index.html target/docs/index.html

.PHONY: docs-lineage
docs-lineage: .venv-docs/.runtime docs-models
	@echo "==> lineage of columns"
	@DO_NOT_TRACK=1 .venv-docs/bin/colibri generate --light --output-dir target/docs-dbt/lineage \
		--manifest target/docs-dbt/manifest.json --catalog target/docs-dbt/catalog.json \
		> target/docs-dbt/lineage.log 2>&1 || { cat target/docs-dbt/lineage.log; exit 1; }
	@! grep ERROR target/docs-dbt/lineage.log
	@cp target/docs-dbt/lineage/index.html target/docs/lineage.html

# AIRFLOW_PORT: where it listens, default 8080
.PHONY: airflow
airflow: $(AIRFLOW)/.installed $(VENV)/.runtime packages  ## run a local Airflow that builds and publishes (see ops/airflow)
	@$(AIRFLOW)/bin/python ops/airflow/start.py

.PHONY: test-airflow
test-airflow: $(AIRFLOW)/.installed $(VENV)/.runtime packages  ## run the DAGs for real, failures included
	@$(AIRFLOW)/bin/python -m pytest ops/airflow/tests

.PHONY: lock
lock: $(VENV)/.runtime  ## compile requirements*.txt, pinned and hashed, from pyproject.toml
	@$(PIP) install uv
	@echo "==> compiling the requirements.txt of each environment"
	@$(COMPILE) -o requirements.txt
	@$(COMPILE) --extra dev -c requirements.txt -o requirements-dev.txt
	@$(COMPILE) --extra bench -c requirements.txt -o requirements-bench.txt
	@$(COMPILE) --extra dashboard -o ops/dashboard/requirements.txt
	@$(COMPILE) --extra dashboard --extra dashboard-test -c ops/dashboard/requirements.txt \
		-o ops/dashboard/requirements-test.txt
	@$(COMPILE_GROUP) --group docs -o ops/docs/requirements.txt
	@$(subst pyproject.toml,ops/airflow/requirements.in,$(COMPILE)) -o ops/airflow/requirements.txt

# no header and no index address: a lock file names packages, not where they come from
COMPILE_GROUP = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-strip-extras --no-header
COMPILE = $(COMPILE_GROUP) pyproject.toml

.PHONY: clean
clean:  ## remove what builds and tests made here (not .venv, not dbt_packages)
	@rm -rf target logs published app_sessions.duckdb app_sessions.duckdb.wal app_sessions.duckdb.tmp
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

$(VENV)/.bench: requirements-bench.txt $(VENV)/.runtime
	@echo "==> installing requirements-bench.txt into $(VENV) (a minute or so)"
	@$(PIP) install --require-hashes -r requirements-bench.txt
	@touch $@

# dbt-charts needs an older sqlglot than others do: an environment of its own
$(DASHBOARD)/.runtime: ops/dashboard/requirements.txt $(VENV)/.runtime
	@test -x $(DASHBOARD)/bin/python || { echo "==> making $(DASHBOARD)"; $(PY) -m venv $(DASHBOARD); }
	@echo "==> installing ops/dashboard/requirements.txt into $(DASHBOARD) (a minute or so)"
	@$(DASHBOARD)/bin/python -m pip -qq --disable-pip-version-check --no-input \
		install --require-hashes -r ops/dashboard/requirements.txt
	@touch $@

$(DASHBOARD)/.test: ops/dashboard/requirements-test.txt $(DASHBOARD)/.runtime
	@echo "==> installing ops/dashboard/requirements-test.txt into $(DASHBOARD)"
	@$(DASHBOARD)/bin/python -m pip -qq --disable-pip-version-check --no-input \
		install --require-hashes -r ops/dashboard/requirements-test.txt
	@$(DASHBOARD)/bin/python ops/dashboard/browser.py
	@touch $@

.venv-docs/.runtime: ops/docs/requirements.txt $(VENV)/.runtime
	@test -x .venv-docs/bin/python || { echo "==> making .venv-docs"; $(PY) -m venv .venv-docs; }
	@echo "==> installing ops/docs/requirements.txt into .venv-docs"
	@.venv-docs/bin/python -m pip -qq --disable-pip-version-check --no-input \
		install --require-hashes -r ops/docs/requirements.txt
	@touch $@

# without dependencies: the file names all of them, and pip, given hashes, takes the extra in
# sqlalchemy[asyncio] for another package
$(AIRFLOW)/.installed: ops/airflow/requirements.txt
	@test -x $(AIRFLOW)/bin/python || { echo "==> making $(AIRFLOW)"; $(PYTHON) -m venv $(AIRFLOW); }
	@echo "==> installing ops/airflow/requirements.txt into $(AIRFLOW) (a minute or so)"
	@$(AIRFLOW)/bin/python -m pip -qq --disable-pip-version-check --no-input install \
		--no-deps --require-hashes -r ops/airflow/requirements.txt
	@touch $@
