#!/usr/bin/env bash
# DuckDB: a table is read on one core for as long as the transaction that made it is open.
#
# Guess before the run: a query takes as many cores as there are threads, whoever made the table, since the rows are the
# same before and after the commit.
# Seen: of 10 million rows, made by `create temp table ... as` and read twice, the query inside of the transaction works on
# one core, and the same query after the commit on two. The same holds of a table that is not temporary. A tool that opens
# a transaction, makes steps as temporary tables and then writes, as dbt does, works on one core from the second step on.
# Told by processor time over elapsed time, the median of nine queries; needs two cores that are not busy.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==1.5.6
cd "$folder"
venv/bin/python - <<'PY'
import statistics
import sys
import time

import duckdb

connection = duckdb.connect("file.duckdb", config={"threads": 2})


def cores():
    used = []
    for _ in range(9):
        started, worked = time.perf_counter(), time.process_time()
        connection.execute("select u % 1000, count(*), max(s) from steps group by all").fetchall()
        used.append((time.process_time() - worked) / (time.perf_counter() - started))
    return statistics.median(used)


print("version: duckdb", duckdb.__version__)
seen = []
for kind in ("temporary table", "table"):
    connection.execute("begin")
    connection.execute(
        f"create {kind} steps as select hash(i) % 300000 as u, 'text ' || hash(i) as s from range(10000000) as r(i)"
    )
    inside = cores()
    connection.execute("commit")
    after = cores()
    connection.execute("drop table steps")
    print(f"seen: {kind}: {inside:.1f} cores in the transaction that made it, {after:.1f} after its commit")
    seen.append(inside < 1.2 and after > 1.5)
sys.exit("changed" if not all(seen) else 0)
PY
