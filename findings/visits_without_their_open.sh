#!/usr/bin/env bash
# Sessions cut at app opens, by a toolkit for event logs: the open is dropped, and a visit that is an open only is no session.
#
# Guess before the run: split by the event app_open and a timeout of 30 minutes, a session begins with its open or after a
# pause: the first user has three (one of them an open only), the second one, who has no open, two, the third one.
# Seen: the opens are taken out of the data. The first user has two sessions, which begin with the event after the open;
# the second has rows without a session, since the timeout cuts only what an open has begun; the third, who only opened,
# is not there. By the timeout alone they have three, two and one.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet retentioneering==5.2.4 pandas==3.1.1 duckdb==1.5.6
cd "$folder"
export HOME="$folder" DO_NOT_TRACK=1
venv/bin/python -W ignore - 2> log.txt <<'PY'
import os
import sys
from importlib.metadata import version

import pandas
from retentioneering import Eventstream

EVENTS = [
    ("first", "app_open", "10:00"), ("first", "level", "10:05"), ("first", "app_open", "12:00"),
    ("first", "app_open", "14:00"), ("first", "level", "14:02"),
    ("second", "level", "10:00"), ("second", "level", "11:00"),
    ("third", "app_open", "10:00"),
]
rows = pandas.DataFrame(EVENTS, columns=["user_id", "event", "timestamp"])
rows["timestamp"] = pandas.to_datetime("2026-03-02 " + rows["timestamp"])
print("version: retentioneering", version("retentioneering"))
seen = {}
for name, boundaries in {
    "timeout": {"timeout": "30m"}, "opens and timeout": {"separator": "app_open", "timeout": "30m"},
}.items():
    split = Eventstream(rows).split_sessions(**boundaries).to_dataframe()
    sessions = split.groupby("user_id")["session_id"].nunique().to_dict()
    seen[name] = sessions, len(split), int(split["session_id"].isna().sum())
    print(f"seen: by {name}: sessions {sessions}, {seen[name][1]} rows, {seen[name][2]} without a session")
sys.stdout.flush()
expected = {
    "timeout": ({"first": 3, "second": 2, "third": 1}, 8, 0),
    "opens and timeout": ({"first": 2, "second": 0}, 4, 2),
}
os._exit(seen != expected)  # its own telemetry is not waited for
PY
