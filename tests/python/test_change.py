"""What is built is what the code says: edits of models and macros, rates, and names of files.

Each test works on a copy of the project, edited as its author would, and of a database that the
project built before.
"""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import dbt_harness
import pytest
from dbt_harness import PROJECT_DIR, Dbt, DbtFailed
from pipeline import INCREMENTAL, Pipeline, assert_equal_tables, differences, reasons
from reference import micros
from streams import Row, random_stream

# their rows are judged anew by other means (test_bad_input.py, test_settings.py)
LOG = "int_event_log"
TIMES_TWO = ("else {{ var(name) }} end", "else {{ 2 * (var(name) | int) }} end")


def some_rows() -> list[Row]:
    """Streams of all kinds, and a purchase in yen."""
    rows: list[Row] = [row for seed in range(40) for row in random_stream(9000 + seed)]
    return [*rows, purchase("yen", "2024-03-09 10:00:00", "JPY")]


def purchase(user: str, event_at: str, currency: str) -> Row:
    """One purchase of a user of its own."""
    return {
        "event_id": f"{user}-{event_at}",
        "app_id": "app.one",
        "platform": "ios",
        "device_id": user,
        "event_name": "purchase",
        "event_at": micros(event_at),
        "loaded_at": micros("2024-07-01 00:00:00"),
        "revenue": Decimal(100),
        "currency": currency,
    }


class Edited:
    """A copy of the project, with a database that the project as it is has built."""

    def __init__(self, pipeline: Pipeline, folder: Path):
        self.project = folder / "project"
        ignored = shutil.ignore_patterns(".*", "target", "logs", "*.duckdb", "published", "ops")
        shutil.copytree(PROJECT_DIR, self.project, ignore=ignored)
        pipeline.dbt.copy(folder)
        shutil.copytree(pipeline.raw, folder / "raw", copy_function=shutil.copy2)
        self.pipeline = Pipeline(folder, vars=pipeline.dbt.vars, predicts=True)
        self.pipeline.dbt.project_dir = self.project

    def _forget(self) -> None:
        """Let dbt look at the files again: the harness remembers a parsed project by its folder."""
        for key in [key for key in dbt_harness._manifests if key[0] == str(self.project)]:
            del dbt_harness._manifests[key]

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text, which has to be there, in one file."""
        path = self.project / file
        text = path.read_text()
        assert old in text, f"{file} does not hold {old}"
        path.write_text(text.replace(old, new))
        self._forget()

    def run(self, *args: str) -> dict[str, str]:
        """`dbt run`; what each model's line says."""
        return reasons(self.pipeline.run(*args))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """A database with some history; tests work on copies."""
    pipeline = Pipeline(tmp_path_factory.mktemp("change"), predicts=True)
    spend = pipeline.raw / "ad_spend" / "spend.csv"
    spend.parent.mkdir()
    spend.write_text("spend_date,app_id,campaign_id,spend\n2024-03-09,app.one,c,1\n")
    pipeline.load(some_rows())
    return pipeline


@pytest.fixture
def edited(base: Pipeline, tmp_path: Path) -> Edited:
    return Edited(base, tmp_path)


def tracked(manifest: dict) -> dict[str, dict]:
    """Models that are built as tables and kept up to date by their own SQL."""
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["config"].get("materialized") == "tracked"
        and not node["config"]["meta"].get("filled_by")
    }


def test_an_edited_model_is_built_anew_whichever_it_is(base: Pipeline, edited: Edited):
    models = tracked(base.dbt.manifest())
    del models[LOG]
    assert len(models) > 20
    codes = {}
    for node in models.values():
        file = node["original_file_path"]
        codes[file] = code = (edited.project / file).read_text().rstrip()
        config = config_of(code)
        # no row is left by the new formula
        new = f"{config}select * from (\n{code[len(config) :]}\n) as edited\nwhere 1 = 0"
        edited.edit(file, code, new)
    said = edited.run("--exclude", LOG)
    assert {name: said[name] for name in models} == dict.fromkeys(models, "all, its SQL changed")
    counts = {
        name: edited.pipeline.query(f"select count(*) from {node['schema']}.{name}")[0][0]
        for name, node in models.items()
    }
    assert counts == dict.fromkeys(models, 0)
    for file, code in codes.items():
        edited.edit(file, (edited.project / file).read_text(), code)
    said = edited.run("--exclude", LOG)
    assert {name: said[name] for name in models} == dict.fromkeys(models, "all, its SQL changed")
    assert_equal_tables(edited.pipeline, base)


