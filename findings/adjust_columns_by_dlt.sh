#!/usr/bin/env bash
# A loader's names for the columns of Adjust's exports: a brace at the end becomes the letter x, and a bar the letter l.
#
# Guess before the run: marks become underscores, as with other loaders, and one at the end an x: `{adid}` is `_adidx`,
# and `{idfa||gps_adid}`, the first of the two that is known, `_idfa_gps_adidx`.
# Seen: `_adidx`, but `_idfallgps_adidx`, where nothing tells the bars from the letters around them. The user's own
# parameter in brackets, `[user_id]`, is `_user_idx`.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet dlt==1.31.0 duckdb==1.5.6
cd "$folder"
cat > abc123def456_2026-03-02T100000_0.csv <<'CSV'
{activity_kind},{created_at},{app_token},{adid},{idfa||gps_adid},{idfa||gps_adid||fire_adid},[user_id]
session,1772445600,abc123def456,aaaa,bbbb,cccc,dddd
CSV
export RUNTIME__DLTHUB_TELEMETRY=false DLT_DATA_DIR="$folder/state"
venv/bin/python -W ignore - <<'PY'
import csv
import glob
import sys
from importlib.metadata import version

import dlt
import duckdb

with open(glob.glob("*.csv")[0]) as lines:
    rows = list(csv.DictReader(lines))
pipeline = dlt.pipeline("exports", destination=dlt.destinations.duckdb("out.duckdb"), dataset_name="raw")
pipeline.run(rows, table_name="adjust_events")
loaded = duckdb.connect("out.duckdb").execute("select * exclude (_dlt_id, _dlt_load_id) from raw.adjust_events")
names = dict(zip(rows[0], [column[0] for column in loaded.description]))
print("version: dlt", version("dlt"), "duckdb", duckdb.__version__)
print("seen:", names)
expected = {
    "{activity_kind}": "_activity_kindx",
    "{created_at}": "_created_atx",
    "{app_token}": "_app_tokenx",
    "{adid}": "_adidx",
    "{idfa||gps_adid}": "_idfallgps_adidx",
    "{idfa||gps_adid||fire_adid}": "_idfallgps_adidllfire_adidx",
    "[user_id]": "_user_idx",
}
sys.exit("changed" if names != expected or loaded.fetchone() != tuple(rows[0].values()) else 0)
PY
