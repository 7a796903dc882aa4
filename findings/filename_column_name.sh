#!/usr/bin/env bash
# DuckDB opens only the files that a filter on the path asks for if the path column is called filename, else all.
#
# Guess before the run: the column is the same whatever name it is given (filename = 'source_file'), so a filter on it
# leaves out the other files in either case.
# Seen: with the name filename one file of four is read, for CSV as for Parquet. With another name all four are.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==1.5.6
cd "$folder"
venv/bin/python - <<'PY'
import re
import sys

import duckdb

db = duckdb.connect()
for number in range(4):
    db.execute(f"copy (select 1 as a) to 'part{number}.csv'")
    db.execute(f"copy (select 1 as a) to 'part{number}.parquet'")


def opened(kind, option, column):
    files = [f"part{number}.{kind}" for number in range(4)]
    plan = db.execute(
        f"explain analyze select * from read_{kind}({files}, filename = {option}) where {column} = 'part2.{kind}'"
    ).fetchall()[0][1]
    scanned = re.search(r"Scanning Files: (\d+)/4", plan)
    total = re.search(r"Total Files Read: (\d+)", plan)
    return int((scanned or total).group(1))


seen = {
    (kind, name): opened(kind, option, name)
    for kind in ("csv", "parquet")
    for option, name in (("true", "filename"), ("'filename'", "filename"), ("'source_file'", "source_file"))
}
print("version: duckdb", duckdb.__version__)
for (kind, name), files in seen.items():
    print(f"seen: {kind}, column {name}: {files} of 4 files read")
expected = {
    ("csv", "filename"): 1,
    ("csv", "source_file"): 4,
    ("parquet", "filename"): 1,
    ("parquet", "source_file"): 4,
}
sys.exit("changed" if seen != expected else 0)
PY
