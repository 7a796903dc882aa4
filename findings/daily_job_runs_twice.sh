#!/usr/bin/env bash
# A daily job at half past two runs twice in the night in which clocks go back, or once, as the reader of its line has it.
#
# Guess before the run: two readers of cron lines that know time zones name the same moments of daily and hourly jobs over
# both changes of the clock.
# Seen: they agree in spring, and for jobs of each hour and half hour. In autumn croniter runs `30 2 * * *` twice, an hour
# apart, and cronsim once. For `15 1-3 * * *` croniter runs both hours called two, cronsim the first only.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet croniter==7.0.0 cronsim==2.8 tzdata==2026.6
cd "$folder"
venv/bin/python - <<'PY'
import datetime
import sys
import zoneinfo
from importlib.metadata import version

from croniter import croniter
from cronsim import CronSim

zoneinfo.reset_tzpath([])  # only the package, whatever this system has
berlin = zoneinfo.ZoneInfo("Europe/Berlin")
nights = {
    "spring": datetime.datetime(2025, 3, 29, 23, tzinfo=berlin),
    "autumn": datetime.datetime(2025, 10, 25, 23, tzinfo=berlin),
}
seen = {}
for night, start in nights.items():
    end = start + datetime.timedelta(days=2)
    for line in ("30 2 * * *", "15 1-3 * * *", "0 * * * *", "*/30 * * * *"):
        one, other = croniter(line, start), CronSim(line, start)
        moments = []
        for next_moment in (lambda: one.get_next(datetime.datetime), lambda: next(other)):
            runs, moment = [], next_moment()
            while moment < end:
                runs.append(moment.astimezone(datetime.timezone.utc).strftime("%d %H:%M"))
                moment = next_moment()
            moments.append(runs)
        if moments[0] != moments[1]:
            seen[night, line] = moments
print(*(f"version: {name} {version(name)}" for name in ("croniter", "cronsim")), sep="\n")
for (night, line), (one, other) in seen.items():
    print(f"seen: {night}, {line}: croniter {one}, cronsim {other} (UTC)")
expected = {
    ("autumn", "30 2 * * *"): [["26 00:30", "26 01:30", "27 01:30"], ["26 00:30", "27 01:30"]],
    ("autumn", "15 1-3 * * *"): [
        ["25 23:15", "26 00:15", "26 01:15", "26 02:15", "27 00:15", "27 01:15", "27 02:15"],
        ["25 23:15", "26 00:15", "26 02:15", "27 00:15", "27 01:15", "27 02:15"],
    ],
}
sys.exit("changed" if seen != expected else 0)
PY
