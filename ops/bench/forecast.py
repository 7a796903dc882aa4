"""How good the forecasts of `mart_session_forecast` are, on the simulated years of ltv.py.

    python ops/bench/forecast.py --seeds 11 12 13

Every Sunday the sessions, active users and ad revenue of the next 28 days are forecast from nothing but what was known by then,
and compared with what came and with the naive forecast: the same weekday of the last week. The models' SQL is as dbt compiles it.
`--statsforecast PYTHON` puts AutoETS beside them, by an interpreter that can import statsforecast.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from datetime import timedelta
from pathlib import Path

import duckdb
import ltv

MODELS = [
    "int_forecast_curves",
    "int_session_forecasts",
    "int_forecast_intervals",
    "mart_session_forecast_backtest",
    "mart_session_forecast",
]
# what the models read, with the columns that they ask for
INPUTS = """
    create schema core; create schema intermediate; create schema marts;
    create table days as
        select app_id, install_date, install_date + day_n::integer as activity_date, sum(active_users)::bigint as active_users,
            sum(session_count)::bigint as session_count, sum(ad_revenue)::decimal(28, 9) as ad_revenue
        from read_csv('{folder}/days.csv') group by all;
    create table intermediate.int_install_date_activity as
        select app_id, install_date, activity_date, session_count, active_users from days;
    create table core.fct_installs as
        select 'simulated' as provider, app_id, 'ios' as platform, install_date, false as is_reinstall
        from (select *, unnest(range(active_users)) from days where install_date = activity_date);
    create table intermediate.int_event_loads as
        select 'simulated' as provider, 'accepted' as event_status, timestamp '{loaded_at}' as last_loaded_at;
    create table core.fct_ad_spend as
        select '' as provider, '' as app_id, null::timestamp as updated_at, null::timestamp as loaded_at, null::date as spend_date where false;
    create table core.fct_ad_revenue as
        select '' as provider, '' as app_id, null::timestamp as updated_at, null::timestamp as loaded_at, null::date as revenue_date where false;
    create table marts.mart_daily_engagement as
        select app_id, 'ios' as platform, activity_date, sum(session_count)::bigint as session_count,
            sum(active_users)::bigint as dau, sum(ad_revenue)::decimal(28, 9) as ad_revenue
        from days group by all;
"""
# of each measure and method: how wrong, on which side, how often inside the interval
ERRORS = """
    select measure, method, sum(absolute_error) / sum(actual_value) as wape,
        sum(predicted_value) / sum(actual_value) - 1 as bias,
        sum(covered_day_count) / nullif(sum(interval_day_count), 0) as coverage
    from marts.mart_session_forecast_backtest group by all order by all
"""
# sessions by day for statsforecast, and what is known of each forecast of the models
SESSIONS = """
    copy (select app_id, activity_date, session_count from marts.mart_daily_engagement order by all) to '{folder}/sessions.csv'
"""
BESIDE = """
    select sum(abs(theirs.predicted - actual_session_count)) / sum(actual_session_count) as wape,
        sum(theirs.predicted) / sum(actual_session_count) - 1 as bias,
        avg((actual_session_count between theirs.lower and theirs.upper)::int) as coverage, count(*) as days
    from intermediate.int_session_forecasts as ours
    join read_csv('{folder}/statsforecast.csv') as theirs using (app_id, as_of_date, days_ahead)
    where is_scored and actual_session_count is not null
"""


def built(folder: Path, sql: dict[str, str]) -> duckdb.DuckDBPyConnection:
    """A database with the models of the simulated year whose files are in the folder."""
    loaded_at = ltv.FIRST + timedelta(days=ltv.DAYS + 3)
    connection = ltv.opened(folder)
    connection.execute(INPUTS.format(folder=folder, loaded_at=loaded_at))
    ltv.make(connection, sql, MODELS)
    return connection


def measured(folder: Path, sql: dict[str, str], statsforecast: str | None = None) -> list[dict]:
    """WAPE, bias and coverage by measure and method, of the year in the folder."""
    began = ltv.processor_time()
    with built(folder, sql) as connection:
        seconds = ltv.processor_time() - began
        names = ("measure", "method", "wape", "bias", "coverage")
        found = [
            dict(zip(names, row, strict=True)) | {"seconds": seconds}
            for row in connection.execute(ERRORS).fetchall()
        ]
        if statsforecast:
            connection.execute(SESSIONS.format(folder=folder))
            began = ltv.processor_time()
            script = Path(__file__).with_name("statsforecast_days.py")
            subprocess.run([statsforecast, str(script), str(folder)], check=True)
            row = connection.execute(BESIDE.format(folder=folder)).fetchone()
            found.append(
                {"measure": "sessions", "method": "AutoETS of statsforecast"}
                | dict(zip(names[2:], row, strict=False))
                | {"seconds": ltv.processor_time() - began}
            )
    return found


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    parser.add_argument("--statsforecast", help="an interpreter that can import it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        sql = ltv.compiled(Path(temporary), MODELS)
    print("seed,measure,method,WAPE,bias,coverage,seconds")
    for seed in arguments.seeds:
        with tempfile.TemporaryDirectory() as temporary:
            ltv.write_year(Path(temporary), seed)
            for row in measured(Path(temporary), sql, arguments.statsforecast):
                figures = [row[name] for name in ("wape", "bias", "coverage", "seconds")]
                shown = ["" if value is None else f"{value:.4f}" for value in figures]
                print(",".join([str(seed), row["measure"], row["method"], *shown]), flush=True)


if __name__ == "__main__":
    main()
