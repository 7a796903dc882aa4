#!/usr/bin/env bash
# In a Delta table that is partitioned by campaign an empty name is text or null by reader, and null after a compaction.
#
# Guess before the run: the installs of an empty campaign (organic) and those of a null one (unknown) are written apart, each
# reader gives them back as they were, and a compaction of files changes no row.
# Seen: they are in two folders. Polars and delta-rs' SQL have '' and null, delta-rs' own to_pyarrow_table null for both, and its
# filter for '' finds no row. A compaction takes both for one partition and joins their files: from then on all three have null
# for both, and the empty name is gone for good. In a table without partitions '' stays ''.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet deltalake==1.6.6 polars==2.1.0 pyarrow==26.0.1
cd "$folder"
venv/bin/python -W ignore - <<'PY'
import os
import sys
from importlib.metadata import version

import polars
import pyarrow
from deltalake import DeltaTable, QueryBuilder, write_deltalake

INSTALLS = pyarrow.table({"campaign": ["", "spring", None], "installs": [5, 3, 1]})


def read(table):
    """The campaigns of 5, 3 and 1 installs, by reader."""
    rows = QueryBuilder().register("t", DeltaTable(table)).execute("select * from t")
    tables = {
        "polars": polars.read_delta(table).to_arrow(),
        "delta-rs, SQL": pyarrow.table(rows),
        "delta-rs, arrow": DeltaTable(table).to_pyarrow_table(),
    }
    names = {reader: {row["installs"]: row["campaign"] for row in found.to_pylist()} for reader, found in tables.items()}
    return {reader: [found[installs] for installs in (5, 3, 1)] for reader, found in names.items()}


print("version: deltalake", version("deltalake"), "polars", version("polars"), "pyarrow", version("pyarrow"))
write_deltalake("whole", INSTALLS)
write_deltalake("parted", INSTALLS, partition_by=["campaign"])
seen = {"whole": read("whole"), "by campaign": read("parted")}
found = DeltaTable("parted").to_pyarrow_table(filters=[("campaign", "=", "")]).num_rows
joined = DeltaTable("parted").optimize.compact()["numFilesRemoved"]
seen["by campaign, compacted"] = read("parted")
print(f"seen: rows that delta-rs, arrow, finds for an empty campaign: {found}; files that the compaction joined: {joined}")
for name, campaigns in seen.items():
    print(f"seen: {name}: {campaigns}")
apart, alike = ["", "spring", None], [None, "spring", None]
expected = {
    "whole": {"polars": apart, "delta-rs, SQL": apart, "delta-rs, arrow": apart},
    "by campaign": {"polars": apart, "delta-rs, SQL": apart, "delta-rs, arrow": alike},
    "by campaign, compacted": {"polars": alike, "delta-rs, SQL": alike, "delta-rs, arrow": alike},
}
sys.stdout.flush()
os._exit(seen != expected or (found, joined) != (0, 2))  # threads of the readers are not waited for
PY
