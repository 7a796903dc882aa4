# `make` lists the targets. Nothing needs to be set; what can be set:
#   PYTHON       the Python that makes .venv, 3.11 to 3.13
#   DUCKDB_PATH  the database file that dbt builds, default app_sessions.duckdb here
#   PUBLISH_DIR  where readers get their copy of it, default published/ beside it
#   PUBLISH_MODE who may read that copy, default 440 (owner and group)
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
QUICK  := $(PY) ops/tools/quick.py
DBT    := $(QUICK) dbt --warn-error
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
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-21s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: $(VENV)/.runtime packages  ## make the environment, build the sample on DuckDB, publish it; RAW=folder: your own files
	@echo "==> dbt build"
	@mkdir -p "$(dir $(DUCKDB_PATH))"
	@$(DBT) build --exclude-resource-type unit_test $(if $(RAW),--vars '$(RAW_VARS)')
	@$(PY) ops/tools/publish.py
	@$(PY) ops/tools/summary.py

.PHONY: check
check: $(VENV)/.runtime | dbt_packages  ## judge a folder of raw files without building: make check RAW=folder
	@$(PY) ops/tools/check.py '$(RAW_VARS)'

# RAW, PROVIDERS: your files, and whose layouts they have
RAW_PATH = $(or $(if $(RAW),$(shell cd "$(RAW)" 2>/dev/null && pwd)),$(error $(if $(RAW),$(RAW) is no folder of this machine,Say which folder): \
	RAW=path/to/folder names the folder that holds those of your files, such as events/))
RAW_VARS = {"providers": $(or $(PROVIDERS),["generic"]), "raw_path": "$(subst ','\'',$(RAW_PATH))"}

.PHONY: test
test: lint  ## prove the project: lint, build into a database of its own, pytest
	@rm -rf target/test
	@$(MAKE) build DUCKDB_PATH=$(TEST_DB) PUBLISH_DIR=
	@echo "==> unit tests of the models"
	@DUCKDB_PATH=$(TEST_DB) $(DBT) test --select test_type:unit
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
	@# every second file to each of two processes: those that sqlfluff starts itself are not quick
	@find $(SQL_FOLDERS) -name '*.sql' | sort | awk '{ print NR % 2, $$0 }' | sort | cut -d ' ' -f 2 > target/lint/files
	@$(ON_SEEDED) xargs -a target/lint/files -P 2 -n $$(($$(wc -l < target/lint/files) / 2 + 1)) \
		$(QUICK) sqlfluff lint --disable-progress-bar 2>&1 | tee target/lint/sqlfluff.log
	@! grep -q 'dbt raised a fatal exception' target/lint/sqlfluff.log || \
		{ echo "The files skipped above were not linted: dbt could not compile them."; exit 1; }
	@echo "==> ruff"
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --quiet --check --diff .

.PHONY: format
format: $(VENV)/.dev packages seeded  ## rewrite SQL and Python the way lint wants them
	@$(VENV)/bin/ruff check --quiet --fix . || true
	@$(VENV)/bin/ruff format --quiet .
	@$(ON_SEEDED) $(QUICK) sqlfluff fix --quiet --disable-progress-bar --processes 2 $(SQL_FOLDERS)

# Two processes read one file: some models look at their raw tables while they compile.
ON_SEEDED   = DUCKDB_PATH=$(LINT_DB) DUCKDB_ACCESS_MODE=read_only
SQL_FOLDERS = $(wildcard models tests analyses)

.PHONY: seeded
seeded: packages
	@mkdir -p $(dir $(LINT_DB))
	@DUCKDB_PATH=$(LINT_DB) $(DBT) --quiet seed --full-refresh

# readers' copy of the database, where no build is in the way: ops/tools/publish.py puts it there
PUBLISHED = $(abspath $(or $(PUBLISH_DIR),$(dir $(DUCKDB_PATH))published))/$(notdir $(DUCKDB_PATH))
# dbt-charts would take the dbt project for its own, where DBT_PROJECT_DIR names one
ON_PUBLISHED = env -u DBT_PROJECT_DIR -u DBT_PROFILES_DIR DO_NOT_TRACK=1 DASHBOARD_DB="$(PUBLISHED)"

