"""What the tests of other engines share: the sample in cuts, and tables beside DuckDB's."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from dbt_harness import Dbt
from pipeline import SETTING_COLUMNS, Difference
from streams import EXCHANGE_RATES, MIN_OPEN_INTERVALS, SESSION_SETTINGS

# of the intermediate layer what people query, and what the facts come from
INTERMEDIATE = ("int_events", "int_events_duplicates", "int_events_rejected", "int_sessions")
# each engine hashes the keys of its event log in its own way; DuckDB reads files, others tables
OWN_COLUMNS = {"event_key", "file_name"}
# tables of predictions, by a part of their name
PREDICTED = "_ltv_|_churn_|_forecast|_budget"
# the sample's loads are cut here: text of `loaded_at`, which sorts as the times do
CUTS = ("2025-03-24", "2025-04-12")
SAMPLE_EVENTS = (
    "sample_generic_events",
    "sample_tenjin_events",
    "sample_tenjin_ad_mediation_impressions",
)

# texts that may be a time, and texts that may be a number
TIMES = """
    2024-03-09|2024-03-09 10|2024-03-09 10:00|2024-03-09T10:00:00|2024-03-09t10:00:00
    2024/03/09 10:00:00|2024.03.09 10:00:00|2024 03 09 10:00:00|2024-03/09|2024-3-9 1:2:3|24-3-9
    0-1-1|-2024-03-09|+2024-03-09|02024-03-09|12024-03-09|20240309 100000|2024-03-09 24:00:00
    2024-03-09 24:00:01|2024-03-09 10:00:00.|2024-03-09 10:00:00.1|2024-03-09 10:00:00.9999999
    2024-03-09 10:00:00,123|2024-03-09 10:00.5|2024-02-29|2023-02-29|1900-02-29|2000-02-29
    2024-13-01|2024-00-01|2024-01-00|2024-04-31|2024-03-09 10:60:00|2024-03-09 25:00:00
    2024-03-09 10:00:00z|2024-03-09 10:00:00 Z|2024-03-09Z|2024-03-09T10:00Z
    2024-03-09 10:00:00+2|2024-03-09 10:00:00+02|2024-03-09 10:00:00 +02|2024-03-09 10:00:00-02:30
    2024-03-09 10:00:00+020|2024-03-09 10:00:00+|2024-03-09 10:00:00 UTC|2024-03-09 10:00:00UTC
    2024-03-09 10:00:00 europe/berlin|2024-03-09 10:00:00 Nowhere/Land|2024-03-09 Europe/Berlin
    2024-11-03 01:30:00 America/New_York|2024-03-09 10:00:00 AM|2024-03-09 (BC)|now|today
    2024-W10-6|2024-069|Mar 9 2024|9 Mar 2024|2024-Mar-09|10:00:00|2024-03|2024-03-09T|-1|1.7e9
    1709978400.1234567|1709978400123.4567|1709978400123456.7|1709978400123456789|9e18|1e400
    2024-03-09-10:00:00|2024-03-09 1:00|2024-03-09 10:00:00:00|2024-003-09|2024-03-009
    2024-03-09 010:00:00|2024-03-09 10:000:00|2024-03-09 10:00:00 Asia/Kolkata|0000-12-31
"""
NUMBERS = """
    5|+5|.5|5.|.|-|1E3|1e+3|1e|1e3.5|1_000|1__0|_1|1_|1_0.5_5|0x10|nan|-inf|999999999999
    999999999999.9999994|999999999999.9999995|0.0000005|0.00000049|2.5e-6|00012|--5|1e400|1e-40
    5f|12345678901234567890|true|1.e3|.e3|1.5.|1-2|1.0000005|1.00000049999999999999|5 5|1e 3
"""


def sample_on_duckdb(folder: Path) -> Path:
    """A DuckDB file with the sample: the one of APP_SESSIONS_DB, or a new one."""
    given = os.environ.get("APP_SESSIONS_DB")
    if given:
        return Path(given).resolve()
    dbt = Dbt(folder)
    dbt("build", "--exclude-resource-type", "unit_test", "test")
    return dbt.database


def compared_tables(database: Path) -> dict[str, list[str]]:
    """The columns of all tables of core and marts, and of some views before them, in DuckDB."""
    columns: dict[str, list[str]] = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        for schema, table, column in connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns"
            " where table_schema in ('core', 'marts')"
            f" or (table_schema = 'intermediate' and table_name in {INTERMEDIATE})"
            " order by table_schema, table_name, ordinal_position"
        ).fetchall():
            if column not in OWN_COLUMNS:
                columns.setdefault(f"{schema}.{table}", []).append(column)
    return columns


def rounded(row: Sequence[Any]) -> tuple:
    """Predictions are made with exp and ln, whose last digit is each engine's own."""
    return tuple(
        round(float(cell), 6) + 0.0 if isinstance(cell, (float, Decimal)) else cell for cell in row
    )


