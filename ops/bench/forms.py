"""The forms in which sessions can be built, and one measurement of one of them.

Run by run.py: `python forms.py <request.json>`, a process for each measurement, so that each has
its own peak memory. The clock runs from the open database to the finished table.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from pathlib import Path

TIMEOUT_SECONDS, GRACE_SECONDS = 1800, 5
TIMEOUT_US, GRACE_US = TIMEOUT_SECONDS * 1_000_000, GRACE_SECONDS * 1_000_000
EVENTS = "app_sessions.intermediate.int_events"

MEASURES = """
            count(*) as event_count,
            count(*) filter (event_type = 'app_open') as explicit_open_count,
            count(*) filter (event_type = 'in_app_event') as in_app_event_count,
            count(*) filter (event_type = 'ad_impression') as ad_impression_count,
            count(*) filter (event_type = 'purchase') as purchase_count,
            count(*) filter (is_reengagement or event_type = 'reengagement') as reengagement_count,
            sum(ad_revenue_usd) as ad_revenue_usd,
            sum(iap_revenue_usd) as iap_revenue_usd,
            sum(duration_seconds) as explicit_duration_seconds,
            min(installed_at) as acquired_at,
            max(loaded_at) as loaded_at"""


def floor_count() -> list[str]:
    """The least that can be asked of all events: one row per actor, first, last, how many."""
    return [
        f"create table floor as select user_key, min(event_at) as first_at, max(event_at) as last_at, "
        f"count(*) as event_count from {EVENTS} where is_activity group by user_key"
    ]


def floor_measures() -> list[str]:
    """One row per actor with the measures of a session."""
    return [
        f"create table floor as select user_key, min(event_at) as first_at, max(event_at) as last_at, "
        f"{MEASURES} from {EVENTS} where is_activity group by user_key"
    ]


def lag(closes: bool, key: str = "user_key", alone: bool = False) -> list[str]:
    """`lag`, running sum, aggregate over events, as the packages do it; columns of fct_sessions.

    Arguments:
        closes: the stream has explicit closes; without, the form does not look for reopens.
        key: what an actor is: the 64-bit `user_key`, or the strings it is made of.
        alone: stop at the sessions, as int_sessions does: no numbers, intervals and installs.
    """
    us = "epoch_us(event_at)"
    actor = key if key == "user_key" else "app_id, platform, user_id"
    gap = f"previous_at is null or {us} - epoch_us(previous_at) >= {TIMEOUT_US}"
    steps = f"""
        previous as (
            select *, lag(event_at) over (partition by {actor} order by event_at) as previous_at
            from events
        ),
        started as (select *, case when {gap} then 1 else 0 end as is_start from previous),
        numbered as (
            select *, sum(is_start) over (
                partition by {actor} order by event_at rows unbounded preceding
            ) as session_number
            from started
        ),"""
    if closes:
        steps = f"""
        lifecycle as (
            select *, case event_type when 'app_open' then {us} * 2 + 1 when 'app_close' then {us} * 2
                else -1 end as lifecycle
            from events
        ),
        previous as (
            select
                *,
                lag(event_at) over actor as previous_at,
                max(lifecycle) over (actor rows between unbounded preceding and 1 preceding)
                    as previous_lifecycle
            from lifecycle
            window actor as (partition by {actor} order by event_at, lifecycle)
        ),
        chained as (
            select *, max(case when {gap} then {us} end) over (
                partition by {actor} order by event_at, lifecycle rows unbounded preceding
            ) as chain_us
            from previous
        ),
        started as (
            select
                *,
                ({gap}) as is_chain_start,
                case
                    when {gap} then 1
                    when
                        event_type = 'app_open' and previous_lifecycle % 2 = 0
                        and previous_lifecycle // 2 >= chain_us
                        and {us} - previous_lifecycle // 2 > {GRACE_US}
                        then 1
                    else 0
                end as is_start
            from chained
        ),
        numbered as (
            -- the default frame: all events of an instant belong to what starts in it
            select *, sum(is_start) over (partition by {actor} order by event_at) as session_number
            from started
        ),"""
    reopen = "min(case when is_chain_start then 0 else 1 end) = 1" if closes else "false"
    group = "user_key" if key == "user_key" else "app_id, platform, user_id"
    fields = "min(app_id) as app_id, min(platform) as platform, min(user_id) as user_id"
    if key != "user_key":
        fields = "min(user_key) as user_key"
    sessions = f"""
        with events as (
            select user_key, app_id, platform, user_id, country, app_version, event_type, event_at,
                campaign_id, is_reengagement, ad_revenue_usd, iap_revenue_usd, duration_seconds,
                installed_at, loaded_at
            from {EVENTS} where is_activity
        ),{steps}
        sessions as (
            select
                {group}, {fields},
                {reopen} as is_reopen,
                arg_min_null(country, event_at) as country,
                arg_min_null(app_version, event_at) as app_version,
                arg_min(campaign_id, event_at) as touch_campaign_id,
                arg_min(campaign_id, event_at) filter (is_reengagement or event_type = 'reengagement')
                    as reengagement_campaign_id,
                min(event_at) as started_at,
                max(event_at) as ended_at,{MEASURES}
            from numbered
            group by {group}, session_number
        )"""
    if alone:
        return [f"create table int_sessions as {sessions} select * from sessions"]
    return [
        f"""
        create table fct_sessions as {sessions},
        install_events as (
            select user_key, min(event_at) as installed_at, arg_min_null(campaign_id, event_at) as campaign_id
            from {EVENTS} where event_type = 'install' group by user_key
        ),
        ordered as (
            select
                *,
                lag(ended_at) over actor as previous_ended_at,
                row_number() over actor as session_number,
                first_value(touch_campaign_id) over actor as first_touch_campaign_id,
                min(acquired_at) over (partition by user_key) as provided_at,
                min(started_at) over (partition by user_key) as first_started_at
            from sessions
            window actor as (partition by user_key order by started_at)
        ),
        installed as (
            select
                ordered.*,
                coalesce(least(provided_at, install_events.installed_at), first_started_at) as installed_at,
                case when install_events.user_key is null then first_touch_campaign_id
                    else install_events.campaign_id end as acquiring_campaign_id,
                (epoch_us(started_at) - epoch_us(previous_ended_at)) * 0.000001 as interval_seconds
            from ordered left join install_events using (user_key)
        ),
        placed as (
            select *, started_at is not distinct from min(case
                when epoch_us(installed_at) - {TIMEOUT_US} < epoch_us(ended_at)
                    and epoch_us(started_at) < epoch_us(installed_at) + {TIMEOUT_US} then started_at
            end) over (partition by user_key) as is_first_session
            from installed
        ),
        credited as (
            select *, reengagement_count > 0 or coalesce(
                touch_campaign_id is not null and touch_campaign_id is distinct from acquiring_campaign_id
                and not is_first_session and interval_seconds >= 7 * 86400, false
            ) as is_reengagement,
            (epoch_us(ended_at) - epoch_us(started_at)) * 0.000001 as span_seconds
            from placed
        )
        select
            md5(user_key::varchar || '-' || epoch_us(started_at)::varchar) as session_id,
            user_key, app_id, platform, user_id,
            case when reengagement_count > 0 then reengagement_campaign_id
                when is_reengagement then touch_campaign_id end as reengagement_campaign_id,
            country, app_version,
            case when session_number = 1 then 'first' when is_reopen then 'reopen' else 'timeout' end
                as start_reason,
            session_number,
            case when explicit_duration_seconds is null then span_seconds
                else least(explicit_duration_seconds, span_seconds + 1800) end::decimal(18, 6)
                as session_length_seconds,
            interval_seconds::decimal(18, 6) as session_interval_seconds,
            event_count, greatest(1, explicit_open_count) as app_open_count,
            in_app_event_count, ad_impression_count, purchase_count,
            coalesce(ad_revenue_usd, 0)::decimal(28, 6) as ad_revenue_usd,
            coalesce(iap_revenue_usd, 0)::decimal(28, 6) as iap_revenue_usd,
            is_first_session, is_reengagement,
            span_seconds > 86400 as exceeds_max_length,
            span_seconds <= 86400 and (explicit_duration_seconds is not null or span_seconds >= 1)
                as is_measured,
            started_at::date as session_date, started_at, ended_at, loaded_at
        from credited
        """
    ]


def ours(compiled: Path, models: list[str]) -> list[str]:
    """This project's models as dbt compiled them for a full build, reading what was just made."""
    statements = []
    for name in models:
        sql = next(compiled.rglob(f"{name}.sql")).read_text()
        for made in models:
            sql = re.sub(rf'"app_sessions"\."\w+"\."{made}"', made, sql)
        statements.append(f"create table {name} as {sql}")
    return statements


