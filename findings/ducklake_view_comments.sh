#!/usr/bin/env bash
# DuckLake keeps comments on the columns of tables, not of views: `comment on column` of a view is an error there.
#
# Guess before the run: a lake that DuckDB attaches takes the comments that DuckDB's own files take: on tables, on views and
# on the columns of both, so that dbt's persist_docs works for every model.
# Seen: a comment on a table, on a column of it and on a view are taken. One on a column of a view is refused ("it is not a
# table"), which DuckDB's own database takes. With persist_docs for columns, a dbt model that is a view fails.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==1.5.5 duckdb-extension-ducklake==1.5.5
cd "$folder"
venv/bin/python -W ignore - <<'PY'
import importlib.util
import shutil
import sys
from pathlib import Path

import duckdb

package = Path(importlib.util.find_spec("duckdb_extension_ducklake").submodule_search_locations[0])
version = f"v{duckdb.__version__}"
extensions = Path("extensions") / version / duckdb.execute("pragma platform").fetchone()[0]
extensions.mkdir(parents=True)
shutil.copy(package / "extensions" / version / "ducklake.duckdb_extension", extensions)
connection = duckdb.connect(config={"extension_directory": "extensions"})
connection.execute("load ducklake")
connection.execute("attach 'ducklake:catalog.duckdb' as lake (data_path 'data')")
connection.execute("attach 'own.duckdb' as own")


def said(sql):
    try:
        connection.execute(sql)
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return "taken"


seen = {}
for database in ("own", "lake"):
    connection.execute(f"create table {database}.t as select 1 as a")
    connection.execute(f"create view {database}.v as select 1 as a")
    for what in ("table {}.t", "column {}.t.a", "view {}.v", "column {}.v.a"):
        seen[what.format(database)] = said(f"comment on {what.format(database)} is 'text'")
print("version: duckdb", duckdb.__version__, "ducklake", connection.execute(
    "select extension_version from duckdb_extensions() where extension_name = 'ducklake'"
).fetchone()[0])
for what, answer in seen.items():
    print(f"seen: comment on {what}: {answer}")
refused = [what for what, answer in seen.items() if answer != "taken"]
sys.exit("changed" if refused != ["column lake.v.a"] else 0)
PY
