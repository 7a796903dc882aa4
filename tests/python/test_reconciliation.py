"""Loads that land behind the watermark: of tables found within the lookback and named beyond it, of
files always found (G3)."""

from __future__ import annotations

import json
import re
from pathlib import Path

from pipeline import Pipeline, assert_equal_tables, assert_equals_reference
from reference import micros
from streams import Row, generic_csv_row, stream_config

TEST = "assert_every_raw_row_is_accounted_for"


def day(date: str, count: int) -> list[Row]:
    """A load of some events of one user on one date of 2024."""
    return [
        {
            "provider": "generic",
            "event_id": f"d-{date}-{number}",
            "app_id": "app.plain",
            "platform": "ios",
            "device_id": "d",
            "event_name": "level",
            "event_at": micros(f"2024-{date} 10:{number:02}:00"),
            "loaded_at": micros(f"2024-{date} 23:00:00"),
        }
        for number in range(count)
    ]


def insert(pipeline: Pipeline, rows: list[Row]) -> None:
    """Rows for the table raw.events; every value as text."""
    with pipeline.connect(read_only=False) as connection:
        cells = [generic_csv_row(row) for row in rows]
        columns = list(cells[0])
        connection.execute("create schema if not exists raw")
        connection.execute(
            f"create table if not exists raw.events ({', '.join(f'{c} varchar' for c in columns)})"
        )
        connection.executemany(
            f"insert into raw.events values ({', '.join('?' * len(columns))})",
            [list(row.values()) for row in cells],
        )


def test_loads_behind_the_lookback_are_named_with_the_command_that_repairs_them(tmp_path: Path):
    vars = {"raw_path": None, "raw_schema": "raw"}
    pipeline = Pipeline(tmp_path, vars=vars, select=["+fct_user_days", "+dim_users"])
    rows = day("03-01", 3) + day("03-20", 3)
    insert(pipeline, rows)
    pipeline.run()
    pipeline.dbt("test", "--select", TEST)

    # within load_lookback_days, and with rows that are refused: nothing to say
    within = [*day("03-18", 2), day("03-18", 3)[2] | {"device_id": None}]
    insert(pipeline, within)
    pipeline.run()
    pipeline.dbt("test", "--select", TEST)

    # two loads behind it, one of them a load of which a part was there
    lost = day("03-05", 4) + day("03-01", 5)[3:]
    insert(pipeline, lost)
    pipeline.run()
    assert pipeline.count("intermediate.int_event_log") == 9
    result = pipeline.dbt("test", "--select", TEST, check=False)
    assert not result.success
    said = str(result)
    assert "loaded on 2024-03-01: 5 raw rows, of which 3 accepted, 0 duplicates, 0 rejected" in said
    assert "loaded on 2024-03-05: 4 raw rows, of which 0 accepted, 0 duplicates, 0 rejected" in said
    assert "2024-03-18" not in said

    # the command, word by word
    found = re.search(r"dbt build --vars '(\{.*\})'", said)
    assert found, said
    vars = json.loads(found.group(1))
    assert vars == pipeline.dbt.vars | {"load_lookback_days": 20}
    pipeline.run(vars=vars)
    pipeline.dbt("test", "--select", TEST)
    assert_equals_reference(pipeline, rows + within + lost, stream_config())
    pipeline.dbt("test", "--select", TEST, vars=vars)


def test_files_that_come_late_are_read_however_late(tmp_path: Path):
    pipeline = Pipeline(tmp_path, select=["+fct_user_days", "+dim_users"])
    loads = [day("03-01", 3) + day("03-20", 3), day("03-05", 4) + day("03-01", 5)[3:]]
    for rows in loads:
        pipeline.load(rows)
        pipeline.dbt("test", "--select", TEST)
    assert_equals_reference(pipeline, loads[0] + loads[1], stream_config())
    assert_equal_tables(pipeline, pipeline.rebuilt())


def test_files_that_were_removed_after_loading_are_not_missed(tmp_path: Path):
    pipeline = Pipeline(tmp_path, select=["+fct_user_days", "+dim_users"])
    pipeline.load(day("03-01", 3))
    pipeline.load(day("03-02", 3))
    (pipeline.events / "load_001.csv").unlink()
    pipeline.run()
    pipeline.dbt("test", "--select", TEST)
    assert pipeline.count("intermediate.int_event_log") == 6
