#!/usr/bin/env bash
# sqlglot turns a difference of elapsed time into one of clock boundaries: a pause of 29 minutes becomes one of 30.
#
# Guess before the run: BigQuery's TIMESTAMP_DIFF and Trino's date_diff count whole units that have passed (their manuals
# say so), DuckDB's date_diff counts boundaries that were crossed, and sqlglot translates what is meant, to date_sub.
# Seen: it writes date_diff, as for BigQuery's DATETIME_DIFF and Snowflake's DATEDIFF, which do count boundaries. With a
# timeout of 30 minutes one session becomes two, and two hours around midnight are a day. Differences of weeks and their
# first days are moved with care, but only for BigQuery: Redshift's week, of Sundays, is one of Mondays.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==1.5.6 sqlglot==30.30.0
cd "$folder"
venv/bin/python - <<'PY'
import sys

import duckdb
import sqlglot

pause = ("timestamp '2025-01-01 10:00:59'", "timestamp '2025-01-01 10:30:01'")
night = ("timestamp '2025-01-01 23:00:00'", "timestamp '2025-01-02 01:00:00'")
weekend = ("date '2025-01-04'", "date '2025-01-05'")  # Saturday and Sunday
cases = [
    ("bigquery", "timestamp_diff({1}, {0}, minute)", pause),
    ("bigquery", "timestamp_diff({1}, {0}, day)", night),
    ("trino", "date_diff('minute', {0}, {1})", pause),
    ("trino", "date_diff('day', {0}, {1})", night),
    ("snowflake", "datediff(minute, {0}, {1})", pause),
    ("bigquery", "date_diff({1}, {0}, week)", weekend),
    ("redshift", "datediff(week, {0}, {1})", weekend),
]
duck = duckdb.connect()
seen = {}
for dialect, call, (earlier, later) in cases:
    written = sqlglot.transpile("select " + call.format(earlier, later), read=dialect, write="duckdb")[0]
    seen[dialect, call] = duck.execute(written).fetchone()[0]
elapsed = [
    duck.execute(f"select date_sub('{unit}', {earlier}, {later})").fetchone()[0]
    for unit, (earlier, later) in (("minute", pause), ("day", night))
]
print("version: sqlglot", sqlglot.__version__, "duckdb", duckdb.__version__)
print(f"seen: elapsed minutes of the pause and days of the night, by date_sub: {elapsed}")
for (dialect, call), value in seen.items():
    print(f"seen: {dialect}, {call}: {value} on DuckDB")
sys.exit("changed" if elapsed != [29, 0] or list(seen.values()) != [30, 1, 30, 1, 30, 1, 0] else 0)
PY
