#!/usr/bin/env bash
# A funnel whose last two steps are purchases is passed by a user who bought once, by an engine's funnel and a semantic layer's.
#
# Guess before the run: an event is one step. Of three users who opened, one bought once and one twice: the funnel of open,
# purchase, purchase has three, two and one of them.
# Seen: so it is with retentioneering. ClickHouse's windowFunnel and sidemantic's steps let the event of a step be the next one,
# too, so that one purchase is both: three, two and two. With 'strict_increase' windowFunnel has nobody in the third step, not even
# the user who bought twice, at another time.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
for name in chdb sidemantic retentioneering; do python3 -m venv "$folder/$name"; done
"$folder/chdb/bin/pip" install --quiet chdb==4.4.0
"$folder/sidemantic/bin/pip" install --quiet sidemantic==0.13.0 duckdb==1.5.6 sqlglot==30.30.0
"$folder/retentioneering/bin/pip" install --quiet retentioneering==5.2.4 pandas==3.1.1
cd "$folder"
export HOME="$folder" DO_NOT_TRACK=1
cat > events.py <<'PY'
EVENTS = [
    ("once", "open", "10:00"), ("once", "purchase", "10:05"),
    ("twice", "open", "10:00"), ("twice", "purchase", "10:10"), ("twice", "purchase", "11:30"),
    ("never", "open", "10:00"),
]
ROWS = ", ".join(f"('{user}', '{name}', '2026-03-02 {at}:00')" for user, name, at in EVENTS)
STEPS = ["open", "purchase", "purchase"]
PY
cat > chdb_funnel.py <<'PY'
from importlib.metadata import version

from chdb import session
from events import ROWS, STEPS

conditions = ", ".join(f"name = '{step}'" for step in STEPS)
database = session.Session()
print("version: chdb", version("chdb"), "ClickHouse", str(database.query("select version()")).strip().strip('"'))
for mode in ("", ", 'strict_increase'"):
    levels = f"""
        select user, windowFunnel(604800{mode})(toDateTime(at, 'UTC'), {conditions}) as level
        from values('user String, name String, at String', {ROWS}) group by user
    """
    counted = database.query(f"select countIf(level >= 1), countIf(level >= 2), countIf(level >= 3) from ({levels})", "TSV")
    print(f"seen: windowFunnel{mode}:", [int(count) for count in str(counted).split()])
PY
cat > sidemantic_funnel.py <<'PY'
from importlib.metadata import version

from events import ROWS, STEPS
from sidemantic import Dimension, Metric, Model
from sidemantic.core.semantic_layer import SemanticLayer

layer = SemanticLayer()
layer.adapter.execute(
    "create table events as select user_id, event_type, cast(happened_at as timestamp) as happened_at"
    f" from (values {ROWS}) as rows (user_id, event_type, happened_at)"
)
dimensions = [
    Dimension(name="user_id", type="categorical", sql="user_id"),
    Dimension(name="event_type", type="categorical", sql="event_type"),
    Dimension(name="happened_at", type="time", sql="happened_at", granularity="day"),
]
steps = [f"event_type = '{step}'" for step in STEPS]
metrics = [Metric(name="funnel", type="conversion", entity="user_id", steps=steps)]
layer.add_model(
    Model(
        name="events",
        table="events",
        primary_key="user_id",
        default_time_dimension="happened_at",
        dimensions=dimensions,
        metrics=metrics,
    )
)
print("version: sidemantic", version("sidemantic"), "duckdb", version("duckdb"))
result = layer.query(metrics=["events.funnel"])
counts = dict(zip([column[0] for column in result.description], result.fetchall()[0]))
print("seen: sidemantic, steps:", [counts[f"step_{step}_count"] for step in (1, 2, 3)])
PY
cat > retentioneering_funnel.py <<'PY'
import os
import sys
from importlib.metadata import version

import pandas
from events import EVENTS, STEPS
from retentioneering import Eventstream

rows = pandas.DataFrame(EVENTS, columns=["user_id", "event", "timestamp"])
rows["timestamp"] = pandas.to_datetime("2026-03-02 " + rows["timestamp"])
funnel = Eventstream(rows).funnel_data(steps=STEPS)["steps"]
print("version: retentioneering", version("retentioneering"))
print("seen: retentioneering:", [step["unique_paths"] for step in funnel])
sys.stdout.flush()
os._exit(0)  # its own telemetry is not waited for
PY
for name in chdb sidemantic retentioneering; do
    "$name/bin/python" -W ignore "${name}_funnel.py" 2> "$name.log" || { cat "$name.log"; exit 1; }
done | tee seen.txt
diff <(grep seen: seen.txt) - <<'TXT'
seen: windowFunnel: [3, 2, 2]
seen: windowFunnel, 'strict_increase': [3, 2, 0]
seen: sidemantic, steps: [3, 2, 2]
seen: retentioneering: [3, 2, 1]
TXT
