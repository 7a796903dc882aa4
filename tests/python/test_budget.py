"""`mart_budget` on the sample, against plain Python that shares nothing with it but its inputs."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest
from dbt_harness import Dbt

CAMPAIGN = "app_id, platform, channel, campaign_id"
Z = 1.2816


def off(pairs: list[tuple[float, float]]) -> tuple[float | None, float | None]:
    """A ratio of sums, and the square of its relative standard error."""
    top, below = (sum(pair[place] for pair in pairs) for place in (0, 1))
    if not below:
        return None, None
    ratio = top / below
    if len(pairs) < 2 or not top:
        return ratio, None
    squares = sum((y - ratio * x) ** 2 for y, x in pairs)
    return ratio, squares * len(pairs) / (len(pairs) - 1) / top**2


def test_the_sample_is_the_rule_in_plain_python(built: Dbt):
    daily: dict[tuple, list[tuple]] = defaultdict(list)
    last: dict[str, Any] = {}
    for *key, day, spend, installs, is_complete in built.query(f"""
        select {CAMPAIGN}, campaign_date, spend, tracked_installs, is_complete
        from marts.mart_campaigns_daily where not is_organic
    """):
        daily[tuple(key)].append((day, spend, installs))
        if is_complete and spend is not None:
            last[key[0]] = max(last.get(key[0], day), day)
    cohorts = {
        tuple(row[:6]): row[6:]
        for row in built.query(f"""
            select {CAMPAIGN}, install_date, horizon_day_n, predicted_session_count,
                predicted_revenue, revenue_user_count
            from marts.mart_ltv_predictions
        """)
    }
    methods = {
        tuple(row[:3]): row[3]
        for row in built.query("""
        select app_id, platform, horizon_day_n, any_value(method)
        from marts.mart_ltv_backtest where is_default_method group by all
    """)
    }
    wide = {
        tuple(row[:5]): row[5:]
        for row in built.query("""
        select app_id, platform, method, observed_day_n, horizon_day_n,
            lower_error_units, upper_error_units
        from intermediate.int_ltv_intervals
        where level = 'campaign'
            and as_of_step = (select max(as_of_step) from intermediate.int_ltv_estimates)
    """)
    }
    found = {
        tuple(row[:5]): dict(zip(("installs", "sessions", "revenue"), row[5:], strict=True))
        for row in built.query(f"""
            select {CAMPAIGN}, horizon_day_n,
                [next_1000_installs, next_1000_installs_lower, next_1000_installs_upper],
                [next_1000_sessions, next_1000_sessions_lower, next_1000_sessions_upper],
                [next_1000_revenue, next_1000_revenue_lower, next_1000_revenue_upper]
            from marts.mart_budget
        """)
    }
    assert {key[:4] for key in found} == set(daily)
    said = 0
    for (*key, horizon), values in found.items():
        campaign = tuple(key)
        recent = [
            (day, float(spend or 0), installs)
            for day, spend, installs in daily[campaign]
            if key[0] in last
            and last[key[0]] - timedelta(days=27) <= day <= last[key[0]]
            and (spend or installs)
        ]
        spent, installed = (sum(row[place] for row in recent) for place in (1, 2))
        if spent <= 0 or sum(row[1] > 0 for row in recent) < 7 or installed < 30:
            assert all(cell is None for row in values.values() for cell in row)
            continue
        per_spend, installs_off = off([(row[2], row[1]) for row in recent])
        of_dates = [
            (cohorts.get((*campaign, row[0], horizon), (None,) * 3), row[2]) for row in recent
        ]
        per_install = {
            what: off([(float(c[place]), i) for c, i in of_dates if c[place] is not None])
            for place, what in enumerate(("sessions", "revenue"))
        }
        payers = sum(c[2] for c, _ in of_dates if c[1] is not None)
        method = methods.get((*key[:2], horizon), "chain_ladder")
        scored = 7 if horizon > 7 else 3
        units = wide.get((*key[:2], method, scored, horizon)) or wide.get(
            ("(all)", "(all)", method, scored, horizon)
        )
        unit = math.sqrt(1 / max(payers, 1) + 1 / 400)
        next_variances = 1 + spent / 1000
        for what, (value, low, high) in values.items():
            if value is None:
                continue
            rate, rate_off = (1.0, 0.0) if what == "installs" else per_install[what]
            assert value == pytest.approx(1000 * per_spend * rate)
            if what == "revenue" and units is None:
                assert low is None and high is None, (key, horizon, method, scored)
                continue
            square = Z**2 * next_variances * (installs_off + rate_off)
            ends = (min(units[0], 0), max(units[1], 0)) if what == "revenue" else (0, 0)
            lower, upper = (
                (1 if what == "installs" else 1.5) * math.sqrt(square + (float(end) * unit) ** 2)
                for end in ends
            )
            assert low == pytest.approx(value * max(1 - lower, 0), rel=1e-6)
            assert high == pytest.approx(value * (1 + upper), rel=1e-6)
            said += 1
    assert said > 50
    for measure in ("sessions", "revenue"):
        ranked = built.query(f"""
            select app_id, horizon_day_n, rank_by_{measure} from marts.mart_budget
            where rank_by_{measure} is not null order by 1, 2, next_1000_{measure} desc
        """)
        places: dict[tuple, int] = defaultdict(int)
        for app, horizon, place in ranked:
            places[(app, horizon)] += 1
            assert place == places[(app, horizon)]
