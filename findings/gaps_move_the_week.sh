#!/usr/bin/env bash
# A library of forecasts counts rows, not dates: after three missing days it has Saturday's sessions on a Tuesday.
#
# Guess before the run: with `freq="D"` and the dates given, a day that is missing is refused or warned of, and the
# forecast that repeats the week before has each weekday's number on that weekday.
# Seen: no error and no warning. `SeasonalNaive(season_length=7)` repeats the last seven rows, whatever their dates, on the
# next seven days: with Monday to Wednesday of the last week missing, Monday gets a Friday's number, and Tuesday and Wednesday
# the weekend's.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet statsforecast==2.1.1 pandas==2.3.3
cd "$folder"
venv/bin/python - <<'PY'
import sys
import warnings
from importlib.metadata import version

import pandas
from statsforecast import StatsForecast
from statsforecast.models import SeasonalNaive

days = pandas.date_range("2025-01-06", periods=56)  # eight weeks, from a Monday on
sessions = pandas.DataFrame({"unique_id": "app", "ds": days, "y": [200.0 if day.weekday() >= 5 else 100.0 for day in days]})
series = {"whole": sessions, "without the last Monday to Wednesday": sessions.drop(index=[49, 50, 51])}
seen = {}
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    for name, rows in series.items():
        forecast = StatsForecast(models=[SeasonalNaive(season_length=7)], freq="D").forecast(df=rows, h=7)
        seen[name] = [(day.strftime("%a"), int(value)) for day, value in zip(forecast["ds"], forecast["SeasonalNaive"])]
texts = [str(warning.message) for warning in said]
of_gaps = [text for text in texts if "gap" in text.lower() or "missing" in text.lower()]
print("version: statsforecast", version("statsforecast"))
for name, values in seen.items():
    print(f"seen: {name}: {values}")
print("seen: warnings of gaps:", of_gaps)
week = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
expected = [
    list(zip(week, [100, 100, 100, 100, 100, 200, 200])),
    list(zip(week, [100, 200, 200, 100, 100, 200, 200])),
]
sys.exit("changed" if list(seen.values()) != expected or of_gaps else 0)
PY
