#!/usr/bin/env bash
# The same line of Ibis cuts weeks from Monday on Polars and from Thursday on DuckDB, whose own weeks begin on Monday.
#
# Guess before the run: a bucket of a week is the same week for each backend of Ibis, and on DuckDB that of its time_bucket, which
# Ibis calls. Seven days count from 1970-01-01, a Thursday, where a library has no better idea, a week never.
# Seen: `bucket(days=7)` begins on Thursday for both backends. `bucket(weeks=1)` begins on Monday on Polars, and on Thursday on
# DuckDB, since Ibis gives time_bucket an origin; without one a week and seven days begin on Monday there. DataFusion's
# date_bin has Thursday for both. `truncate("W")` is Monday's everywhere.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ibis-framework[duckdb,polars]==12.0.0" \
    duckdb==1.5.6 polars==2.1.0 sqlglot==28.10.0 pyarrow==26.0.1 datafusion==54.0.0
cd "$folder"
venv/bin/python -W ignore - <<'PY'
import sys
from datetime import datetime, timedelta
from importlib.metadata import version

import datafusion
import duckdb
import ibis
import polars
import pyarrow

days = [datetime(2026, 3, 2, 12) + timedelta(days=day) for day in range(28)]  # four weeks, from a Monday on
opens = pyarrow.table({"opened_at": pyarrow.array(days, pyarrow.timestamp("us"))})


def first_days(buckets):
    """The weekday on which all of these begin."""
    return "/".join({moment.strftime("%A") for moment in buckets})


print("version:", *(f"{name} {version(name)}" for name in ("ibis-framework", "duckdb", "polars", "datafusion")))
lines = {
    "bucket(days=7)": lambda column: column.bucket(days=7),
    "bucket(weeks=1)": lambda column: column.bucket(weeks=1),
    "truncate W": lambda column: column.truncate("W"),
}
seen = {}
for backend in (ibis.duckdb.connect(), ibis.polars.connect()):
    table = backend.create_table("opens", opens)
    for name, line in lines.items():
        found = backend.to_pyarrow(table.select(week=line(table.opened_at)))["week"].to_pylist()
        seen[f"Ibis on {backend.name}, {name}"] = first_days(found)
context = datafusion.SessionContext()
context.from_arrow(opens, "opens")
for width in ("7 days", "1 week"):
    rows = duckdb.sql(f"select time_bucket(interval '{width}', opened_at) from opens").fetchall()
    seen[f"DuckDB, time_bucket of {width}"] = first_days(moment for (moment,) in rows)
    rows = context.sql(f"select date_bin(interval '{width}', opened_at) as week from opens").to_pydict()["week"]
    seen[f"DataFusion, date_bin of {width}"] = first_days(rows)
for every in ("7d", "1w"):
    seen[f"Polars, truncate of {every}"] = first_days(polars.Series(days).dt.truncate(every))
for name, weekday in seen.items():
    print(f"seen: {name}: {weekday}")
expected = {
    "Ibis on duckdb, bucket(days=7)": "Thursday",
    "Ibis on duckdb, bucket(weeks=1)": "Thursday",
    "Ibis on duckdb, truncate W": "Monday",
    "Ibis on polars, bucket(days=7)": "Thursday",
    "Ibis on polars, bucket(weeks=1)": "Monday",
    "Ibis on polars, truncate W": "Monday",
    "DuckDB, time_bucket of 7 days": "Monday",
    "DataFusion, date_bin of 7 days": "Thursday",
    "DuckDB, time_bucket of 1 week": "Monday",
    "DataFusion, date_bin of 1 week": "Thursday",
    "Polars, truncate of 7d": "Thursday",
    "Polars, truncate of 1w": "Monday",
}
sys.exit("changed" if seen != expected else 0)
PY
