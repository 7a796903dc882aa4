"""The bundled sample, built: what is in it came through, and every refusal occurs.

The figures are those of the sample's generator and of its own bookkeeping
(`ops/tools/generate_sample.py`), not of the models.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from decimal import Decimal

import yaml
from dbt_harness import PROJECT_DIR

SUMMARIZE = (
    "import pathlib, sys, summary; print('\\n'.join(summary.summarize(pathlib.Path(sys.argv[1]))))"
)
# rows that the generator breaks on purpose, by reason
REJECTED = {
    "generic": {
        "missing_loaded_at": 2,
        "unparsable_loaded_at": 2,
        "loaded_at_in_future": 2,
        "missing_app_id": 2,
        "unknown_app": 2,
        "missing_actor": 3,
        "missing_event_name": 2,
        "missing_event_at": 2,
        "unparsable_event_at": 3,
        "event_at_in_future": 2,
        "event_at_too_old": 2,
    },
    "tenjin": {
        "missing_loaded_at": 2,
        "unparsable_loaded_at": 2,
        "missing_app_id": 2,
        "unknown_app": 2,
        "missing_actor": 4,
        "missing_event_name": 2,
        "missing_event_at": 2,
        "unparsable_event_at": 2,
        "event_at_in_future": 2,
        "event_at_too_old": 2,
    },
}
# values that are left out, the rows being kept: what means null (`NaN`) is none of them
NOTED = {
    "generic": {
        "invalid_revenue": 2,
        "invalid_ad_revenue_usd": 2,
        "invalid_duration_seconds": 2,
        "invalid_is_reengagement": 2,
        "unknown_currency": 2,
    },
    "tenjin": {"invalid_installed_at": 3, "invalid_revenue": 1, "invalid_ad_revenue_usd": 1},
}
RAW_ROWS = {"generic": 8_984, "tenjin": 7_720 + 1_981}
# delivered again: without an id, later, late, twice more, and with other content
DUPLICATES = {"generic": 3 + 19 + 4 + 2 + 5 + 3, "tenjin": 18 + 2}


def test_every_row_of_the_sample_is_accepted_duplicate_or_rejected(built):
    found = built.query("""
        select provider, event_status, count(*)
        from intermediate.int_event_log
        group by all
    """)
    rejected = {provider: sum(reasons.values()) for provider, reasons in REJECTED.items()}
    expected = {
        (provider, status): count
        for provider, raw in RAW_ROWS.items()
        for status, count in {
            "accepted": raw - DUPLICATES[provider] - rejected[provider],
            "duplicate": DUPLICATES[provider],
            "rejected": rejected[provider],
        }.items()
    }
    assert {(provider, status): count for provider, status, count in found} == expected


def test_rows_are_rejected_for_the_reason_they_were_broken_for(built):
    found: dict[str, dict[str, int]] = {}
    for provider, reason, count in built.query("""
        select provider, rejection_reason, count(*)
        from intermediate.int_events_rejected
        group by all
    """):
        found.setdefault(provider, {})[reason] = count
    assert found == REJECTED


def test_the_data_quality_marts_count_what_the_log_holds(built):
    expected = {
        provider: (
            raw,
            raw - DUPLICATES[provider] - sum(REJECTED[provider].values()),
            DUPLICATES[provider],
            sum(REJECTED[provider].values()),
        )
        for provider, raw in RAW_ROWS.items()
    }
    found = built.query("""
        select provider, sum(raw_row_count), sum(accepted_count), sum(duplicate_count),
            sum(rejected_count)
        from marts.mart_data_quality
        where feed = 'events'
        group by 1
    """)
    assert {provider: tuple(counts) for provider, *counts in found} == expected
    reasons = built.query("""
        select provider, rejection_reason, sum(row_count)
        from marts.mart_rejections
        where feed = 'events' and kind = 'row_refused'
        group by all
    """)
    assert {(provider, reason): count for provider, reason, count in reasons} == {
        (provider, reason): count
        for provider, by_reason in REJECTED.items()
        for reason, count in by_reason.items()
    }
    noted = built.query("""
        select provider, rejection_reason, sum(row_count)
        from marts.mart_rejections
        where feed = 'events' and kind = 'value_set_to_null'
        group by all
    """)
    assert {(provider, reason): count for provider, reason, count in noted} == {
        (provider, reason): count
        for provider, by_reason in NOTED.items()
        for reason, count in by_reason.items()
    }


def test_every_reason_there_is_occurs_in_the_sample():
    (model,) = [
        model
        for path in (PROJECT_DIR / "models").rglob("_*__models.yml")
        for model in yaml.safe_load(path.read_text())["models"]
        if model["name"] == "int_events_rejected"
    ]
    (column,) = [c for c in model["columns"] if c["name"] == "rejection_reason"]
    (values,) = [
        test["accepted_values"]["arguments"]["values"]
        for test in column["data_tests"]
        if isinstance(test, dict) and "accepted_values" in test
    ]
    # the sample is tables, which have no lines that cannot be read
    known = set(values) - {"unreadable_line"}
    assert {reason for reasons in REJECTED.values() for reason in reasons} == known


def test_the_sample_has_its_sessions(built):
    # as the reference of tests/python/reference.py counts them
    found = dict(built.query("select start_reason, count(*) from core.fct_sessions group by 1"))
    assert found == {"first": 1_136, "timeout": 7_851 - 1_136, "reopen": 208}


def test_the_sample_has_its_actors_and_installs(built):
    (actors,) = built.query("select count(*) from core.dim_users")
    assert actors == (1_136,)
    installs = built.query("""
        select is_install_inferred, is_reinstall, count(*)
        from core.fct_installs
        group by all
        order by all
    """)
    # four actors' installs are not in the generic export
    assert installs == [(False, False, 1_131), (True, False, 5)]


def test_the_sample_has_its_spend_and_ad_revenue(built):
    # as the files say it: the last publication of each key, in dollars; nothing is refused
    for model in ("int_ad_spend", "int_ad_revenue"):
        refused = built.query(f"""
            select rejection_reason, count(*)
            from intermediate.{model}
            where rejection_reason is not null
            group by 1
        """)
        assert refused == []
    ((spend,),) = built.query("select sum(spend_usd) from core.fct_ad_spend")
    assert spend == published("daily_spend", "spend", ["id"]) / 100 + published(
        "ad_spend", "spend", ["spend_date", "platform", "channel", "campaign_id", "country"]
    )
    ((revenue,),) = built.query("select sum(revenue_usd) from core.fct_ad_revenue")
    assert revenue == published("daily_ad_revenue", "revenue", ["id"]) / 100 + published(
        "ad_revenue", "revenue", ["revenue_date", "platform", "country", "ad_network"]
    )


def published(feed: str, amount: str, key: list[str]) -> Decimal:
    """Sum of a feed's last published amounts, each in dollars at six decimals."""
    provider = "tenjin" if feed.startswith("daily") else "generic"
    with (PROJECT_DIR / "seeds" / "sample" / f"sample_{provider}_{feed}.csv").open() as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["updated_at"])
    last = {tuple(row[column] for column in key): row for row in rows}
    total = Decimal(0)
    for row in last.values():
        day = row.get("spend_date") or row.get("revenue_date") or row["date"]
        # the rates of seeds/exchange_rates.csv
        euro = Decimal("1.05") if day < "2025-04-01" else Decimal("1.10")
        rate = {"EUR": euro, "USD": Decimal(1)}[row.get("currency") or "USD"]
        total += (Decimal(row[amount]) * rate).quantize(Decimal("0.000001"))
    return total


def test_the_last_lines_of_a_build_say_what_the_sample_is(built, project_dir):
    # refusals are those that the generator made; the other figures are this file's own
    finished = subprocess.run(
        [sys.executable, "-c", SUMMARIZE, str(built.database)],
        cwd=project_dir / "ops" / "tools",
        capture_output=True,
        text=True,
        check=True,
    )
    said = finished.stdout
    refused = sum(count for reasons in REJECTED.values() for count in reasons.values())
    assert "Built 8,059 sessions of 1,136 users" in said
    assert f"{refused} refused" in said
    assert "5,787.85 USD spent per 1,000 app opens on day 7" in said
