"""AutoETS on the sessions of each app, as of the Sundays of mart_session_forecast_backtest; called by forecast.py."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from statsforecast import StatsForecast
from statsforecast.models import AutoETS

folder = Path(sys.argv[1])
days = pd.read_csv(folder / "sessions.csv", parse_dates=["activity_date"])
days.columns = ["unique_id", "ds", "y"]
found = []
for as_of in days.ds.drop_duplicates():
    known = days[days.ds <= as_of]
    known = known[known.groupby("unique_id").ds.transform("count") >= 28]
    if as_of.weekday() != 6 or known.empty:
        continue
    forecast = StatsForecast([AutoETS(season_length=7)], freq="D").forecast(
        df=known, h=28, level=[80]
    )
    forecast["as_of_date"] = as_of.date()
    forecast["days_ahead"] = (forecast.ds - as_of).dt.days
    found.append(forecast)
table = pd.concat(found).rename(
    columns={
        "unique_id": "app_id",
        "AutoETS": "predicted",
        "AutoETS-lo-80": "lower",
        "AutoETS-hi-80": "upper",
    }
)
table[["app_id", "as_of_date", "days_ahead", "predicted", "lower", "upper"]].to_csv(
    folder / "statsforecast.csv", index=False
)
