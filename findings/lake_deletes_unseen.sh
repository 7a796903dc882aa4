#!/usr/bin/env bash
# A reader of DuckLake without DuckDB sees deleted rows, and both versions of an updated one, until the lake is flushed.
#
# Guess before the run: a lake is a catalog and Parquet files, both of a written format, so another reader of it sees
# the rows that DuckDB sees after each statement.
# Seen: small deletes, which DuckDB keeps in the catalog, it does not see: a deleted row is there, and after an update both
# versions are, 101 rows for 99, without a warning. Another reader has the deleted row, too, and refuses the table once it has
# small inserts as well. After ducklake_flush_inlined_data, or with data_inlining_row_limit 0, both see what DuckDB sees.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for name in writer reader; do python3 -m venv "$name"; done
writer/bin/pip install --quiet duckdb==1.5.5 duckdb-extension-ducklake==1.5.5 duckdb-extension-sqlite==1.5.5
reader/bin/pip install --quiet ducklake-dataframe==1.0.0 polars-ducklake==0.2.1 polars==1.41.2 pandas==2.3.3 pyarrow==21.0.0
cat > write.py <<'PY'
import importlib.util
import shutil
import sys
from pathlib import Path

import duckdb

version = f"v{duckdb.__version__}"
extensions = Path("extensions") / version / duckdb.execute("pragma platform").fetchone()[0]
extensions.mkdir(parents=True, exist_ok=True)
for name, loaded_as in (("ducklake", "ducklake"), ("sqlite", "sqlite_scanner")):
    package = Path(importlib.util.find_spec(f"duckdb_extension_{name}").submodule_search_locations[0])
    shutil.copy(package / "extensions" / version / f"{name}.duckdb_extension", extensions / f"{loaded_as}.duckdb_extension")
lake, options, *statements = sys.argv[1:]
connection = duckdb.connect(config={"extension_directory": "extensions"})
connection.execute("load ducklake; load sqlite_scanner")
connection.execute(f"attach 'ducklake:sqlite:{lake}.sqlite' as lake (data_path '{lake}'{options})")
connection.execute("use lake")
for statement in statements:
    connection.execute(statement)
print(*connection.execute("select count(*), sum(amount) from spend").fetchone())
PY
cat > read.py <<'PY'
import sys

import ducklake_polars
import polars_ducklake

lake = sys.argv[1]
rows = ducklake_polars.read_ducklake(f"{lake}.sqlite", "spend")
try:
    other = polars_ducklake.scan_ducklake(f"sqlite:///{lake}.sqlite", "spend").collect()
    other = f"{other.height} {other['amount'].sum()}"
except NotImplementedError:
    other = "refused"
print(f"{rows.height} {rows['amount'].sum()}, {other}")
PY
echo "version: duckdb 1.5.5, ducklake 1.5.5 (d8a1881e), ducklake-dataframe 1.0.0, polars-ducklake 0.2.1"
for lake in usual plain; do
    options=""
    if [[ "$lake" == plain ]]; then options=", data_inlining_row_limit 0"; fi
    step() {
        local what="$1" by_duckdb
        shift
        by_duckdb="$(writer/bin/python write.py "$lake" "$options" "$@")"
        echo "$lake, $what: $by_duckdb; $(reader/bin/python -W ignore read.py "$lake")"
    }
    step "100 rows" "create table spend (campaign varchar, amount integer)" \
        "insert into spend select 'c' || i, 1 from range(100) as t(i)"
    step "a row deleted" "delete from spend where campaign = 'c1'"
    step "a row updated" "update spend set amount = 99 where campaign = 'c2'"
    step "flushed" "call ducklake_flush_inlined_data('lake')"
done | tee seen.txt | sed 's/^/seen: rows and spend of DuckDB; of the two readers: /'
cat > expected.txt <<'TEXT'
usual, 100 rows: 100 100; 100 100, 100 100
usual, a row deleted: 99 99; 100 100, 100 100
usual, a row updated: 99 197; 101 199, refused
usual, flushed: 99 197; 99 197, 99 197
plain, 100 rows: 100 100; 100 100, 100 100
plain, a row deleted: 99 99; 99 99, 99 99
plain, a row updated: 99 197; 99 197, 99 197
plain, flushed: 99 197; 99 197, 99 197
TEXT
diff expected.txt seen.txt