def config_of(code: str) -> str:
    """What stands before the SQL proper: the config block."""
    return code[: code.index(") }}\n") + 5] if code.startswith("{{ config(") else ""


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (
            "models/staging/generic/stg_generic__events.sql",
            "upper({{ raw_text(raw, 'currency') }})",
            "{{ raw_text(raw, 'currency') }}",
        ),
        ("macros/intake/raw_rows.sql", "'undefined'", "'undefined', 'level'"),
        ("seeds/country_codes.csv", "germany,DE", "germany,XX"),
    ],
    ids=["a staging model", "a macro of staging", "the list of countries"],
)
def test_another_way_to_read_rows_is_not_mixed_with_the_old(
    edited: Edited, file: str, old: str, new: str
):
    edited.edit(file, old, new)
    with pytest.raises(DbtFailed, match="how rows of provider 'generic' are read has changed"):
        edited.run("--select", LOG)


def test_rows_may_stay_as_they_were_read(edited: Edited):
    """The way on where their files are gone; the question comes once."""
    edited.edit("seeds/country_codes.csv", "germany,DE", "germany,XX")
    edited.pipeline.run("--select", LOG, vars={"accept_earlier_reading": True})
    assert edited.run("--select", LOG)[LOG] == "none"


def test_a_full_refresh_reads_all_rows_in_the_new_way(edited: Edited):
    edited.edit("seeds/country_codes.csv", "germany,DE", "germany,XX")
    assert edited.run("--select", LOG, "--full-refresh")[LOG] == "all, full refresh"
    assert edited.run("--select", LOG)[LOG] == "none"


def test_a_new_formula_reaches_all_rows_and_is_not_mixed_with_the_old(edited: Edited):
    edited.edit(
        "models/marts/mart_users.sql",
        "cast(activity.active_days as bigint)",
        "1000 + cast(activity.active_days as bigint)",
    )
    said = edited.run()
    assert said["mart_users"] == "all, its SQL changed"
    assert {said[name] for name in said if name != "mart_users"} <= {"none"}
    late = [purchase("late", "2024-03-01 10:00:00", "USD")]
    for rows in ([], late):
        if rows:
            edited.pipeline.add(rows, "late.csv")
            edited.run()
        query = "select count(*) from marts.mart_users where active_days < 1000"
        assert edited.pipeline.query(query) == [(0,)]


def test_a_changed_macro_rebuilds_what_uses_it(edited: Edited):
    edited.edit("macros/session_settings.sql", *TIMES_TWO)
    said = edited.run()
    for name in ("int_sessions", "fct_sessions"):
        assert said[name] == "all, its SQL changed"
    for name in (LOG, "int_event_loads", "int_install_clues", "int_exchange_rates", "fct_ad_spend"):
        assert said[name] == "none", f"{name}: {said[name]}"
    kept = edited.pipeline.dbt.copy(edited.pipeline.folder / "kept")
    edited.run("--full-refresh")
    assert not differences(kept.database, edited.pipeline.dbt.database)
    # the same project again: nothing, though the text of a macro changed
    edited.edit(
        "macros/session_settings.sql", "{% macro session_setting(", "\n{% macro session_setting("
    )
    assert set(edited.run().values()) == {"none"}


def comments(pipeline: Pipeline) -> dict[str, str]:
    """Descriptions in the database: of tables and views, and of their columns."""
    return dict(
        pipeline.query("""
            select schema_name || '.' || table_name, comment from duckdb_tables()
            union all
            select schema_name || '.' || view_name, comment from duckdb_views() where not internal
            union all
            select schema_name || '.' || table_name || '.' || column_name, comment
            from duckdb_columns() where not internal
        """)
    )


