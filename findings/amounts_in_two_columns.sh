#!/usr/bin/env bash
# A loader puts the amounts with cents into a second column if the first amount it met was whole.
#
# Guess before the run: 5 and 4.99 become one column of doubles, whichever comes first, and a whole number later on
# changes nothing.
# Seen: after 4.99 it is so. After 5 the column is bigint for good: 4.99 goes to a new column `revenue__v_double`, and
# `revenue` is null in its row, so that sums of it lack each purchase with cents. 5.0 and the text "7" go to the first
# column, "4.49" to a third one, `revenue__v_text`.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet dlt==1.31.0 duckdb==1.5.6
cd "$folder"
export RUNTIME__DLTHUB_TELEMETRY=false DLT_DATA_DIR="$folder/state"
venv/bin/python -W ignore - <<'PY'
import sys
from importlib.metadata import version

import dlt
import duckdb

LOADS = {"cents_first": [[4.99], [5]], "whole_first": [[5], [4.99, 5.0, "7", "4.49"]]}
seen = {}
print("version: dlt", version("dlt"), "duckdb", duckdb.__version__)
for table, loads in LOADS.items():
    pipeline = dlt.pipeline(table, destination=dlt.destinations.duckdb("out.duckdb"), dataset_name="raw")
    for load, amounts in enumerate(loads):
        rows = [{"event_id": f"{load}{place}", "revenue": amount} for place, amount in enumerate(amounts)]
        pipeline.run(rows, table_name=table)
    with duckdb.connect("out.duckdb") as connection:
        read = connection.execute(
            f"select columns(c -> starts_with(c, 'revenue')) from raw.{table} order by event_id"
        )
        types = {name: str(kind) for name, kind, *_ in read.description}
        rows = read.fetchall()
    seen[table] = types, rows
    print(f"seen: {table}: {types}: {rows}")
sys.exit("changed" if seen != {
    "cents_first": ({"revenue": "DOUBLE"}, [(4.99,), (5.0,)]),
    "whole_first": (
        {"revenue": "BIGINT", "revenue__v_double": "DOUBLE", "revenue__v_text": "VARCHAR"},
        [(5, None, None), (None, 4.99, None), (5, None, None), (7, None, None), (None, None, "4.49")],
    ),
} else 0)
PY
