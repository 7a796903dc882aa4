"""Re-engagements and what follows them: by hand, and of random streams in plain Python."""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline import Pipeline, assert_equal_tables, table_rows
from reference import MICROS_PER_DAY, micros
from streams import random_stream

LOADED_AT = "2024-03-25 00:00:00"


def event(user: str, at: str, name: str = "app_open", **columns: Any) -> dict[str, Any]:
    """An event of March 2024."""
    return {
        "provider": "generic",
        "event_id": f"{user} {at} {name}",
        "app_id": "app.plain",
        "platform": "ios",
        "device_id": user,
        "event_name": name,
        "event_at": micros(f"2024-03-{at}"),
        "loaded_at": micros(LOADED_AT),
    } | columns


def test_sessions_and_revenue_of_a_window_by_hand(tmp_path: Path):
    """y brings u, v and w back on the 15th, w after two weeks without a flag. u comes again in the
    evening and, 25 hours later, on day 1; from the 20th on u is z's. Days 14 end after the 28th,
    until which the data are complete. The network's 8 dollars of the 21st go to its one session.
    What money is spent on has a channel."""
    bought = {"event_name": "purchase", "currency": "USD"}
    flagged = {"is_reengagement": True}
    pipeline = Pipeline(
        tmp_path,
        vars={"as_of": "2024-04-01", "n_days": [0, 1, 7, 14]},
        select=["+mart_retargeting", "+mart_cohorts_n_day"],
    )
    pipeline.add(
        [event(user, "01 10:00:00", "install", campaign_id="x", channel="n") for user in "uvw"]
        + [event("u", "02 10:00:00"), event("u", "02 10:00:20", revenue=99, **bought)]
        + [event("u", "15 10:00:00", campaign_id="y", channel="n", **flagged)]
        + [event("v", "15 12:00:00", campaign_id="y", channel="n", **flagged)]
        + [event("w", "15 12:00:00", campaign_id="y", channel="n")]
        + [event("u", "15 20:00:00"), event("u", "15 20:00:30", revenue=2, **bought)]
        + [event("u", "15 20:00:10", "ad_impression", ad_revenue_usd=Decimal("0.5"))]
        + [event("u", "16 11:00:00")]
        + [event("u", "20 10:00:00", campaign_id="z", channel="n", **flagged)]
        + [event("u", "21 10:30:00"), event("u", "21 10:30:10", revenue=5, **bought)]
    )
    folder = pipeline.raw / "ad_revenue"
    folder.mkdir()
    (folder / "networks.csv").write_text(
        "revenue_date,app_id,platform,ad_network,revenue,currency,loaded_at\n"
        f"2024-03-21,app.plain,ios,n,8,USD,{LOADED_AT}\n"
    )
    (pipeline.raw / "ad_spend").mkdir()
    (pipeline.raw / "ad_spend" / "spend.csv").write_text(
        "spend_date,app_id,platform,channel,campaign_id,spend,currency,loaded_at\n"
        f"2024-03-15,app.plain,ios,n,y,3,USD,{LOADED_AT}\n"
    )
    pipeline.run()
    found = pipeline.query(
        "select campaign_id, channel, day(reengagement_date), day_n, reengagement_count,"
        " active_reengagement_count, cumulative_session_count, cumulative_ad_revenue::double,"
        " cumulative_iap_revenue::double, is_mature from marts.mart_retargeting"
        " where not is_primary_credit order by 1, 2, 3, 4"
    )
    assert found == [
        ("y", "n", 15, 0, 3, 3, 4, 0.5, 2, True),
        ("y", "n", 15, 1, 3, 1, 5, 0.5, 2, True),
        ("y", "n", 15, 7, 3, 0, 5, 0.5, 2, True),
        ("y", "n", 15, 14, None, None, None, None, None, False),
        ("z", "(unknown)", 20, 0, 1, 1, 1, 0, 0, True),
        ("z", "(unknown)", 20, 1, 1, 1, 2, 8, 5, True),
        ("z", "(unknown)", 20, 7, 1, 0, 2, 8, 5, True),
        ("z", "(unknown)", 20, 14, None, None, None, None, None, False),
    ]
    # x, which acquired them, keeps all of it: 99 and 2 by day 14
    assert pipeline.query("select sum(iap_revenue)::double from marts.mart_cohorts_n_day") == [
        (101,)
    ]


def test_random_sessions_are_credited_as_in_plain_python_load_by_load(tmp_path: Path):
    generator = random.Random(4)
    rows = [row for seed in range(15000, 15120) for row in random_stream(seed)]
    for row in rows:
        if generator.random() < 0.1:
            row["is_reengagement"] = True
    generator.shuffle(rows)
    days = (0, 1, 3, 30)
    pipeline = Pipeline(
        tmp_path,
        vars={"as_of": "2099-01-01", "n_days": list(days), "load_lookback_days": 5000},
        select=["+mart_retargeting"],
    )
    for part in (rows[::2], rows[1::2]):
        pipeline.load(part)
    wanted: dict[tuple, list[int]] = defaultdict(lambda: [0, 0, 0])
    last: dict[int, dict] = {}
    sessions = table_rows(pipeline, "fct_sessions")
    for session in sorted(sessions, key=lambda row: (row["user_key"], row["started_at"])):
        if session["is_reengagement"]:
            session["days"] = set()
            last[session["user_key"]] = session
        credited = last.get(session["user_key"])
        if credited is None:
            continue
        day_n = (session["started_at"] - credited["started_at"]) // MICROS_PER_DAY
        for n in days:
            cell = wanted[
                credited["app_id"],
                credited["platform"],
                credited["reengagement_campaign_id"] or "(unattributed)",
                credited["session_date"],
                n,
            ]
            cell[0] += session is credited
            cell[1] += day_n == n and n not in credited["days"]
            cell[2] += day_n <= n
        credited["days"].add(day_n)
    found = {
        row[:5]: list(row[5:])
        for row in pipeline.query(
            "select app_id, platform, campaign_id, reengagement_date, day_n,"
            " sum(reengagement_count), sum(active_reengagement_count),"
            " sum(cumulative_session_count)"
            " from marts.mart_retargeting group by all"
        )
    }
    assert found == wanted
    assert len(wanted) > 200 and sum(cell[1] for key, cell in wanted.items() if key[4] == 1) > 10
    assert_equal_tables(pipeline, pipeline.rebuilt())
