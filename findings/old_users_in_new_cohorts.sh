#!/usr/bin/env bash
# A semantic layer's retention of a period takes users of before it for new ones, and has no row of a day on which nobody came.
#
# Guess before the run: a user's cohort is the date of the first open that there is; a filter of dates picks cohorts. Each
# cohort has a row per day since: 0 % if nobody came back, and none, or a null, while that day is not yet there.
# Seen: the filter is applied before the first open is looked for: from 8 March on, Ann, a user since the 1st, is a new user of
# the 9th, a cohort that does not exist without the filter. Days on which nobody came back have no row, as those to come have
# none, so that the mean of day 1 over its rows is 100 %, where one of two users came back.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet sidemantic==0.13.0 duckdb==1.5.6 sqlglot==30.30.0
cd "$folder"
venv/bin/python -W ignore - <<'PY'
import sys
from importlib.metadata import version

from sidemantic import Dimension, Metric, Model
from sidemantic.core.semantic_layer import SemanticLayer

OPENS = [("ann", "2026-03-01"), ("ann", "2026-03-02"), ("ann", "2026-03-09"), ("ben", "2026-03-08"), ("ben", "2026-03-10")]
rows = ", ".join(f"('{user}', timestamp '{day} 10:00')" for user, day in OPENS)
layer = SemanticLayer()
layer.adapter.execute(f"create table opens as select * from (values {rows}) as opens (user_id, opened_at)")
layer.add_model(
    Model(
        name="opens",
        table="opens",
        primary_key="user_id",
        default_time_dimension="opened_at",
        dimensions=[
            Dimension(name="user_id", type="categorical", sql="user_id"),
            Dimension(name="opened_at", type="time", sql="opened_at", granularity="day"),
        ],
        metrics=[Metric(name="retention", type="retention", entity="user_id", cohort_event="true", periods=2)],
    )
)
print("version: sidemantic", version("sidemantic"), "duckdb", version("duckdb"))
seen = {}
for name, filters in {"all": None, "from 8 March on": ["opens.opened_at >= '2026-03-08'"]}.items():
    found = layer.query(metrics=["opens.retention"], filters=filters).fetchall()
    seen[name] = [(str(cohort), day, f"{active} of {size}") for cohort, day, active, size, _ in found]
    print(f"seen: {name}: {seen[name]}")
expected = {
    "all": [("2026-03-01", 0, "1 of 1"), ("2026-03-01", 1, "1 of 1"), ("2026-03-08", 0, "1 of 1"), ("2026-03-08", 2, "1 of 1")],
    "from 8 March on": [("2026-03-08", 0, "1 of 1"), ("2026-03-08", 2, "1 of 1"), ("2026-03-09", 0, "1 of 1")],
}
sys.exit("changed" if seen != expected else 0)
PY