def test_an_edited_description_is_written_and_nothing_is_rebuilt(base: Pipeline, edited: Edited):
    written = comments(edited.pipeline)
    described = 0
    for node in base.dbt.manifest()["nodes"].values():
        if node["resource_type"] == "model" and node["schema"] in ("core", "marts"):
            table = f"{node['schema']}.{node['name']}"
            assert written[table] == node["description"]
            for name, column in node["columns"].items():
                assert written[f"{table}.{name}"] == column["description"]
                described += 1
    assert described > 400

    before = edited.pipeline.fingerprints()
    core = "models/core/_core__models.yml"
    # of a table, of a view, of a column
    edited.edit(core, "One row per session: a run", r"One row per user's session: a \ and a run")
    edited.edit(core, "One row per user: an app", "One row per actor: an app")
    edited.edit(core, "md5 of app, platform, channel", "MD5 of app, platform, channel")
    said = edited.run()
    touched = ("fct_sessions", "dim_users", "dim_campaigns")
    assert {said.pop(name) for name in touched} == {"none, its descriptions changed"}
    assert set(said.values()) == {"none"}
    after = edited.pipeline.fingerprints()
    assert {name: after[name] for name in INCREMENTAL} == {
        name: before[name] for name in INCREMENTAL
    }
    written = comments(edited.pipeline)
    assert written["core.fct_sessions"].startswith(r"One row per user's session: a \ and a run")
    assert written["core.dim_users"].startswith("One row per actor")
    assert written["core.dim_campaigns.campaign_key"].startswith("MD5 of app")

    assert set(edited.run().values()) == {"none"}
    assert edited.pipeline.fingerprints() == after
    assert not differences(edited.pipeline.dbt.database, base.dbt.database)


def set_rate(pipeline: Pipeline, currency: str, valid_from: date, usd_per_unit: str) -> None:
    """One more exchange rate, as `dbt seed` would load it."""
    with pipeline.connect(read_only=False) as connection:
        connection.execute(
            "insert into seeds.exchange_rates (currency, valid_from, usd_per_unit)"
            " values (?, ?, ?)",
            [currency, valid_from, Decimal(usd_per_unit)],
        )


def test_a_rate_of_a_later_day_rebuilds_nothing(base: Pipeline, tmp_path: Path):
    base.dbt.copy(tmp_path)
    pipeline = Pipeline(tmp_path, vars=base.dbt.vars, raw=base.raw, predicts=True)
    before = pipeline.fingerprints()["tables"]
    set_rate(pipeline, "JPY", date(2031, 1, 1), "0.5")
    said = reasons(pipeline.run())
    assert said.pop("int_exchange_rates").startswith("touched, exchange_rates changed")
    assert said.pop("dim_dates") == "touched, int_exchange_rates changed"
    assert set(said.values()) == {"none"}, said
    assert pipeline.fingerprints()["tables"] == before
    assert set(reasons(pipeline.run()).values()) == {"none"}


def test_a_rate_is_a_change_of_the_purchases_that_it_prices(base: Pipeline, tmp_path: Path):
    base.dbt.copy(tmp_path)
    pipeline = Pipeline(tmp_path, vars=base.dbt.vars, raw=base.raw, predicts=True)
    seq = pipeline.query("select max(change_seq) from intermediate.state_changes")[0][0] or 0
    set_rate(pipeline, "JPY", date(2024, 3, 9), "0.5")
    said = reasons(pipeline.run())
    noted = pipeline.query(
        "select distinct user_key, event_at::varchar from intermediate.state_changes"
        f" where change_seq > {seq} and event_at < '2024-03-10'"
    )
    priced = pipeline.query(
        "select distinct user_key, event_at::varchar from intermediate.int_event_log"
        " where currency = 'JPY' and revenue is not null and event_status = 'accepted'"
        " and event_at >= '2024-03-09' and event_at < '2024-03-10'"
    )
    assert set(priced) <= set(noted)
    assert said["int_sessions"].startswith("touched, ")
    assert said["int_event_loads"].startswith("touched")
    assert pipeline.query(
        "select iap_revenue_usd from core.fct_sessions where user_id = 'yen'"
    ) == [(Decimal(50),)]
    assert_equal_tables(pipeline, pipeline.rebuilt())
    assert set(reasons(pipeline.run()).values()) == {"none"}


def test_another_name_of_the_file_rebuilds_no_table(base: Pipeline, tmp_path: Path):
    database = tmp_path / "another_name.duckdb"
    shutil.copy(base.dbt.database, database)
    base.point()
    # parsed by itself: dbt keeps the names of relations in what it parsed
    project = tmp_path / "project"
    project.symlink_to(PROJECT_DIR, target_is_directory=True)
    dbt = Dbt(tmp_path, project_dir=project, vars=base.dbt.vars, database=database)
    tables = "select table_name, table_oid from duckdb_tables() order by all"
    before = dbt.query(tables)
    said = reasons(dbt("run"))
    built = tracked(base.dbt.manifest())
    assert {said[name] for name in built} == {"none"}
    assert dbt.query(tables) == before
    # views hold the name: they are made again, and can be read
    for name in set(said) - set(built):
        if not said[name].startswith("none"):
            assert "another name" in said[name]
    assert dbt.query("select count(*) from intermediate.int_events")[0][0] > 0
    assert set(INCREMENTAL) <= set(built)
