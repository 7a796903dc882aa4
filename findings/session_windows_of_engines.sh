#!/usr/bin/env bash
# Two engines' own session windows: a pause of exactly the gap goes on with the session in Spark and ends it in Beam.
#
# Guess before the run: both document a session's window as half open, from its first event to its last one plus the gap, so
# that an event at its end is outside: in both a pause of exactly thirty minutes starts a session.
# Seen: so it is in Beam. Spark has both events in one session, whose window ends another thirty minutes later. Beam cuts
# the window's end down to milliseconds, and so ends a session on a pause that is a microsecond shorter than the gap.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyspark==3.5.9 apache-beam==2.77.0
cd "$folder"
venv/bin/python -W ignore - 2> log.txt <<'PY'
import sys
from importlib.metadata import version

import apache_beam
from apache_beam.transforms import window
from pyspark.sql import SparkSession, functions

GAP = 1_800_000_000
PAIRS = {  # microseconds
    "a pause of 1800 s": [0, GAP],
    "a pause of 1800.000001 s": [0, GAP + 1],
    "a pause of 1799.999999 s": [1, GAP],
    "a pause of 1799.999 s": [1000, GAP],
}
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", False).getOrCreate()


def of_spark(times):
    rows = spark.createDataFrame([(time,) for time in times], "time long")
    events = rows.select(functions.timestamp_micros("time").alias("at"))
    return events.groupBy(functions.session_window("at", "30 minutes")).count().count()


def of_beam(times):
    with open("out.txt", "w"):
        pass

    def note(_):
        with open("out.txt", "a") as lines:
            lines.write("session\n")

    with apache_beam.Pipeline() as pipeline:
        (
            pipeline
            | apache_beam.Create(times)
            | apache_beam.Map(lambda at: window.TimestampedValue(("user", at), window.Timestamp(micros=at)))
            | apache_beam.WindowInto(window.Sessions(GAP // 1_000_000))
            | apache_beam.GroupByKey()
            | apache_beam.Map(note)
        )
    with open("out.txt") as lines:
        return len(lines.readlines())


print(*(f"version: {name} {version(name)}" for name in ("pyspark", "apache-beam")), sep="\n")
seen = {name: (of_spark(times), of_beam(times)) for name, times in PAIRS.items()}
for name, (one, other) in seen.items():
    print(f"seen: {name}: {one} session(s) in Spark, {other} in Beam")
sys.exit("changed" if list(seen.values()) != [(1, 2), (2, 2), (1, 2), (1, 1)] else 0)
PY
