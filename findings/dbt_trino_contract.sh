#!/usr/bin/env bash
# dbt-trino makes a table with an enforced contract empty, and fills it with a second statement, which is a commit of its own.
#
# Guess before the run: a contract changes what is checked, not how a table is made: one `create table ... as select`,
# with and without one, so that readers see the old rows or the new ones.
# Seen: without a contract it is that one statement. With `contract: {enforced: true}` it is a `create table` with
# a list of columns, then `insert into`: between the two, and for good if the run is killed there, the table is empty.
#
# Needs Java 24 or newer: TRINO_JAVA_HOME names it, where the system's own is older.
set -euo pipefail
folder="$(mktemp -d)"
trap 'kill "${server:-}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$folder"' EXIT
export XDG_RUNTIME_DIR="$folder" JAVA_HOME="${TRINO_JAVA_HOME:-${JAVA_HOME:-}}"
[ -z "$JAVA_HOME" ] || PATH="$JAVA_HOME/bin:$PATH"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet dbt-core==1.11.16 dbt-trino==1.11.0 trino==0.340.0
cd "$folder"
curl --silent --fail --output trino.tar.gz \
    https://repo.maven.apache.org/maven2/io/trino/trino-server-core/476/trino-server-core-476.tar.gz
echo "0f388f9967c177ae70a47c099082fc95387f0c3cb96d8000d1d41fc3a5223158  trino.tar.gz" | sha256sum --check --quiet
curl --silent --fail --output memory.zip \
    https://repo.maven.apache.org/maven2/io/trino/trino-memory/476/trino-memory-476.zip
echo "bade81c52e2f7177a7b867aee1b10fae48fefda9c38f3ec6aeb006fdde5f0378  memory.zip" | sha256sum --check --quiet
tar xzf trino.tar.gz
python3 -m zipfile -e memory.zip trino-server-core-476/plugin
mkdir -p etc/catalog project/models
printf 'connector.name=memory\n' > etc/catalog/memory.properties
port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
printf 'node.environment=test\nnode.id=one\nnode.data-dir=%s/data\n' "$folder" > etc/node.properties
printf '%s\n' -Xmx1G -Djdk.attach.allowAttachSelf=true --enable-native-access=ALL-UNNAMED \
    --add-modules=jdk.incubator.vector > etc/jvm.config
printf 'coordinator=true\nnode-scheduler.include-coordinator=true\nhttp-server.http.port=%s\ndiscovery.uri=http://127.0.0.1:%s\n' \
    "$port" "$port" > etc/config.properties
trino-server-core-476/bin/launcher run --etc-dir "$folder/etc" > server.log 2>&1 &
server=$!
cat > project/dbt_project.yml <<'YAML'
name: finding
profile: finding
models: {finding: {+materialized: table}}
flags: {send_anonymous_usage_stats: false}
YAML
cat > project/profiles.yml <<YAML
finding:
  target: trino
  outputs:
    trino: {type: trino, method: none, user: finding, host: 127.0.0.1, port: $port, database: memory, schema: default, threads: 1}
YAML
echo "select 1 as a" > project/models/plain.sql
echo "select 1 as a" > project/models/with_contract.sql
cat > project/models/models.yml <<'YAML'
models:
  - name: with_contract
    config: {contract: {enforced: true}}
    columns: [{name: a, data_type: integer}]
YAML
PORT="$port" venv/bin/python -W ignore - <<'PY'
import os
import re
import subprocess
import sys
import time
from importlib.metadata import version

import trino

connection = trino.dbapi.connect(host="127.0.0.1", port=int(os.environ["PORT"]), user="finding")


def ask(sql):
    cursor = connection.cursor()
    cursor.execute(sql)
    return cursor.fetchall()


for _ in range(240):
    try:
        ask("select 1 from system.runtime.nodes")
        break
    except Exception:  # it is starting
        time.sleep(1)
run = subprocess.run(
    [sys.executable, "-m", "dbt.cli.main", "run", "--quiet"], cwd="project", capture_output=True, text=True
)
if run.returncode:
    sys.exit(run.stdout)
# comments of dbt left out
sent = [re.sub(r"/\*.*?\*/", " ", row[0], flags=re.S) for row in ask("select query from system.runtime.queries order by created")]
seen = {
    model: [
        " ".join(sql.split())[:100]
        for sql in sent
        if re.match(r"\s*(create|insert)\b", sql, re.I) and f'"{model}"' in sql
    ]
    for model in ("plain", "with_contract")
}
print("version: Trino", ask("select version()")[0][0], *(f"{name} {version(name)}" for name in ("dbt-core", "dbt-trino")))
for model, statements in seen.items():
    print(f"seen: {model}:", *statements, sep="\n    ")
kinds = {
    model: [" ".join(re.sub(r"\W", " ", sql).split()[:2]) if sql.lower().startswith("create") else "insert into" for sql in sqls]
    for model, sqls in seen.items()
}
expected = {"plain": ["create table"], "with_contract": ["create table", "insert into"]}
sys.exit("changed" if kinds != expected else 0)
PY
