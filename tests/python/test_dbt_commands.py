"""dbt's commands do here what dbt's documentation says of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from dbt_harness import Dbt
from pipeline import Pipeline, assert_equal_tables, reasons
from streams import Row, random_stream


def some_rows(first: int) -> list[Row]:
    """Streams of all kinds."""
    return [row for seed in range(10) for row in random_stream(first + seed)]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """A database with some history."""
    pipeline = Pipeline(tmp_path_factory.mktemp("commands"), predicts=True)
    pipeline.load(some_rows(9500))
    return pipeline


def copied(base: Pipeline, folder: Path) -> Pipeline:
    """A copy of the database, on the same raw files."""
    base.dbt.copy(folder)
    return Pipeline(folder, vars=base.dbt.vars, raw=base.raw, predicts=True)


def state_of(pipeline: Pipeline, folder: Path) -> str:
    """The folder of a manifest, for `--state`."""
    state = folder / "state"
    state.mkdir()
    (state / "manifest.json").write_text(json.dumps(pipeline.dbt.manifest()))
    return str(state)


def test_compile_and_show_see_the_sql_of_a_full_build(base: Pipeline, tmp_path: Path):
    pipeline = copied(base, tmp_path)
    before = pipeline.fingerprints()
    result = pipeline.run("--select", "int_sessions", "fct_sessions", command="compile")
    models = [node for node in result.output.results if node.node.resource_type == "model"]
    assert len(models) == 2
    for node in models:
        code = node.node.compiled_code
        assert "where 1 = 0" not in code
        assert "state_changes" not in code
        assert len(pipeline.query(code)) == pipeline.count(f"{node.node.schema}.{node.node.name}")
    shown = pipeline.run("--select", "fct_sessions", "--limit", "3", command="show")
    assert len(shown.output.results[0].agate_table.rows) == 3
    assert pipeline.fingerprints() == before


def test_an_empty_run_leaves_what_is_there_and_the_next_one_builds_what_it_made(
    base: Pipeline, tmp_path: Path
):
    pipeline = copied(base, tmp_path)
    with pipeline.connect(read_only=False) as connection:
        connection.execute("drop table marts.mart_users")
        connection.execute("drop table core.fct_sessions")
    before = pipeline.count("core.fct_user_days")
    pipeline.run("--empty")
    assert pipeline.count("core.fct_sessions") == 0
    assert pipeline.count("marts.mart_users") == 0
    assert pipeline.count("core.fct_user_days") == before
    pipeline.run()
    assert_equal_tables(pipeline, base)


def test_an_empty_run_on_an_empty_database_makes_every_relation(tmp_path: Path):
    pipeline = Pipeline(tmp_path)
    pipeline.add(some_rows(9600))
    pipeline.run("--empty")
    assert pipeline.count("core.fct_sessions") == 0
    pipeline.run()
    assert pipeline.count("core.fct_sessions") > 0
    assert_equal_tables(pipeline, pipeline.rebuilt())


def test_a_model_can_be_built_anew_by_itself(base: Pipeline, tmp_path: Path):
    pipeline = copied(base, tmp_path)
    result = pipeline.run("--full-refresh", "--select", "fct_sessions")
    said = reasons(result)
    assert said["fct_sessions"] == "all, full refresh"
    said = reasons(pipeline.run())
    assert said["fct_user_days"].startswith("all, fct_sessions")
    assert said["int_sessions"] == "none"
    assert_equal_tables(pipeline, base)


def test_a_part_can_be_built_and_tested_on_a_new_database(base: Pipeline, tmp_path: Path):
    """No test asks for a table that is not there."""
    pipeline = Pipeline(tmp_path, raw=base.raw)
    result = pipeline.run(
        "--select", "+fct_sessions", "--exclude-resource-type", "unit_test", command="build"
    )
    tests = [node for node in result.output.results if node.node.resource_type == "test"]
    assert len(tests) > 40
    assert {str(node.status) for node in tests} == {"pass"}


def test_state_and_deferral(base: Pipeline, tmp_path: Path):
    pipeline = copied(base, tmp_path)
    pipeline.run("--select", "dim_users")
    state = state_of(base, tmp_path)
    modified = ("--select", "state:modified", "--state", state)
    listed = pipeline.run(*modified, command="ls", check=False)
    # a warning, which the tests make an error: nothing is modified
    assert "does not match any enabled nodes" in str(listed)
    pipeline.run("--select", "mart_users", "--defer", "--state", state)
    assert_equal_tables(pipeline, base)


def test_documentation_is_generated(base: Pipeline, tmp_path: Path):
    pipeline = copied(base, tmp_path)
    assert pipeline.run("generate", command="docs").success


def test_a_clone_goes_on_by_itself(base: Pipeline, tmp_path: Path):
    """`dbt clone` makes views of production's tables: the next run makes them tables of its own."""
    base.dbt.copy(tmp_path)
    shutil.copytree(base.raw, tmp_path / "raw")
    pipeline = Pipeline(tmp_path, vars=base.dbt.vars, predicts=True)
    state = state_of(base, tmp_path)
    before = pipeline.fingerprints()
    mine = {"schema_prefix": "mine"}
    pipeline.run("--state", state, command="clone", vars=mine)
    pipeline.add(some_rows(9700), "later.csv")
    said = reasons(pipeline.run(vars=mine))
    assert said["fct_sessions"].startswith("touched, "), said["fct_sessions"]
    found = pipeline.fingerprints()
    found["tables"] = tuple(row for row in found["tables"] if not row[0].startswith("mine_"))
    assert found == before  # production is as it was
    twin = Pipeline(tmp_path / "twin", raw=pipeline.raw, select=("+mart_users", "+mart_cpm_n_day"))
    twin.run()
    for table in (
        "core.fct_sessions",
        "core.fct_user_days",
        "marts.mart_users",
        "marts.mart_cpm_n_day",
    ):
        rows = f"select * from {{}}{table} order by all"
        assert pipeline.query(rows.format("mine_")) == twin.query(rows.format("")), table


