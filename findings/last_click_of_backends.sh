#!/usr/bin/env bash
# The last click before a session, joined by one line of Narwhals or Ibis, is another click or none by what runs the line.
#
# Guess before the run: a join to the last click of the same user gives one answer, whatever library the line is handed to: a
# session without a user gets no click, and of two clicks of one time the one that comes last in the table is the last.
# Seen: Narwhals on pandas gives a session without a user the click of somebody else who has none, on Polars nothing. Ibis on
# Polars takes the second of two clicks of one time, on DuckDB, as its own ASOF JOIN does, the first; with the table the other
# way round each takes the other click.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet narwhals==2.29.0 "ibis-framework[duckdb,polars]==12.0.0" \
    duckdb==1.5.6 polars==2.1.0 pandas==3.1.1 sqlglot==28.10.0 pyarrow==26.0.1
cd "$folder"
venv/bin/python -W ignore - <<'PY'
import sys
from datetime import datetime
from importlib.metadata import version

import ibis
import narwhals
import polars
import pyarrow

SESSIONS = {"session": [1, 2], "user": ["ann", None], "at": [datetime(2026, 3, 2, 10), datetime(2026, 3, 2, 11)]}
CLICKS = {
    "channel": ["search", "social", "video"],
    "user": ["ann", "ann", None],
    "at": [datetime(2026, 3, 2, 9), datetime(2026, 3, 2, 9), datetime(2026, 3, 2, 9, 30)],
}
SCHEMA = {"user": pyarrow.string(), "at": pyarrow.timestamp("us")}


def as_table(columns):
    return pyarrow.table({name: pyarrow.array(values, SCHEMA.get(name)) for name, values in columns.items()})


def by_narwhals(sessions, clicks):
    joined = narwhals.from_native(sessions).join_asof(narwhals.from_native(clicks), on="at", by="user")
    return {row["session"]: row["channel"] for row in joined.to_arrow().to_pylist()}


def by_ibis(backend, sessions, clicks):
    tables = [backend.create_table(name, table) for name, table in (("sessions", sessions), ("clicks", clicks))]
    joined = tables[0].asof_join(tables[1], on="at", predicates="user").select("session", "channel")
    return {row["session"]: row["channel"] for row in backend.to_pyarrow(joined).to_pylist()}


sessions, clicks = as_table(SESSIONS), as_table(CLICKS)
turned = clicks.take([1, 0, 2])
print("version:", *(f"{name} {version(name)}" for name in ("narwhals", "ibis-framework", "pandas", "polars", "duckdb")))
seen = {
    "Narwhals on pandas": by_narwhals(sessions.to_pandas(), clicks.to_pandas()),
    "Narwhals on Polars": by_narwhals(polars.from_arrow(sessions), polars.from_arrow(clicks)),
}
for name, table in {"as they are": clicks, "turned": turned}.items():
    seen[f"Ibis on DuckDB, clicks {name}"] = by_ibis(ibis.duckdb.connect(), sessions, table)
    seen[f"Ibis on Polars, clicks {name}"] = by_ibis(ibis.polars.connect(), sessions, table)
for name, channels in seen.items():
    print(f"seen: {name}: {channels}")
expected = {
    "Narwhals on pandas": {1: "social", 2: "video"},
    "Narwhals on Polars": {1: "social", 2: None},
    "Ibis on DuckDB, clicks as they are": {1: "search", 2: None},
    "Ibis on Polars, clicks as they are": {1: "social", 2: None},
    "Ibis on DuckDB, clicks turned": {1: "social", 2: None},
    "Ibis on Polars, clicks turned": {1: "search", 2: None},
}
sys.exit("changed" if seen != expected else 0)
PY
