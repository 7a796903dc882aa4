"""check_freshness: how old the newest load of the raw events is, on files and on tables."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt_harness import Dbt

AS_OF = "2024-03-12 00:00:00"
HEADER = "event_id,app_id,device_id,event_name,event_at,loaded_at"
FRESH = "1,game,phone,level,2024-03-10 10:00:00,2024-03-11 12:00:00"  # 12 hours before AS_OF
STALE = "2,game,phone,level,2024-03-08 10:00:00,2024-03-09 00:00:00"  # 72 hours before


def refusal(dbt: Dbt, vars: dict[str, Any], max_age_hours: Any = 48, as_of: Any = AS_OF) -> str:
    """What the check says when it fails; nothing when it passes."""
    args = json.dumps({"max_age_hours": max_age_hours, "as_of": as_of})
    result = dbt("run-operation", "check_freshness", "--args", args, vars=vars, check=False)
    said = "\n".join(result.messages)
    assert result.success == (not said)
    return said


@pytest.fixture(scope="module")
def raw_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One path for all tests, so that dbt parses the project once for it."""
    return tmp_path_factory.mktemp("freshness") / "raw"


@pytest.fixture
def raw(raw_folder: Path) -> Path:
    """The folder of raw files, empty."""
    shutil.rmtree(raw_folder, ignore_errors=True)
    (raw_folder / "events").mkdir(parents=True)
    return raw_folder


def files(raw: Path, *lines: str, name: str = "events/load.csv") -> dict[str, Any]:
    """Vars of a project that reads these lines from a file."""
    (raw / name).parent.mkdir(parents=True, exist_ok=True)
    (raw / name).write_text("\n".join([HEADER, *lines]) + "\n")
    return {"providers": ["generic"], "raw_path": str(raw)}


def test_the_newest_load_decides_to_the_hour(dbt: Dbt, raw: Path):
    vars = files(raw, STALE, FRESH)
    assert not refusal(dbt, vars, max_age_hours=12)
    said = refusal(dbt, vars, max_age_hours=11.5)
    assert "raw events at 2024-03-12 00:00:00, allowed age 11.5 hours:" in said
    assert "generic: newest load 2024-03-11 12:00:00, 12.0 hours old (too old)" in said


def test_a_database_of_own_files_is_not_taken_for_the_sample(dbt: Dbt, raw: Path):
    """Who forgets --vars is not told that all is well."""
    assert not refusal(dbt, {})
    dbt("build", "--select", "+state_files", vars=files(raw, FRESH))
    said = refusal(dbt, {})
    assert f"holds files in {raw}/, and this command reads the bundled sample" in said


def test_each_provider_is_checked(dbt: Dbt, raw: Path):
    vars = {**files(raw, FRESH), "providers": ["generic", "tenjin"]}
    said = refusal(dbt, vars)
    assert "generic: newest load 2024-03-11 12:00:00, 12.0 hours old\n" in said
    assert "tenjin: no load yet (too old)" in said
    path = raw / "tenjin" / "events" / "load.csv"
    path.parent.mkdir(parents=True)
    path.write_text(
        "created_at,loaded_at,event,event_type,app_id,advertising_id\n"
        "2024-03-08 10:00:00,2024-03-09 00:00:00,open,event,game,phone\n"
    )
    said = refusal(dbt, vars)
    assert "tenjin: newest load 2024-03-09 00:00:00, 72.0 hours old (too old)" in said


def test_dbt_source_freshness_looks_at_files(dbt: Dbt, raw: Path):
    def statuses(vars: dict[str, Any]) -> dict[str, str]:
        results = dbt("source", "freshness", vars=vars, check=False).output
        of_sources = [result for result in results if result.node.resource_type == "source"]
        return {result.node.source_name: str(result.status) for result in of_sources}

    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    not_in_use = {"adjust": "pass", "appsflyer": "pass", "tenjin": "pass"}
    vars = files(raw, STALE)
    assert statuses(vars) == not_in_use | {"generic": "error"}
    vars = files(raw, STALE, f"3,game,phone,level,{now},{now}")
    assert statuses(vars) == not_in_use | {"generic": "pass"}
    assert statuses({"providers": ["tenjin"]}) == not_in_use | {"generic": "pass"}  # the sample


def test_what_the_build_will_refuse_neither_stops_nor_passes_the_check(dbt: Dbt, raw: Path):
    vars = files(
        raw,
        STALE,
        "3,game,phone,level,2024-03-10 10:00:00,2999-01-01 00:00:00",
        "4,game,phone,level,2024-03-10 10:00:00,yesterday",
        "5,one,column,too,many,2024-03-11 12:00:00,x",
        '6,game,"phone,level,2024-03-10 10:00:00,2024-03-11 12:00:00',
    )
    assert "newest load 2024-03-09 00:00:00, 72.0 hours old (too old)" in refusal(dbt, vars)
    assert not refusal(dbt, vars, max_age_hours=72)


def test_parquet_with_epoch_seconds_and_tables_are_read_alike(dbt: Dbt, raw: Path):
    folder = raw / "events"
    row = "'game' as app_id, 'phone' as device_id, 'level' as event_name, 0 as event_at"
    # 1710158400 is 2024-03-11 12:00:00
    duckdb.execute(
        f"copy (select {row}, 1710158400 as loaded_at)"
        f" to '{folder / 'load.parquet'}' (format parquet)"
    )
    vars = {"providers": ["generic"], "raw_path": str(raw)}
    assert not refusal(dbt, vars, max_age_hours=12)
    assert refusal(dbt, vars, max_age_hours=11.5)

    with duckdb.connect(str(dbt.database)) as connection:
        connection.execute("create schema landing")
        connection.execute(
            f"create table landing.events as select {row},"
            " timestamp '2024-03-11 12:00:00' as loaded_at"
        )
    vars = {"providers": ["generic"], "raw_schema": "landing"}
    assert not refusal(dbt, vars, max_age_hours=12)
    assert refusal(dbt, vars, max_age_hours=11.5)


def test_files_say_when_their_rows_do_not(dbt: Dbt, raw: Path):
    header = HEADER.removesuffix(",loaded_at")
    path = raw / "events" / "dt=2024-03-11" / "hour=11" / "load.csv"
    path.parent.mkdir(parents=True)
    path.write_text(f"{header}\n1,game,phone,level,2024-03-10 10:00:00\n")
    vars = {"providers": ["generic"], "raw_path": str(raw)}
    assert not refusal(dbt, vars, max_age_hours=12)
    assert refusal(dbt, vars, max_age_hours=11.5)


def test_the_clock_decides_without_a_time_and_the_sample_does_not_age(dbt: Dbt, raw: Path):
    vars = files(raw, FRESH)
    assert refusal(dbt, vars, as_of=None)
    assert not refusal(dbt, vars, max_age_hours=1_000_000, as_of=None)
    assert not refusal(dbt, {}, max_age_hours=1, as_of=None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"max_age_hours": 0}, "max_age_hours must be a number above 0, got '0'"),
        ({"max_age_hours": "a day"}, "max_age_hours must be a number above 0, got 'a day'"),
        ({"as_of": "yesterday"}, "as_of must be a time such as '2025-01-31 06:00:00', UTC"),
    ],
)
def test_wrong_arguments_are_named(dbt: Dbt, arguments: dict[str, Any], message: str):
    assert f"check_freshness: {message}" in refusal(dbt, {}, **arguments)