def test_a_failed_run_is_taken_up_by_retry(base: Pipeline, tmp_path: Path):
    pipeline = copied(base, tmp_path)
    with pipeline.connect(read_only=False) as connection:
        connection.execute("drop table marts.mart_users")
        connection.execute("alter table seeds.exchange_rates rename to hidden")
    build = ("--resource-type", "model", "--exclude-resource-type", "seed")
    failed = pipeline.run(*build, command="build", check=False)
    assert failed.failures
    assert not failed.success
    with pipeline.connect(read_only=False) as connection:
        connection.execute("alter table seeds.hidden rename to exchange_rates")
    retried = pipeline.run(command="retry")
    assert set(retried.statuses) < set(failed.statuses)
    assert_equal_tables(pipeline, base)
    # each run is noted: that of `base`, which built all, the failed one, and the retry

    def noted(node: str) -> list[tuple]:
        return pipeline.query(
            "select command, status, message from intermediate.state_runs"
            f" where node_id like '%{node}' order by started_at"
        )

    runs = noted("run")
    assert [run[:2] for run in runs] == [
        ("run", "success"),
        ("build", "error"),
        ("build", "success"),
    ]
    assert "not well: int_exchange_rates" in runs[1][2]
    assert noted(".int_sessions") == [("run", "success", "all, new")]
    assert noted(".int_exchange_rates") == [
        ("run", "success", "all, new"),
        ("build", "error", None),
    ]


def test_maintain_tables_is_for_a_lake(tmp_path: Path):
    dbt = Dbt(tmp_path)
    for days, message in [
        ("7", "maintain_tables: is for tables of a lake (Spark, Databricks, Trino): duckdb looks"),
        ("-1", "maintain_tables: keep_days must be a number of days, got '-1'"),
    ]:
        refused = dbt(
            "run-operation", "maintain_tables", "--args", f"{{keep_days: {days}}}", check=False
        )
        assert message in "\n".join(refused.messages)
    # engines that are not here: their words, as their manuals have them
    for engine, expected in {
        "databricks": ["optimize lake.core.a", "vacuum lake.core.a retain 168 hours"],
        "trino": [
            "alter table lake.core.a execute optimize",
            "alter table lake.core.a execute optimize_manifests",
            "alter table lake.core.a execute expire_snapshots(retention_threshold => '7d')",
            "alter table lake.core.a execute remove_orphan_files(retention_threshold => '7d')",
        ],
    }.items():
        call = f"{engine}__maintain_table('lake.core.a', 7) | join(';')"
        compiled = dbt("compile", "--inline", "{{ " + call + " }}").output.results[0].node
        assert compiled.compiled_code.split(";") == expected
