"""Every provider's rows as raw tables: the imaginary week, the small exports, and the reports.

What other tests write as files, a loader would have put into tables: one a feed, columns under
names that need no quotes, texts as texts, GA4's structs as such, and `loaded_at` in all of them.
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from pathlib import Path

import duckdb
import week
from dbt_harness import Dbt
from streams import write_generic_csv
from test_firebase import PARQUET_TYPES, ndjson
from test_firebase import week as ga4_week
from test_layouts import DAYS, FILES, SPEND, installs
from test_providers import ADJUST, DEFINITION, HOUR, LAUNCHES, REPORTS, locker, pull, table

VARS = {
    "providers": [*week.LAYOUTS, *SPEND, "applovin_max", "applovin_max_users"],
    "raw_schema": "raw",
    "n_days": DAYS,
    "as_of": "2026-03-25",
}
SELECT = (
    "+fct_sessions",
    "+dim_users",
    "+fct_ad_revenue",
    "+int_feed_rejections",
    "+mart_cohorts_n_day",
    "+mart_cpm_n_day",
)
LANDED = "2026-03-21 00:00:00"
# other loaders of the same report, whose columns a table would not have beside these; and what no
# loader would bring: another cut of the same spend
OTHERS = ("airbyte.csv", "app_only.csv", "ids.csv", "/geo/", "/day=")


def built_tables(folder: Path) -> Path:
    """A DuckDB file with these tables in the schema `raw`, and what is built of them."""
    dbt = Dbt(folder, vars=VARS)
    dbt("seed")
    with duckdb.connect(str(dbt.database)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create schema raw")
        for name, parts in _parts(folder / "files").items():
            connection.execute(f"create table raw.{name} as {' union all by name '.join(parts)}")
            columns = [row[0] for row in connection.execute(f"describe raw.{name}").fetchall()]
            if "loaded_at" not in columns:
                connection.execute(f"alter table raw.{name} add column loaded_at varchar")
            connection.execute(
                f"update raw.{name} set loaded_at = '{LANDED}' where loaded_at is null"
            )
    dbt("run", "--select", *SELECT)
    return dbt.database


def _parts(root: Path) -> dict[str, list[str]]:
    """{table: queries of its files}."""
    week.write(root)
    contents: dict[str, str | bytes] = {name: "\n".join(lines) for name, lines in FILES.items()}
    contents |= {f"appsflyer/events/{name}": pull(rows) for name, rows in REPORTS.items()}
    contents |= {
        f"appsflyer/events/t=sessions/dt={day}/h={hour}/part.csv.gz": locker(rows)
        for (day, hour), rows in LAUNCHES.items()
    }
    contents[HOUR] = gzip.compress(table(DEFINITION, ADJUST).encode())
    contents["firebase/events/events_20260302_week.ndjson"] = ndjson(ga4_week())
    for name, content in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    write_generic_csv(installs(), root / "events" / "installs.csv")
    parts = defaultdict(list)
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        if not any(mark in str(path) for mark in OTHERS):
            provider, feed = path.relative_to(root).parts[:2]
            is_generic = provider in ("events", "ad_spend")
            parts[provider if is_generic else f"{provider}_{feed}"].append(_rows(path))
    return parts


def _rows(path: Path) -> str:
    """A query of a file's rows, columns by plain names."""
    if path.suffix == ".ndjson":
        columns = ", ".join(f"{name}: '{kind}'" for name, kind in PARQUET_TYPES.items())
        return f"select * from read_json('{path}', columns = {{{columns}}})"
    source = (
        f"read_csv('{path}', all_varchar = true, header = true, delim = ',', quote = '\"',"
        " hive_partitioning = true, hive_types_autocast = false)"
    )
    names = [row[0] for row in duckdb.sql(f"describe select * from {source}").fetchall()]
    texts = [f'cast("{name}" as varchar) as {plain_name(name)}' for name in names]
    return f"select {', '.join(texts)} from {source}"


def plain_name(name: str) -> str:
    """A column as loaders name it; Data Locker's campaign id by the name that reports have."""
    plain = re.sub("[^0-9a-z]+", "_", name.lower()).strip("_")
    return {"af_c_id": "campaign_id"}.get(plain, plain)


def raw_tables(database: Path) -> dict[str, dict[str, str]]:
    """{table: {column: DuckDB's type}} of the raw tables."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    with duckdb.connect(str(database), read_only=True) as connection:
        for name, column, kind in connection.execute(
            "select table_name, column_name, data_type from information_schema.columns"
            " where table_schema = 'raw' order by table_name, ordinal_position"
        ).fetchall():
            found[name][column] = kind
    return found


def exported(database: Path, name: str, columns: dict[str, str], file: Path) -> None:
    """A raw table as a file, by its ending; CSV has structs as JSON."""
    texts = [
        f'to_json("{column}") as "{column}"' if "STRUCT" in kind else f'"{column}"'
        for column, kind in columns.items()
    ]
    what = ", ".join(texts) if file.suffix == ".csv" else "*"
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute(
            f"copy (select {what} from raw.{name}) to '{file}' (format {file.suffix[1:]}"
            + (", header)" if file.suffix == ".csv" else ")")
        )
