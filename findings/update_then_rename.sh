#!/usr/bin/env bash
# DuckDB: rows changed and the table renamed in one transaction, and the file cannot be opened after a kill.
#
# Guess before the run: what was committed is there when a process ends without closing the file; its log is read again.
# Seen: so it is for an update, and for a rename, each in a transaction of its own. Where one transaction updates rows of a
# table and then renames it, the commit succeeds, and the next open raises "Failure while replaying WAL file". What is
# committed before a kill is unreadable until the log is put aside, with all that it holds.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==1.5.6
cd "$folder"
venv/bin/python - <<'PY'
import subprocess
import sys

import duckdb

WRITER = """
import os, sys, duckdb
name, *statements = sys.argv[1:]
connection = duckdb.connect(name)
connection.execute("create table first as select i, 'a' as s from range(10) as r(i)")
for statement in statements:
    connection.execute(statement)
os._exit(0)  # the process ends here, as one that is killed: nothing is closed
"""
UPDATE = "update first set s = 'b' where i < 5"
RENAME = "alter table first rename to second"


def reopened(name, *statements):
    subprocess.run([sys.executable, "-c", WRITER, name, *statements], check=True)
    try:
        with duckdb.connect(name) as connection:
            return connection.execute("select table_name from duckdb_tables()").fetchone()[0]
    except duckdb.Error as error:
        return str(error).split('"')[0].strip()


seen = {
    "an update": reopened("update.duckdb", "begin", UPDATE, "commit"),
    "a rename": reopened("rename.duckdb", "begin", RENAME, "commit"),
    "an update, then a rename": reopened("two.duckdb", "begin", UPDATE, "commit", "begin", RENAME, "commit"),
    "both in one transaction": reopened("one.duckdb", "begin", UPDATE, RENAME, "commit"),
}
print("version: duckdb", duckdb.__version__)
for what, answer in seen.items():
    print(f"seen: {what}: {answer}")
expected = ["first", "second", "second", "INTERNAL Error: Failure while replaying WAL file"]
sys.exit("changed" if list(seen.values()) != expected else 0)
PY
