#!/usr/bin/env bash
# DuckDB carries its own rules of time zones, older than those that Python gets from a package of the same month.
#
# Guess before the run: for noon of each month from 2020 to 2027 and each zone that both know, DuckDB and zoneinfo with
# the tzdata package agree.
# Seen: they agree until October 2026. From November 2026 on, the package has Winnipeg (and its other names) stay at
# summer time all year, and Havana for that winter; DuckDB has both go back an hour. A local date there, of an event
# between eleven and midnight, depends on who is asked.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==1.5.6 tzdata==2026.6
cd "$folder"
venv/bin/python - <<'PY'
import datetime
import sys
import zoneinfo
from importlib.metadata import version

import duckdb

zoneinfo.reset_tzpath([])  # only the package, whatever this system has
db = duckdb.connect()
known = {row[0] for row in db.execute("select name from pg_timezone_names()").fetchall()}
zones = sorted(known & zoneinfo.available_timezones())
seen = {}
for year in range(2020, 2028):
    for month in range(1, 13):
        moment = datetime.datetime(year, month, 15, 12)
        by_duckdb = db.execute(
            "select zone, timezone(zone, timezone('UTC', cast(? as timestamp))) from (select unnest(?) as zone)",
            [moment, zones],
        ).fetchall()
        for zone, local in by_duckdb:
            by_package = moment.replace(tzinfo=datetime.timezone.utc).astimezone(zoneinfo.ZoneInfo(zone))
            if by_package.replace(tzinfo=None) != local:
                seen.setdefault(zone, []).append(f"{year}-{month:02}")
print("version: duckdb", duckdb.__version__, "tzdata", version("tzdata"))
print(f"seen: {len(zones)} zones in both")
for zone, months in seen.items():
    print(f"seen: {zone} differs in {', '.join(months)}")
havana = ["2026-11", "2026-12", "2027-01", "2027-02"]
winnipeg = ["2026-11", "2026-12", "2027-01", "2027-02", "2027-11", "2027-12"]
expected = {
    "America/Havana": havana,
    "America/Rainy_River": winnipeg,
    "America/Winnipeg": winnipeg,
    "Canada/Central": winnipeg,
    "Cuba": havana,
}
sys.exit("changed" if seen != expected else 0)
PY
