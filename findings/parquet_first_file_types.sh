#!/usr/bin/env bash
# DuckDB reads several Parquet files as the first file's types, and rounds and shifts what comes after it.
#
# Guess before the run: where one file has spend as BIGINT (a day of whole amounts) and the next has it as DOUBLE, the
# read fails or gives DOUBLE. Where one file has times without a zone and the next has instants, the read fails.
# Seen: neither. 1.6 becomes 2 and 1.235 becomes 1.24 without a word, and which file is first, the order of the names
# decides. An instant that comes after a time without a zone is written as the wall clock of the session's zone. With
# union_by_name the numbers are widened whatever the order, but the time without a zone is then one of the session's zone.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==1.5.6
cd "$folder"
venv/bin/python - <<'PY'
import sys

import duckdb

db = duckdb.connect()
db.execute("set timezone = 'America/New_York'")
db.execute("copy (select cast(3 as bigint) as spend) to 'whole.parquet'")
db.execute("copy (select cast(1.6 as double) as spend) to 'parts.parquet'")
db.execute("copy (select cast(3.10 as decimal(10, 2)) as spend) to 'two_places.parquet'")
db.execute("copy (select cast(1.235 as decimal(10, 3)) as spend) to 'three_places.parquet'")
db.execute("copy (select timestamp '2025-03-01 12:00:00' as t) to 'local.parquet'")
db.execute("copy (select timestamptz '2025-03-01 12:00:00+00' as t) to 'instant.parquet'")


def read(column, files, union="false"):
    rows = db.execute(
        f"select cast({column} as varchar), typeof({column}) from read_parquet({files}, union_by_name = {union}, "
        "filename = true) order by list_position(" + str(files) + ", filename)"
    ).fetchall()
    return [value for value, _ in rows], rows[0][1]


seen = {
    "whole, parts": read("spend", ["whole.parquet", "parts.parquet"]),
    "parts, whole": read("spend", ["parts.parquet", "whole.parquet"]),
    "whole, parts by name": read("spend", ["whole.parquet", "parts.parquet"], "true"),
    "two, three places": read("spend", ["two_places.parquet", "three_places.parquet"]),
    "two, three places by name": read("spend", ["two_places.parquet", "three_places.parquet"], "true"),
    "local, instant": read("t", ["local.parquet", "instant.parquet"]),
    "local, instant by name": read("t", ["local.parquet", "instant.parquet"], "true"),
}
expected = {
    "whole, parts": (["3", "2"], "BIGINT"),
    "parts, whole": (["1.6", "3.0"], "DOUBLE"),
    "whole, parts by name": (["3.0", "1.6"], "DOUBLE"),
    "two, three places": (["3.10", "1.24"], "DECIMAL(10,2)"),
    "two, three places by name": (["3.100", "1.235"], "DECIMAL(11,3)"),
    "local, instant": (["2025-03-01 12:00:00", "2025-03-01 07:00:00"], "TIMESTAMP"),
    "local, instant by name": (["2025-03-01 12:00:00-05", "2025-03-01 07:00:00-05"], "TIMESTAMP WITH TIME ZONE"),
}
print("version: duckdb", duckdb.__version__)
for case, (values, kind) in seen.items():
    print(f"seen: {case}: {values} as {kind}")
sys.exit("changed" if seen != expected else 0)
PY