# PORT: of the dashboard; the next free one is taken where it is in use
.PHONY: dashboard
dashboard: .venv-dashboard/.installed published  ## serve the dashboard of the published file on this machine
	@echo "==> the dashboard; Ctrl-C ends it"
	@$(ON_PUBLISHED) .venv-dashboard/bin/python ops/dashboard/serve.py --project-dir ops/dashboard \
		--host 127.0.0.1 --port $(or $(PORT),8585) --no-cache

.PHONY: dashboard-pages
dashboard-pages: .venv-dashboard/.installed published  ## render the dashboard into target/docs/dashboard/
	@echo "==> rendering the dashboard (half a minute or so)"
	@$(ON_PUBLISHED) .venv-dashboard/bin/python ops/dashboard/static_pages.py target/docs/dashboard

.PHONY: test-dashboard
test-dashboard: .venv-dashboard/.tested packages  ## test the dashboard in a browser, on the sample
	@$(MAKE) build DUCKDB_PATH=$(TEST_DB) PUBLISH_DIR=
	@echo "==> pytest, with a browser"
	@APP_SESSIONS_DB=$(dir $(TEST_DB))published/$(notdir $(TEST_DB)) \
		.venv-dashboard/bin/python -m pytest tests/python/test_dashboard.py

.PHONY: pictures
pictures: .venv-dashboard/.tested  ## take the README's pictures of the dashboard, of the sample
	@$(MAKE) build DUCKDB_PATH=$(TEST_DB) PUBLISH_DIR=
	@$(MAKE) dashboard-pages DUCKDB_PATH=$(TEST_DB) PUBLISH_DIR=
	@.venv-dashboard/bin/python ops/dashboard/pictures.py target/docs/dashboard docs/img

# Q: the name of a question, or options of `mf query`; without it the questions are listed
.PHONY: metrics
metrics: .venv-metrics/.installed published packages  ## ask MetricFlow: make metrics Q=cpm_by_channel
	@DUCKDB_PATH="$(PUBLISHED)" DUCKDB_ACCESS_MODE=read_only .venv-metrics/bin/python ops/tools/metrics.py $(Q)

.PHONY: test-metrics
test-metrics: .venv-metrics/.installed packages  ## compare MetricFlow's answers with the marts, on the sample
	@$(MAKE) build DUCKDB_PATH=$(TEST_DB) PUBLISH_DIR=
	@echo "==> pytest, MetricFlow"
	@APP_SESSIONS_DB=$(TEST_DB) .venv-metrics/bin/python -m pytest tests/python/test_metrics.py

.PHONY: superset-dashboard
superset-dashboard: published  ## pack the Superset dashboard of the published file (docs/bi.md)
	@$(PY) ops/superset/bundle.py "$(PUBLISHED)" target/superset/app_sessions.zip

.PHONY: test-superset
test-superset: .venv-superset/.installed packages  ## import the dashboard into Superset and compare its charts with the marts
	@$(MAKE) build DUCKDB_PATH=$(TEST_DB) PUBLISH_DIR=
	@echo "==> pytest, Superset"
	@APP_SESSIONS_DB=$(dir $(TEST_DB))published/$(notdir $(TEST_DB)) \
		.venv-superset/bin/python -m pytest ops/superset/tests

.PHONY: published
published:
	@test -f "$(PUBLISHED)" || $(MAKE) build

.PHONY: test-postgres
test-postgres: $(VENV)/.runtime .venv-postgres/.installed postgres packages  ## compare Postgres with DuckDB, on a server of the tests' own
	@echo "==> pytest, Postgres"
	@.venv-postgres/bin/python -m pytest tests/python/test_postgres.py

.PHONY: test-spark
test-spark: $(VENV)/.runtime .venv-spark/.installed java packages  ## compare Spark with DuckDB, in a local session
	@echo "==> pytest, Spark"
	@SPARK_MEMORY=$(or $(SPARK_MEMORY),6g) .venv-spark/bin/python -m pytest tests/python/test_spark.py

.PHONY: test-provider-tables
test-provider-tables: $(VENV)/.runtime .venv-postgres/.installed .venv-spark/.installed postgres java packages  ## compare raw tables of every provider on Postgres and Spark with DuckDB
	@echo "==> pytest, providers on Postgres and Spark"
	@.venv-postgres/bin/python -m pytest tests/python/test_postgres_providers.py
	@SPARK_MEMORY=$(or $(SPARK_MEMORY),6g) .venv-spark/bin/python -m pytest tests/python/test_spark_providers.py