def engine_differences(database: Path, fetch: Callable[[str], list[tuple]]) -> list[Difference]:
    """How an engine's tables differ from those of a DuckDB file, as multisets of rows.

    Arguments:
        database: the DuckDB file.
        fetch: the rows of a query on the other engine, as Python values; times without zone, UTC.
    """
    found = []
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for table, columns in compared_tables(database).items():
            sql = f"select {', '.join(columns)} from {table}"
            comparable = rounded if re.search("_ltv_|_churn_|_budget|_forecast", table) else tuple
            ours = Counter(map(comparable, connection.execute(sql).fetchall()))
            theirs = Counter(map(comparable, fetch(sql)))
            rows = []
            for sign, only in (("-", ours - theirs), ("+", theirs - ours)):
                for row in sorted(only, key=repr)[:4]:
                    cells = zip(columns, row, strict=True)
                    rows.append(sign + ", ".join(f" {name}={cell!r}" for name, cell in cells))
            if rows:
                counts = ((ours - theirs).total(), (theirs - ours).total())
                found.append(Difference(table, counts, rows))
    return found


def assert_equal_to_duckdb(
    database: Path, fetch: Callable[[str], list[tuple]], minimum: int = 0
) -> None:
    """All compared tables are equal, row by row and column by column.

    Arguments:
        database: the DuckDB file.
        fetch: as for `engine_differences`.
        minimum: how many tables there have to be at least.
    """
    found = engine_differences(database, fetch)
    assert not found, "\n".join(map(str, found))
    assert len(compared_tables(database)) >= minimum


def sample_in_cuts(run_sql: Callable[[str], Any], load: Callable[[], Any]) -> None:
    """Give the engine the sample's events in three loads, cut by `loaded_at`.

    The tables of the seeds are what staging reads, so rows are taken out of them and put back.

    Arguments:
        run_sql: runs one statement on the engine.
        load: builds the models from what the tables hold.
    """
    for table in SAMPLE_EVENTS:
        run_sql(f"create table seeds.all_{table} as select * from seeds.{table}")
        run_sql(f"delete from seeds.{table} where loaded_at >= '{CUTS[0]}'")
    load()
    for since, until in zip(CUTS, (*CUTS[1:], None), strict=True):
        for table in SAMPLE_EVENTS:
            run_sql(
                f"insert into seeds.{table} select * from seeds.all_{table}"
                f" where loaded_at >= '{since}'" + (f" and loaded_at < '{until}'" if until else "")
            )
        load()
    for table in SAMPLE_EVENTS:
        run_sql(f"drop table seeds.all_{table}")


def stream_seeds() -> Iterator[str]:
    """Statements that put the settings and rates of `streams.py` in place of the project's."""
    rows: dict[str, list[list[str | None]]] = {
        "session_settings": [
            [row.get(c) or None for c in SETTING_COLUMNS] for row in SESSION_SETTINGS
        ],
        "provider_settings": [[name, str(seconds)] for name, seconds in MIN_OPEN_INTERVALS.items()],
    }
    for table, lines in rows.items():
        yield f"delete from seeds.{table}"
        for cells in lines:
            yield f"insert into seeds.{table} values ({', '.join(map(sql_literal, cells))})"
    yield "delete from seeds.exchange_rates"
    for currency, rates in EXCHANGE_RATES.items():
        for since, rate in rates:
            yield f"insert into seeds.exchange_rates values ('{currency}', date '{since}', {rate})"


def sql_literal(text: str | None) -> str:
    """Whole numbers as they are, other text in quotes, blanks as null."""
    return text if text and text.isdigit() else quoted(text)


def quoted(text: str | None) -> str:
    """Text in SQL, blanks as null."""
    return "'" + text.replace("'", "''") + "'" if text else "null"


def spellings(text: str) -> list[str]:
    """The words between bars and line ends."""
    return [word.strip() for line in text.splitlines() for word in line.split("|") if word.strip()]