def macro_alone(compiled: Path) -> list[str]:
    """Only the part of int_sessions that the macro `sessionize` wrote."""
    sql = next(compiled.rglob("int_sessions.sql")).read_text()
    head = re.search(r"\bevents as .*?\),(?=\s+sessions as \()", sql, re.DOTALL).group()
    part = re.search(r"\bsessions as \(.*?\n\)(?=,\s+first_events as \()", sql, re.DOTALL).group()
    return [f"create table sessions as with {head} {part} select * from sessions"]


def from_parquet(statements: list[str], path: str) -> list[str]:
    """The same statements over a Parquet file instead of int_events."""
    return [
        re.sub(
            r'"?app_sessions"?\."?intermediate"?\."?int_events"?', f"read_parquet('{path}')", sql
        )
        for sql in statements
    ]


def polars_sessions(path: str, out: str) -> None:
    """Sessions with the same measures in polars, lazy and streaming."""
    import polars as pl

    money = [pl.col(name).cast(pl.Float64) for name in ("ad_revenue_usd", "iap_revenue_usd")]
    kind, us = pl.col("event_type"), pl.col("event_at").dt.epoch("us")
    lifecycle = pl.when(kind == "app_open").then(us * 2 + 1).when(kind == "app_close").then(us * 2)
    is_gap = (us - us.shift(1) >= TIMEOUT_US) | (pl.col("user_key") != pl.col("user_key").shift(1))
    frame = (
        pl.scan_parquet(path)
        .with_columns(*money, us=us, lifecycle=lifecycle)
        .sort("user_key", "us", "lifecycle")
        .with_columns(is_gap=is_gap.fill_null(True))
        .with_columns(chain=pl.col("is_gap").cast(pl.Int64).cum_sum())
        .with_columns(
            close_us=pl.col("lifecycle").forward_fill().shift(1),
            close_chain=pl.when(pl.col("lifecycle").is_not_null())
            .then(pl.col("chain"))
            .forward_fill()
            .shift(1),
        )
        .with_columns(
            is_start=pl.col("is_gap")
            | (
                (kind == "app_open")
                & (pl.col("close_us") % 2 == 0)
                & (pl.col("close_chain") == pl.col("chain"))
                & (pl.col("us") - pl.col("close_us") // 2 > GRACE_US)
            ).fill_null(False)
        )
        .with_columns(session=pl.col("is_start").cast(pl.Int64).cum_sum())
        .group_by("user_key", "session")
        .agg(
            *[
                pl.col(name).first()
                for name in ("app_id", "platform", "user_id", "country", "app_version")
            ],
            started_at=pl.col("event_at").min(),
            ended_at=pl.col("event_at").max(),
            event_count=pl.len(),
            explicit_open_count=(kind == "app_open").sum(),
            in_app_event_count=(kind == "in_app_event").sum(),
            ad_impression_count=(kind == "ad_impression").sum(),
            purchase_count=(kind == "purchase").sum(),
            ad_revenue_usd=pl.col("ad_revenue_usd").sum(),
            iap_revenue_usd=pl.col("iap_revenue_usd").sum(),
            loaded_at=pl.col("loaded_at").max(),
        )
    )
    frame.sink_parquet(out, engine="streaming")


def pandas_sessions(path: str, out: str) -> None:
    """Sessions with the same measures in pandas."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    for name in ("ad_revenue_usd", "iap_revenue_usd"):
        table = table.set_column(
            table.schema.get_field_index(name), name, table[name].cast(pa.float64())
        )
    for name in ("app_id", "platform", "user_id", "country", "app_version", "event_type"):
        table = table.set_column(
            table.schema.get_field_index(name), name, table[name].dictionary_encode()
        )
    events = table.to_pandas(self_destruct=True, split_blocks=True)
    del table
    us = events["event_at"].astype("int64")
    is_open, is_close = events["event_type"] == "app_open", events["event_type"] == "app_close"
    events["us"] = us
    events["lifecycle"] = (us * 2 + is_open).where(is_open | is_close).astype("Int64")
    events = events.sort_values(["user_key", "us", "lifecycle"], ignore_index=True)
    kind = events["event_type"]
    is_gap = (events["us"].diff() >= TIMEOUT_US) | (
        events["user_key"] != events["user_key"].shift()
    )
    chain = is_gap.cumsum()
    previous = events["lifecycle"].ffill().shift()
    previous_chain = chain.where(events["lifecycle"].notna()).ffill().shift()
    is_reopen = (
        (kind == "app_open")
        & (previous % 2 == 0).fillna(False)
        & (previous_chain == chain)
        & (events["us"] - previous // 2 > GRACE_US).fillna(False)
    )
    events["session"] = (is_gap | is_reopen).astype("int64").cumsum()
    for name in ("app_open", "in_app_event", "ad_impression", "purchase"):
        events["is_" + name] = kind == name
    sessions = events.groupby("session", sort=False).agg(
        user_key=("user_key", "first"),
        **{
            name: (name, "first")
            for name in ("app_id", "platform", "user_id", "country", "app_version")
        },
        started_at=("event_at", "min"),
        ended_at=("event_at", "max"),
        event_count=("us", "size"),
        explicit_open_count=("is_app_open", "sum"),
        in_app_event_count=("is_in_app_event", "sum"),
        ad_impression_count=("is_ad_impression", "sum"),
        purchase_count=("is_purchase", "sum"),
        ad_revenue_usd=("ad_revenue_usd", "sum"),
        iap_revenue_usd=("iap_revenue_usd", "sum"),
        loaded_at=("loaded_at", "max"),
    )
    pd.DataFrame(sessions).to_parquet(out)


def peak_mb() -> float:
    """The most memory this process has had; ru_maxrss would count what its parent had before."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024


def measure(request: dict) -> dict:
    """Run one form once: seconds, CPU seconds, peak memory in MB."""
    if request["engine"] == "duckdb":
        import duckdb

        connection = duckdb.connect(request["out"])
        connection.execute("set TimeZone = 'UTC'")
        if request.get("memory_limit"):
            connection.execute(f"set memory_limit = '{request['memory_limit']}'")
        if request.get("database"):
            connection.execute(f"attach '{request['database']}' as app_sessions (read_only)")
        began = time.perf_counter()
        for statement in request["statements"]:
            connection.execute(statement)
        seconds = time.perf_counter() - began
        connection.close()
    else:
        form = {"polars": polars_sessions, "pandas": pandas_sessions}[request["engine"]]
        __import__(request["engine"])
        began = time.perf_counter()
        form(request["path"], request["out"])
        seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": seconds,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_mb": peak_mb(),
    }


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[1]).read_text())
    Path(asked["result"]).write_text(json.dumps(measure(asked)))