.PHONY: test-delta
test-delta: $(VENV)/.runtime .venv-spark/.delta java packages  ## the same with tables of Delta Lake
	@echo "==> pytest, Spark and Delta Lake"
	@SPARK_FORMAT=delta SPARK_JARS="$$(ls -d $(CURDIR)/.venv-spark/delta/*.jar | paste -sd ,)" \
		SPARK_MEMORY=$(or $(SPARK_MEMORY),6g) .venv-spark/bin/python -m pytest tests/python/test_spark.py

# TRINO_JAVA_HOME: a Java 24 or newer, where it is not among the system's
.PHONY: test-trino
test-trino: $(VENV)/.runtime .venv-warehouses/.installed .venv-trino/.installed packages  ## compare Trino with DuckDB, on a server of the tests' own
	@echo "==> pytest, Trino"
	@.venv-warehouses/bin/python -m pytest tests/python/test_trino.py

.PHONY: test-warehouses
test-warehouses: .venv-warehouses/.installed packages  ## compile, parse and try the cloud warehouses' SQL, without an account
	@test -f $(TEST_DB) || $(MAKE) build DUCKDB_PATH=$(TEST_DB) PUBLISH_DIR=
	@echo "==> pytest, warehouses"
	@APP_SESSIONS_DB=$(TEST_DB) .venv-warehouses/bin/python -m pytest \
		tests/python/test_googlesql.py tests/python/test_warehouses.py tests/python/test_ga4_on_bigquery.py

.PHONY: test-ducklake
test-ducklake: .venv-ducklake/.installed packages  ## compare a DuckLake with DuckDB, and read it while a run writes
	@echo "==> pytest, DuckLake"
	@.venv-ducklake/bin/python -m pytest tests/python/test_ducklake.py

# LEGS: some of those that ops/tools/matrix.py names
.PHONY: test-matrix
test-matrix: packages  ## build the sample with other versions of Python, dbt and DuckDB, and compare its tables
	@$(PY) ops/tools/matrix.py $(LEGS)

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
docs-lineage: .venv-docs/.installed docs-models
	@echo "==> lineage of columns"
	@DO_NOT_TRACK=1 .venv-docs/bin/colibri generate --light --output-dir target/docs-dbt/lineage \
		--manifest target/docs-dbt/manifest.json --catalog target/docs-dbt/catalog.json \
		> target/docs-dbt/lineage.log 2>&1 || { cat target/docs-dbt/lineage.log; exit 1; }
	@! grep ERROR target/docs-dbt/lineage.log
	@cp target/docs-dbt/lineage/index.html target/docs/lineage.html

# AIRFLOW_PORT: where it listens, default 8080
.PHONY: airflow
airflow: .venv-airflow/.installed $(VENV)/.runtime packages  ## run a local Airflow that builds and publishes (see ops/airflow)
	@.venv-airflow/bin/python ops/airflow/start.py

.PHONY: test-airflow
test-airflow: .venv-airflow/.installed $(VENV)/.runtime packages  ## run the DAGs for real, failures included
	@.venv-airflow/bin/python -m pytest ops/airflow/tests

.PHONY: lock
lock: $(VENV)/.runtime  ## compile requirements/*.txt, pinned and hashed, from pyproject.toml
	@$(PIP) install uv
	@echo "==> compiling the requirements of each environment"
	@$(COMPILE) -o requirements/run.txt
	@$(COMPILE) --extra dev -c requirements/run.txt -o requirements/dev.txt
	@$(COMPILE) --extra bench -c requirements/run.txt -o requirements/bench.txt
	@$(COMPILE) --extra postgres -c requirements/run.txt -o requirements/postgres.txt
	@$(COMPILE) --extra spark -c requirements/run.txt -o requirements/spark.txt
	@$(COMPILE) --extra warehouses -o requirements/warehouses.txt
	@$(COMPILE) --extra metrics -c requirements/run.txt -o requirements/metrics.txt
	@$(COMPILE) --extra dashboard -o ops/dashboard/requirements.txt
	@$(COMPILE) --extra dashboard --extra dashboard-test -c ops/dashboard/requirements.txt \
		-o ops/dashboard/requirements-test.txt
	@$(COMPILE_GROUP) --group docs -o ops/docs/requirements.txt
	@$(COMPILE_GROUP) --group superset -o ops/superset/requirements.txt
	@$(COMPILE_GROUP) --group ducklake -o requirements/ducklake.txt
	@$(subst pyproject.toml,ops/airflow/requirements.in,$(COMPILE)) -o ops/airflow/requirements.txt

