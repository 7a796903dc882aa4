"""Campaigns are app, platform, channel and id; who names no channel gets the id's only one."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import reference
from pipeline import Pipeline, assert_equal_tables, table_rows
from reference import micros

SPEND_HEADER = "spend_date,app_id,platform,channel,campaign_id,spend,currency,updated_at,loaded_at"
LOADED_AT = "2024-03-20 00:00:00"


def install(user: str, campaign: str | None, channel: str | None, **columns: Any) -> dict[str, Any]:
    """An install with one open."""
    return {
        "provider": "generic",
        "event_id": f"{user}-install",
        "app_id": "app.plain",
        "platform": "ios",
        "device_id": user,
        "event_name": "install",
        "event_at": micros("2024-03-01 10:00:00"),
        "loaded_at": micros(LOADED_AT),
        "campaign_id": campaign,
        "channel": channel,
    } | columns


def add_spend(pipeline: Pipeline, name: str, *lines: tuple[str, str, str, str]) -> None:
    """A file of (channel, campaign id, platform, dollars)."""
    folder = pipeline.raw / "ad_spend"
    folder.mkdir(exist_ok=True)
    rows = [
        f"2024-03-01,app.plain,{platform},{channel},{campaign},{dollars},USD,,{LOADED_AT}"
        for channel, campaign, platform, dollars in lines
    ]
    (folder / f"{name}.csv").write_text("\n".join([SPEND_HEADER, *rows]) + "\n")


def test_two_channels_may_use_one_campaign_id(tmp_path: Path):
    """1,000 spent on one install and 10 on two: not 1,010 on three.

    A network is one, whoever writes its name: by `channel_mapping`, of which a row more reaches
    all history.
    """
    pipeline = Pipeline(
        tmp_path,
        vars={"as_of": "2024-04-01", "n_days": [0]},
        select=["+mart_cpm_n_day", "+mart_unmapped_channels"],
    )
    pipeline.add([install("g", "1", "google"), install("f1", "1", "gamma")])
    pipeline.add([install("f2", "1", "gamma"), install("u", "1", None)])
    pipeline.add([install("a1", "2", "googleadwords_int"), install("a2", "2", "AdWords")])
    add_spend(
        pipeline,
        "s",
        ("google", "1", "ios", "1000"),
        ("gamma", "1", "ios", "10"),
        ("Google Ads ACI", "2", "ios", "4"),
        ("Gamma", "3", "ios", "2"),
    )
    pipeline.run()
    found = (
        "select channel, campaign_id, tracked_installs, spend::integer, cpm_n_day_sessions"
        " from marts.mart_cpm_n_day order by channel, campaign_id"
    )
    assert pipeline.query(found) == [
        ("(unknown)", "1", 1, 0, 0),
        ("Gamma", "3", 0, 2, None),
        ("gamma", "1", 2, 10, 5_000),
        ("google", "1", 1, 1000, 1_000_000),
        ("google_ads", "2", 2, 4, 2_000),
    ]
    unmapped = "select feed, channel, row_count from marts.mart_unmapped_channels order by all"
    assert pipeline.query(unmapped) == [
        ("ad_spend", "Gamma", 1),
        ("ad_spend", "gamma", 1),
        ("ad_spend", "google", 1),
        ("events", "gamma", 2),
        ("events", "google", 1),
    ]

    with pipeline.connect(read_only=False) as connection:
        connection.execute(
            "insert into seeds.channel_mapping values ('generic', 'Google', 'GAMMA')"
        )
    pipeline.run()
    assert pipeline.query(found) == [
        # the install without a channel has the only one of its campaign
        ("GAMMA", "1", 4, 1010, 252_500),
        ("GAMMA", "3", 0, 2, None),
        ("google_ads", "2", 2, 4, 2_000),
    ]
    assert pipeline.query(unmapped) == []


def test_an_install_without_a_channel_takes_the_only_one_load_by_load(tmp_path: Path):
    """A second channel that begins to use a campaign id changes what the id alone stands for."""
    generator = random.Random(3)
    pipeline = Pipeline(tmp_path, select=["+mart_users", "+dim_campaigns"])
    channels, campaigns = ("google", "gamma", None, None), ("1", "2", "3", None)
    spent: list[dict[str, Any]] = []
    moved = 0
    before: dict[Any, Any] = {}
    for load in range(5):
        pipeline.add(
            install(
                f"user {load} {number}",
                generator.choice(campaigns),
                # at first one channel, then a second one
                generator.choice(channels if load > 1 else ("google", None)),
                platform=generator.choice(("ios", "android")),
                loaded_at=micros(LOADED_AT) + load * reference.MICROS_PER_DAY,
            )
            for number in range(6)
        )
        if load in (0, 3):
            channel = "google" if load == 0 else "gamma"
            lines = [(channel, "1", "ios", "5"), ("", "2", "ios", "7"), ("", "", "ios", "9")]
            add_spend(pipeline, str(load), *lines)
            spent += [
                {
                    "app_id": "app.plain",
                    "platform": platform,
                    "channel": name or None,
                    "campaign_id": campaign or "(unattributed)",
                }
                for name, campaign, platform, _ in lines
            ]
        pipeline.run()
        installed = table_rows(pipeline, "fct_installs")
        defaults = reference.default_channels(
            spent, installed, table_rows(pipeline, "fct_sessions")
        )
        wanted = {
            row["user_key"]: reference.campaign_of(row, defaults)
            for row in installed
            if not row["is_reinstall"]
        }
        found = pipeline.query("select user_key, channel, campaign_id from marts.mart_users")
        after = {key: (channel, campaign) for key, channel, campaign in found}
        assert after == wanted
        assert set(
            pipeline.query("select app_id, platform, campaign_id, channel from core.dim_campaigns")
        ) == {
            (
                row["app_id"],
                row["platform"],
                row["campaign_id"],
                reference.campaign_of(row, defaults)[0],
            )
            for row in [*spent, *installed]
            if row["campaign_id"] is not None
        }
        moved += sum(before[key] != after[key] for key in before)
        before = after
    assert moved > 0, "no user came to another channel"
    assert_equal_tables(pipeline, pipeline.rebuilt())
