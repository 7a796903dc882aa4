#!/usr/bin/env bash
# Python's readers of Iceberg and Delta tables find rows without a campaign by `not in` and not by `!=`; deletes keep them.
#
# Guess before the run: a filter means what it means in SQL: a row whose campaign is null is in neither `!=` nor `not in`, and
# a delete takes away the rows that a scan with its filter finds.
# Seen: the scan by `not in` has the row, in PyIceberg and, as `filters`, in delta-rs; by `!=` it is in neither. The delete
# by `not in` keeps it in both: in PyIceberg one text finds two rows in a scan and takes away one of them.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pyiceberg[sql-sqlite,pyarrow]==0.12.0" deltalake==1.6.6 pyarrow==26.0.1 duckdb==1.5.6
cd "$folder"
venv/bin/python -W ignore - <<'PY'
import os
import sys
from importlib.metadata import version

import duckdb
import pyarrow
from deltalake import DeltaTable, write_deltalake
from pyiceberg.catalog.sql import SqlCatalog

spend = pyarrow.table({"campaign_id": ["a", "b", None]})
texts = {"!=": "campaign_id != 'a'", "not in": "campaign_id not in ('a', 'z')"}
tuples = {"!=": ("campaign_id", "!=", "a"), "not in": ("campaign_id", "not in", ["a", "z"])}
catalog = SqlCatalog("lake", uri="sqlite:///catalog.db", warehouse=f"file://{os.getcwd()}/iceberg")
catalog.create_namespace("marts")


def names(table):
    return table.column("campaign_id").to_pylist()


seen = {}
for number, (sign, text) in enumerate(texts.items()):
    seen[f"SQL, {sign}, found"] = [row[0] for row in duckdb.sql(f"select * from spend where {text}").fetchall()]
    iceberg = catalog.create_table(f"marts.spend_{number}", schema=spend.schema)
    iceberg.append(spend)
    seen[f"PyIceberg, {sign}, found"] = names(iceberg.scan(row_filter=text).to_arrow())
    iceberg.delete(text)
    seen[f"PyIceberg, {sign}, kept by a delete"] = names(iceberg.scan().to_arrow())
    write_deltalake(f"delta_{number}", spend)
    delta = DeltaTable(f"delta_{number}")
    seen[f"delta-rs, {sign}, found"] = names(delta.to_pyarrow_table(filters=[tuples[sign]]))
    delta.delete(text)
    seen[f"delta-rs, {sign}, kept by a delete"] = names(delta.to_pyarrow_table())
print(*(f"version: {name} {version(name)}" for name in ("pyiceberg", "deltalake", "pyarrow", "duckdb")), sep="\n")
for name, found in seen.items():
    print(f"seen: {name}: {found}")
kept = ["a", None]
expected = [["b"], ["b"], kept, ["b"], kept, ["b"], ["b", None], kept, ["b", None], kept]
sys.exit("changed" if list(seen.values()) != expected else 0)
PY