# no header and no index address: a lock file names packages, not where they come from
COMPILE_GROUP = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-strip-extras --no-header
COMPILE = $(COMPILE_GROUP) pyproject.toml

.PHONY: clean
clean:  ## remove what builds and tests made here (not .venv, not dbt_packages)
	@rm -rf target logs published app_sessions.duckdb app_sessions.duckdb.wal app_sessions.duckdb.tmp
	@rm -rf .pytest_cache .ruff_cache .hypothesis

dbt_packages:
	@$(MAKE) packages

.PHONY: packages
packages: $(VENV)/.runtime
	@$(PY) ops/tools/install_packages.py

# A stamp file per requirements file: newer requirements install again, and nothing else does.
$(VENV)/.runtime: requirements/run.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v < (3, 14) else \
		"Python 3.11, 3.12 or 3.13 is needed, $(PYTHON) is %d.%d: make PYTHON=python3.11" % v)'
	@test -x $(PY) || { echo "==> making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "==> installing requirements/run.txt into $(VENV) (a minute or so)"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo "==> installing requirements/dev.txt into $(VENV) (two minutes or so)"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.runtime
	@echo "==> installing requirements/bench.txt into $(VENV) (a minute or so)"
	@$(PIP) install --require-hashes -r requirements/bench.txt
	@touch $@

# $(call environment,NAME,LOCK FILE,PIP OPTIONS): an environment of its own, .venv-NAME, for what
# would not go with the rest: other engines, Airflow, and tools that want another sqlglot.
define environment
.venv-$(1)/.installed: $(2) $(VENV)/.runtime
	@test -x .venv-$(1)/bin/python || { echo "==> making .venv-$(1)"; $(PY) -m venv .venv-$(1); }
	@echo "==> installing $(2) into .venv-$(1) (a minute or two)"
	@.venv-$(1)/bin/python -m pip -qq --disable-pip-version-check --no-input install \
		--require-hashes $(3) -r $(2)
	@touch $$@
endef
$(eval $(call environment,postgres,requirements/postgres.txt))
$(eval $(call environment,spark,requirements/spark.txt))
$(eval $(call environment,warehouses,requirements/warehouses.txt))
$(eval $(call environment,metrics,requirements/metrics.txt))
$(eval $(call environment,ducklake,requirements/ducklake.txt))
$(eval $(call environment,docs,ops/docs/requirements.txt))
$(eval $(call environment,dashboard,ops/dashboard/requirements.txt))
$(eval $(call environment,superset,ops/superset/requirements.txt))
# --no-deps: the file names all of them, and pip, given hashes, takes the extra in
# sqlalchemy[asyncio] for another package
$(eval $(call environment,airflow,ops/airflow/requirements.txt,--no-deps))

.venv-spark/.delta: tests/python/maven_central.py .venv-spark/.installed
	@echo "==> bringing Delta Lake from Maven Central"
	@.venv-spark/bin/python tests/python/maven_central.py .venv-spark/delta
	@touch $@

.venv-trino/.installed: tests/python/trino_server.py .venv-warehouses/.installed
	@echo "==> bringing Trino from Maven Central into .venv-trino (half a gigabyte)"
	@.venv-warehouses/bin/python tests/python/trino_server.py .venv-trino
	@touch $@

.venv-dashboard/.tested: ops/dashboard/requirements-test.txt .venv-dashboard/.installed
	@echo "==> installing ops/dashboard/requirements-test.txt into .venv-dashboard"
	@.venv-dashboard/bin/python -m pip -qq --disable-pip-version-check --no-input install \
		--require-hashes -r ops/dashboard/requirements-test.txt
	@.venv-dashboard/bin/python ops/dashboard/browser.py
	@touch $@

# $(call debian,PACKAGE,WHAT): as root on Debian or Ubuntu it is installed, elsewhere asked for
debian = [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null || { \
		echo "$(2) is needed: install your system's package"; exit 1; }; \
	echo "==> installing $(1)"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends $(1) >/dev/null

.PHONY: postgres
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || { \
		$(call debian,postgresql,A PostgreSQL server of version 12 or newer); }

.PHONY: java
java:
	@command -v java >/dev/null || { $(call debian,openjdk-17-jre-headless,Java 17); }
