"""GA4's tables by day on BigQuery: two runs on the stand-in, and what they read.

The wildcard table `events_*` is a table with a column `_table_suffix` here. Google's analyzer
judges each statement. Which tables BigQuery opens is its own doing: what is tested is that rows of
others have no part in a run, by a condition on nothing but the suffix.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbt_harness import PROJECT_DIR, Dbt
from test_firebase import PARQUET_TYPES, SESSIONS, SESSIONS_OF_THE_WEEK, ga4, ndjson, week
from test_warehouses import Loaded, stand_in

pytest.importorskip("zetasql", reason="no zetasql: run `make test-warehouses`")
TYPES = PARQUET_TYPES | {
    "collected_traffic_source": "STRUCT(manual_campaign_id VARCHAR, manual_source VARCHAR,"
    " gclid VARCHAR)",
    "session_traffic_source_last_click": "STRUCT(google_ads_campaign STRUCT(campaign_id VARCHAR))",
    "batch_page_id": "BIGINT",
    "batch_ordering_id": "BIGINT",
    "batch_event_index": "BIGINT",
    "_table_suffix": "VARCHAR",
}
GOOGLE = {"VARCHAR": "string", "BIGINT": "int64", "DOUBLE": "float64"}


def add(warehouse: Any, folder: Path, suffix: str, rows: list[dict[str, Any]]) -> None:
    """More rows of one table of the export."""
    file = folder / f"{suffix}.ndjson"
    file.write_bytes(ndjson([row | {"_table_suffix": suffix} for row in rows]))
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in TYPES.items())
    warehouse.query(
        f"insert into analytics_1.\"events_*\" from read_json('{file}', columns = {{{columns}}})"
    )


def streamed(user: str, at: str) -> dict[str, Any]:
    """One event of a user of its own."""
    return ga4("screen_view", at, user)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """A week and a run; then later tables, one that grew, one that is too old, and a run."""
    warehouse = stand_in("bigquery")
    from googlesql import GoogleSQL

    warehouse.judge = GoogleSQL()
    folder = tmp_path_factory.mktemp("ga4")
    vars = {"providers": ["firebase"], "raw_schema": "analytics_1"}
    dbt = Dbt(folder / "dbt", target="bigquery", vars=vars)
    result = Loaded(warehouse, dbt, [], [])
    for seed in dbt.manifest()["nodes"].values():
        if seed["resource_type"] == "seed":
            file = PROJECT_DIR / Path(seed["original_file_path"])
            types = seed["config"]["column_types"]
            warehouse.load_csv(seed["schema"], seed["alias"], file, types)
    warehouse.query("create schema analytics_1")
    columns = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
    warehouse.query(f'create table analytics_1."events_*" ({columns})')
    warehouse.judge.add_table(
        (warehouse.database, "analytics_1", "events_*"),
        {name: GOOGLE.get(kind, "json") for name, kind in TYPES.items()},
    )
    by_day: dict[str, list[dict[str, Any]]] = {}
    for row in week():
        by_day.setdefault(min(row["event_date"], "20260310"), []).append(row)
    for day, rows in by_day.items():
        add(warehouse, folder, day, rows)
    add(warehouse, folder, "backup", [streamed("of no day", "2026-03-06 09:00:00")])
    for statements in (result.first, result.second):
        before = len(warehouse.statements)
        result.run("run", "--select", "+fct_sessions")
        statements += [" ".join(sql.lower().split()) for sql, _ in warehouse.statements[before:]]
        if statements is result.first:
            new = streamed("intraday", "2026-03-11 09:00:00")
            add(warehouse, folder, "intraday_20260311", [new])
            add(warehouse, folder, "fresh_20260311", [new])
            add(warehouse, folder, "20260303", [streamed("inside", "2026-03-02 23:00:00")])
            # the newest table with an accepted row is that of the 6th
            add(warehouse, folder, "20260302", [streamed("outside", "2026-03-02 09:00:00")])
    yield result


def test_the_week_has_the_sessions_that_files_of_it_have(loaded: Loaded):
    assert [
        (*row[:3], row[3].quantize(SESSIONS_OF_THE_WEEK[0][3]) if row[3] == int(row[3]) else row[3],
         *row[4:])
        for row in loaded.warehouse.query(SESSIONS)
    ] == SESSIONS_OF_THE_WEEK  # fmt: skip


def test_only_new_tables_and_those_of_72_hours_have_a_part_in_a_run(loaded: Loaded):
    assert loaded.warehouse.query(
        "select user_id, event_status, count(*) from intermediate.int_event_log"
        " where event_name = 'screen_view' and user_id in"
        " ('intraday', 'inside', 'outside', 'of no day') group by all order by all"
    ) == [
        ("inside", "accepted", 1),
        ("intraday", "accepted", 1),
        ("intraday", "duplicate", 1),
    ]


def test_a_table_is_loaded_when_its_day_is_over_everywhere(loaded: Loaded):
    assert loaded.warehouse.query(
        "select distinct cast(loaded_at as varchar) from intermediate.int_event_log"
        " where user_id in ('intraday', 'inside') order by 1"
    ) == [("2026-03-04 12:00:00",), ("2026-03-12 12:00:00",)]


def test_the_condition_is_on_the_suffix_and_asks_for_no_other_rows(loaded: Loaded):
    (view,) = [sql for sql in loaded.first if "events_*" in sql]
    assert (
        "from `app-sessions`.`analytics_1`.`events_*` where regexp_contains(_table_suffix" in view
    )
    reading = [
        sql
        for sql in loaded.second
        if "from `app-sessions`.`staging`.`stg_firebase__events`" in sql
    ]
    assert reading
    for sql in reading:
        for part in sql.split("`stg_firebase__events`")[1:]:
            condition = part.split("as staged_rows")[1].split(")")[0]
            assert condition.strip().startswith("where loaded_at >= "), condition
        assert "loaded_at is null" not in sql.split("`int_event_log`")[0]


def test_google_s_analyzer_takes_every_statement(loaded: Loaded):
    judge = loaded.warehouse.judge
    assert not judge.refusals, "\n\n".join(judge.refusals[:5])
    assert any("events_*" in sql for sql in judge.statements)
