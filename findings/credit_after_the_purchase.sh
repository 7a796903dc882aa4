#!/usr/bin/env bash
# Last-touch attribution by a library credits the channel that a user came by after the purchase, and one purchase of two.
#
# Guess before the run: given sessions with their times and whether each converted, a purchase is credited to the sessions up to it:
# by last touch Ann's to social, Ben's two to search and email, five dollars and seven; what came later gets nothing.
# Seen: by default all sessions of a user are one journey with at most one conversion. Ann's goes to video, three days after the
# purchase; Ben's two are one, all of their twelve dollars are email's. Linear attribution spreads over later sessions, too.
# With create_journey_id_based_on_conversion last touch is as guessed.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet marketing-attribution-models==2.1.1 polars==2.1.0 pandas==3.1.1
cd "$folder"
venv/bin/python -W ignore - <<'PY'
import sys
from datetime import datetime
from importlib.metadata import version

import polars
from mam import MAM

SESSIONS = [
    ("ann", 1, "search", False, 0.0), ("ann", 2, "social", True, 3.0), ("ann", 5, "video", False, 0.0),
    ("ben", 1, "search", True, 5.0), ("ben", 4, "email", True, 7.0),
]
rows = polars.DataFrame(SESSIONS, schema=["user", "day", "channel", "converted", "revenue"], orient="row")
rows = rows.with_columns(at=polars.Series([datetime(2026, 3, day, 9) for day in rows["day"]]))


def credit(model, journeys, value):
    attribution = MAM(
        rows, format_type="session", channels_colname="channel", journey_with_conv_colname="converted", datetime_colname="at",
        user_id_colname="user", create_journey_id_based_on_conversion=journeys, conversion_value_colname=value,
    )
    found = getattr(attribution, f"run_{model}")().to_polars().to_dicts()
    return {row["channels"]: round(row["attribution"], 2) for row in sorted(found, key=lambda row: row["channels"])}


print("version: marketing-attribution-models", version("marketing-attribution-models"), "polars", version("polars"))
seen = {}
for name, journeys in {"by default": False, "by journeys": True}.items():
    for model in ("last_click", "linear"):
        seen[f"{model}, {name}"] = [credit(model, journeys, None), credit(model, journeys, "revenue")]
for name, credits in seen.items():
    print(f"seen: {name}: conversions {credits[0]}, revenue {credits[1]}")
expected = {
    "last_click, by default": [{"email": 1, "video": 1}, {"email": 12, "video": 3}],
    "linear, by default": [
        {"email": 0.5, "search": 0.83, "social": 0.33, "video": 0.33}, {"email": 6, "search": 7, "social": 1, "video": 1},
    ],
    "last_click, by journeys": [{"email": 1, "search": 1, "social": 1, "video": 0}, {"email": 7, "search": 5, "social": 3, "video": 0}],
    "linear, by journeys": [
        {"email": 1, "search": 1.5, "social": 0.5, "video": 0}, {"email": 7, "search": 6.5, "social": 1.5, "video": 0},
    ],
}
sys.exit("changed" if seen != expected else 0)
PY
