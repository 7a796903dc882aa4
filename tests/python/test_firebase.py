"""The export of Firebase / GA4: files in its layout, values made up, and what must come out.

The layout: events_YYYYMMDD, events_intraday_YYYYMMDD and events_fresh_YYYYMMDD; NDJSON has whole
numbers as texts, Parquet has structs. Expected values are worked out by hand.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pipeline import Pipeline, assert_equal_tables

ANDROID = "0123456789abcdef0123456789abcdef"
IOS = "FEDCBA9876543210FEDCBA9876543210"
LANDED = datetime(2026, 3, 21, tzinfo=UTC)

PARQUET_TYPES = {
    "event_date": "VARCHAR",
    "event_timestamp": "BIGINT",
    "event_name": "VARCHAR",
    "event_params": "STRUCT(key VARCHAR, value STRUCT(string_value VARCHAR, int_value BIGINT,"
    " float_value DOUBLE, double_value DOUBLE))[]",
    "event_value_in_usd": "DOUBLE",
    "event_bundle_sequence_id": "BIGINT",
    "event_server_timestamp_offset": "BIGINT",
    "user_id": "VARCHAR",
    "user_pseudo_id": "VARCHAR",
    "device": "STRUCT(mobile_model_name VARCHAR, operating_system VARCHAR,"
    " operating_system_version VARCHAR)",
    "geo": "STRUCT(country VARCHAR)",
    "app_info": "STRUCT(id VARCHAR, version VARCHAR)",
    "traffic_source": "STRUCT(name VARCHAR, medium VARCHAR, source VARCHAR)",
    "stream_id": "VARCHAR",
    "platform": "VARCHAR",
}


def ga4(name: str, at: str, user: str | None = ANDROID, **cells: Any) -> dict[str, Any]:
    """A row of the export; cells that are no columns are parameters of the event."""
    micros = round(datetime.fromisoformat(at + "+00:00").timestamp() * 1_000_000)
    is_ios = user == IOS
    row = {
        # the property's zone is ahead of UTC
        "event_date": datetime.fromtimestamp(micros // 1_000_000 + 7200, UTC).strftime("%Y%m%d"),
        "event_timestamp": micros,
        "event_name": name,
        "event_value_in_usd": None,
        "event_bundle_sequence_id": 1,
        "event_server_timestamp_offset": 1_200_000,
        "user_id": None,
        "user_pseudo_id": user,
        "device": {
            "mobile_model_name": "SamplePhone",
            "operating_system": "NaN",
            "operating_system_version": "14",
        },
        "geo": {"country": "Germany"},
        "app_info": {"id": "com.example.blocks" + (".ios" if is_ios else ""), "version": "1.4.0"},
        "traffic_source": {"name": "DE_Blocks", "medium": "cpc", "source": "google"},
        "stream_id": "1440000001",
        "platform": "IOS" if is_ios else "ANDROID",
    }
    params = {key: value for key, value in cells.items() if key not in ga4_columns(row)}
    row |= {key: value for key, value in cells.items() if key in ga4_columns(row)}
    row["event_params"] = [{"key": key, "value": in_a_field(v)} for key, v in params.items()]
    return row


def ga4_columns(row: dict[str, Any]) -> set[str]:
    """Names that are columns, those that newer exports have included."""
    return {*row, "collected_traffic_source", "session_traffic_source_last_click"}


def in_a_field(value: Any) -> dict[str, Any]:
    """A parameter's value in the field of its type."""
    fields = dict.fromkeys(("string_value", "int_value", "float_value", "double_value"))
    kind = {int: "int_value", float: "double_value", str: "string_value"}[type(value)]
    return fields | {kind: value}


def ndjson(rows: Sequence[dict[str, Any]]) -> bytes:
    """Rows as BigQuery writes them: a line each, INT64 as text."""

    def texts(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: texts(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [texts(inner) for inner in value]
        return str(value) if type(value) is int else value

    return "".join(json.dumps(texts(row)) + "\n" for row in rows).encode()


def put(pipeline: Pipeline, name: str, rows: Sequence[dict[str, Any]]) -> None:
    """A file of the export, landed at a known time; Parquet by its name."""
    folder = pipeline.raw / "firebase" / "events"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    if name.endswith(".parquet"):
        source = pipeline.folder / "rows.ndjson"
        source.write_bytes(ndjson(rows))
        columns = ", ".join(f"{name}: '{kind}'" for name, kind in PARQUET_TYPES.items())
        duckdb.sql(
            f"copy (from read_json('{source}', columns = {{{columns}}})) to '{path}'"
            " (format parquet)"
        )
    else:
        path.write_bytes(ndjson(rows))
    os.utime(path, (LANDED.timestamp(), LANDED.timestamp()))


def visit(number: int) -> dict[str, Any]:
    """Parameters that GA4 gives all events of one of its sessions."""
    return {"ga_session_id": number, "ga_session_number": 1}


def week() -> list[dict[str, Any]]:
    """22 rows of two users."""
    one, two, three = visit(1772445600), visit(1772451000), visit(1772449200)
    four, five = visit(1772495400), visit(1772784000)
    level = ga4("level_up", "2026-03-02 10:05:00", **one, engagement_time_msec=290000, level=3)
    return [
        ga4("first_open", "2026-03-02 10:00:00.123456", **one, previous_first_open_count=0),
        ga4("session_start", "2026-03-02 10:00:00.124", **one, session_engaged=1),
        ga4("screen_view", "2026-03-02 10:00:00.130", **one),
        level,
        # delivered again: only what the server adds is another
        level | {"event_bundle_sequence_id": 2, "event_server_timestamp_offset": 1_250_000},
        ga4(
            "in_app_purchase",
            "2026-03-02 10:06:00",
            **one,
            event_value_in_usd=5.3892,
            value=4990000,
            currency="EUR",
        ),
        ga4("ad_impression", "2026-03-02 10:10:00", **one, value=0.0123, currency="USD"),
        ga4("user_engagement", "2026-03-02 10:12:00", **one, engagement_time_msec=420000),
        # a push receipt is no activity; it lies in a gap of 28 minutes
        ga4("notification_receive", "2026-03-02 10:35:00", **one),
        ga4("screen_view", "2026-03-02 10:40:00", **one),
        ga4("session_start", "2026-03-02 11:30:00", **two),
        ga4("screen_view", "2026-03-02 11:30:00.010", **two),
        ga4("user_engagement", "2026-03-02 11:31:00", **two, engagement_time_msec=59000),
        # the vendor lost the id of a whole session, and its session_start
        ga4("screen_view", "2026-03-05 23:10:00"),
        ga4("user_engagement", "2026-03-05 23:12:00", engagement_time_msec=110000),
        ga4("app_remove", "2026-03-20 09:00:00"),
        ga4("first_open", "2026-03-02 11:00:00", IOS, **three, previous_first_open_count=1),
        ga4("session_start", "2026-03-02 11:00:00.001", IOS, **three),
        ga4("session_start", "2026-03-02 23:50:00", IOS, **four),
        ga4("level_up", "2026-03-03 00:05:00", IOS, **four, engagement_time_msec=880000, level=2.0),
        # a launch in the background
        ga4("session_start", "2026-03-06 08:00:00", IOS, **five),
        ga4("screen_view", "2031-01-01 00:00:00", IOS, **visit(1924992000)),
    ]


# what fct_sessions has of the week's two users
SESSIONS = (
    "select platform, strftime(started_at, '%d %H:%M:%S'), strftime(ended_at, '%d %H:%M:%S'),"
    " session_length_seconds, app_open_count, event_count, is_measured"
    f" from core.fct_sessions where user_id in ('{ANDROID}', '{IOS}') order by 1, started_at"
)
SESSIONS_OF_THE_WEEK = [
    ("android", "02 10:00:00", "02 10:40:00", Decimal(710), 1, 8, True),
    ("android", "02 11:30:00", "02 11:31:00", Decimal(59), 1, 3, True),
    ("android", "05 23:10:00", "05 23:12:00", Decimal(110), 1, 2, True),
    ("ios", "02 11:00:00", "02 11:00:00", Decimal("0.001"), 1, 2, False),
    ("ios", "02 23:50:00", "03 00:05:00", Decimal(880), 1, 2, True),
    ("ios", "06 08:00:00", "06 08:00:00", Decimal(0), 1, 1, False),
]


def traps() -> list[dict[str, Any]]:
    """A user for each trap of the layout."""
    noon = "2026-03-04 12:00:00"
    organic = {"name": "(organic)", "medium": "organic", "source": "google-play"}
    paid = {
        "session_traffic_source_last_click": {"google_ads_campaign": {"campaign_id": "208300001"}}
    }
    clicked = {
        "collected_traffic_source": {"manual_campaign_id": "m7", "manual_source": "newsletter"}
    }
    return [
        # the same instance opens for the first time twice, after an update
        ga4("first_open", noon, "twice"),
        ga4("first_open", "2026-03-18 12:00:00", "twice", update_with_analytics=1),
        # clocks: 18 years behind; at 1970, where microseconds look like seconds of 2017
        ga4("screen_view", "2008-03-04 12:00:00", "old"),
        ga4("screen_view", "1970-01-01 00:25:00", "reset"),
        # of one microsecond, and two events: they differ in a parameter
        ga4("click", noon, "clicks", engagement_time_msec=10),
        ga4("click", noon, "clicks", engagement_time_msec=20),
        # money
        ga4("purchase", noon, "euros", value=3.5, currency="EUR"),
        ga4("in_app_purchase", noon, "micros", value=4990000, currency="EUR"),
        ga4("spend_coins", noon, "coins", value="gold", currency="COINS"),
        ga4("ad_impression", noon, "whole", value=2, currency="USD"),
        ga4("ad_impression", noon, "tiny", value=0.00000079),
        ga4("ad_impression", noon, "converted", value=1.5, currency="EUR", event_value_in_usd=1.6),
        ga4("ad_impression", noon, "foreign", value=1.5, currency="EUR"),
        ga4("app_store_subscription_renew", noon, "renewal", event_value_in_usd=9.99),
        ga4("app_store_refund", noon, "refund", event_value_in_usd=4.99),
        # consent denied: nobody knows who it was, whatever user_id says
        ga4("screen_view", noon, None, user_id="customer-1"),
        ga4("screen_view", noon, "customer", user_id="customer-1"),
        # ten hours of engagement in two minutes
        ga4("screen_view", noon, "pocket"),
        ga4("user_engagement", "2026-03-04 12:02:00", "pocket", engagement_time_msec=36_000_000),
        # a web view
        ga4("page_view", noon, "123.456", app_info=None, platform="WEB"),
        # before midnight in UTC, after it in the property's zone
        ga4("screen_view", "2026-03-04 23:30:00", "zone", geo={"country": "Sri Lanka"}),
        ga4("name with blanks", noon, "blanks", geo={"country": "(not set)"}),
        # sources
        ga4("first_open", noon, "named"),
        ga4("first_open", noon, "linked", **paid),
        ga4("first_open", noon, "organic", traffic_source=organic),
        ga4("session_start", noon, "back", **clicked),
    ]  # fmt: skip


def same_day() -> list[dict[str, Any]]:
    """Two events of 4 March, as each of the three kinds of tables has them."""
    return [
        ga4("screen_view", "2026-03-04 09:00:00", "streamed", engagement_time_msec=5),
        ga4("score", "2026-03-04 09:01:00", "streamed", points=5.0),
    ]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """All files, in two runs: intraday first, then the daily and the fresh table."""
    pipeline = Pipeline(tmp_path_factory.mktemp("firebase"), vars={"providers": ["firebase"]})
    put(pipeline, "events_20260302.ndjson", week())
    put(pipeline, "events_20260304_traps.ndjson", traps())
    put(pipeline, "events_intraday_20260304.ndjson", same_day())
    pipeline.run()
    late = ga4("screen_view", "2026-03-04 09:02:00", "streamed")
    put(pipeline, "events_20260304.parquet", [*same_day(), late])
    put(pipeline, "events_fresh_20260304.ndjson", same_day()[:1])
    pipeline.run()
    return pipeline


def values(pipeline: Pipeline, user: str, *columns: str) -> list[tuple]:
    """Columns of a user's accepted events, in order of time."""
    return pipeline.query(
        f"select {', '.join(columns)} from intermediate.int_events"
        f" where user_id = '{user}' order by event_at, event_name, duration_seconds"
    )


def value(pipeline: Pipeline, user: str, column: str) -> Any:
    """A column of a user's only accepted event."""
    ((only,),) = values(pipeline, user, column)
    return only


def test_a_week_gives_the_sessions_that_the_timeline_has(loaded: Pipeline):
    assert loaded.query(
        "select event_status, count(*) from intermediate.int_event_log"
        " where file_name like '%20260302.ndjson' group by 1 order by 1"
    ) == [("accepted", 20), ("duplicate", 1), ("rejected", 1)]
    assert loaded.query(SESSIONS) == SESSIONS_OF_THE_WEEK
    assert loaded.query(
        "select iap_revenue_usd, ad_revenue_usd, purchase_count, ad_impression_count"
        f" from core.fct_sessions where user_id = '{ANDROID}' order by started_at limit 1"
    ) == [(Decimal("5.3892"), Decimal("0.0123"), 1, 1)]


def test_the_weeks_sessions_are_those_of_ga4_but_for_events_without_an_id(loaded: Pipeline):
    assert loaded.query(
        "select platform, day(activity_date), session_count, vendor_session_count,"
        " equal_session_count, session_without_id_count, event_without_id_count, pair_count,"
        " agreeing_pair_count from marts.mart_session_agreement"
        " where app_id = 'com.example.blocks' and day(activity_date) in (2, 5)"
        " or app_id like '%.ios' order by 1, 2"
    ) == [
        ("android", 2, 2, 2, 2, 0, 0, 10, 10),
        ("android", 5, 1, 0, 0, 1, 2, 0, 0),
        ("ios", 2, 2, 2, 2, 0, 0, 3, 3),
        ("ios", 6, 1, 1, 1, 0, 0, 1, 1),
    ]


def test_an_event_of_several_tables_is_one_event(loaded: Pipeline):
    assert loaded.query(
        "select event_status, count(*) from intermediate.int_event_log"
        " where user_id = 'streamed' group by 1 order by 1"
    ) == [("accepted", 3), ("duplicate", 3)]


def test_two_runs_equal_one(loaded: Pipeline):
    assert_equal_tables(loaded, loaded.rebuilt())


def test_a_table_of_structs_has_the_same_events(loaded: Pipeline, tmp_path: Path):
    tables = {"providers": ["firebase"], "raw_path": None, "raw_schema": "raw"}
    pipeline = Pipeline(tmp_path, vars=tables, select=["+int_events"])
    put(pipeline, "events_20260302.parquet", week())
    file = pipeline.raw / "firebase" / "events" / "events_20260302.parquet"
    with pipeline.connect(read_only=False) as connection:
        connection.execute("create schema raw")
        connection.execute(
            "create table raw.firebase_events as"
            f" select *, timestamp '2026-03-21' as loaded_at from read_parquet('{file}')"
        )
    pipeline.run()
    events = (
        "select event_id, app_id, user_id, vendor_session_id, event_name, country, revenue,"
        " ad_revenue_usd, duration_seconds, event_at, loaded_at from intermediate.int_events"
        f" where user_id in ('{ANDROID}', '{IOS}') order by all"
    )
    assert pipeline.query(events) == loaded.query(events)
    assert len(pipeline.query(events)) == 20


def test_the_first_first_open_of_an_instance_is_its_install(loaded: Pipeline):
    assert loaded.query(
        "select strftime(installed_at, '%d %H'), is_reinstall, is_install_inferred"
        " from core.fct_installs where user_id = 'twice'"
    ) == [("04 12", False, False)]
    assert len(values(loaded, "twice", "event_id")) == 2


def test_a_clock_that_is_years_off_is_left_out_or_refused(loaded: Pipeline):
    assert loaded.query(
        "select coalesce(user_id, 'nobody'), event_status, rejection_reason"
        " from intermediate.int_event_log where event_status <> 'accepted'"
        " and event_status <> 'duplicate' order by 1"
    ) == [
        (IOS, "rejected", "event_at_in_future"),
        ("nobody", "rejected", "missing_actor"),
        ("old", "left_out", "clock_before_export"),
        ("reset", "left_out", "clock_before_export"),
    ]


def test_events_of_one_microsecond_are_told_by_their_parameters(loaded: Pipeline):
    durations = values(loaded, "clicks", "duration_seconds")
    assert durations == [(Decimal("0.01"),), (Decimal("0.02"),)]


@pytest.mark.parametrize(
    ("user", "revenue", "currency"),
    [
        (ANDROID, "5.3892", "USD"),
        ("euros", "3.5", "EUR"),
        ("micros", "4.99", "EUR"),
        ("renewal", "9.99", "USD"),
        ("coins", None, None),
    ],
)
def test_what_is_sold(loaded: Pipeline, user: str, revenue: str | None, currency: str | None):
    (row,) = [
        row
        for row in values(loaded, user, "revenue", "currency", "event_name")
        if row[2] == "in_app_purchase" or user != ANDROID
    ]
    assert row[:2] == (Decimal(revenue) if revenue else None, currency)


@pytest.mark.parametrize(
    ("user", "ad_revenue_usd"),
    [("whole", "2"), ("tiny", "0.00000079"), ("converted", "1.6"), ("foreign", None)],
)
def test_what_an_impression_is_worth(loaded: Pipeline, user: str, ad_revenue_usd: str | None):
    expected = None if ad_revenue_usd is None else Decimal(ad_revenue_usd).quantize(Decimal("1e-9"))
    assert value(loaded, user, "ad_revenue_usd") == expected


def test_only_an_amount_that_is_not_converted_is_noted(loaded: Pipeline):
    assert loaded.query(
        "select user_id, noted_columns from intermediate.int_event_log"
        " where noted_columns is not null and event_status = 'accepted'"
    ) == [("foreign", "ad_revenue_usd ")]


def test_a_renewal_and_a_refund_are_money_without_activity(loaded: Pipeline):
    assert loaded.query(
        "select user_id, event_type, is_activity, iap_revenue_usd from intermediate.int_events"
        " where user_id in ('renewal', 'refund') order by 1"
    ) == [
        ("refund", "refund", False, Decimal("-4.99")),
        ("renewal", "purchase", False, Decimal("9.99")),
    ]


def test_the_user_is_the_instance_and_never_the_customer(loaded: Pipeline):
    assert values(loaded, "customer", "device_id", "customer_user_id") == [
        ("customer", "customer-1")
    ]
    assert values(loaded, "customer-1", "event_id") == []


def test_engagement_is_at_most_the_span_and_a_timeout(loaded: Pipeline):
    assert loaded.query(
        "select session_length_seconds from core.fct_sessions where user_id = 'pocket'"
    ) == [(Decimal(120 + 1800),)]


def test_what_is_flat_comes_out_of_the_structs(loaded: Pipeline):
    columns = ("app_id", "platform", "country", "app_version", "os_version", "device_model")
    assert values(loaded, "123.456", *columns) == [
        ("1440000001", "web", "DE", None, "14", "SamplePhone")
    ]
    assert values(loaded, "zone", *columns) == [
        ("com.example.blocks", "android", "LK", "1.4.0", "14", "SamplePhone")
    ]
    assert values(loaded, "blanks", "country", "event_name") == [(None, "name with blanks")]


def test_the_date_is_that_of_the_timestamp_in_utc(loaded: Pipeline):
    assert loaded.query(
        "select cast(session_date as varchar) from core.fct_sessions where user_id = 'zone'"
    ) == [("2026-03-04",)]


def test_a_row_landed_when_its_file_did(loaded: Pipeline):
    """The date in the name is that of the events, in the property's zone."""
    assert loaded.query(
        "select distinct cast(loaded_at as varchar) from intermediate.int_event_log"
    ) == [("2026-03-21 00:00:00",)]


@pytest.mark.parametrize(
    ("user", "campaign_id", "channel"),
    [
        ("named", "DE_Blocks", "google"),
        ("linked", "208300001", "google"),
        ("organic", None, None),
        ("back", "m7", "newsletter"),
        ("zone", None, None),
    ],
)
def test_the_campaign_is_an_id_where_there_is_one_else_a_name(
    loaded: Pipeline, user: str, campaign_id: str | None, channel: str | None
):
    assert values(loaded, user, "campaign_id", "channel") == [(campaign_id, channel)]


def test_a_session_start_alone_is_no_session_where_event_types_say_so(loaded: Pipeline):
    """The switch for launches in the background; all history is judged again."""
    with loaded.connect(read_only=False) as connection:
        connection.execute(
            "update seeds.event_types set is_activity = false"
            " where provider = 'firebase' and event_name = 'session_start'"
        )
    loaded.run()
    assert loaded.query(
        "select strftime(started_at, '%d %H:%M:%S'), app_open_count, event_count"
        f" from core.fct_sessions where user_id = '{IOS}' order by started_at"
    ) == [("02 11:00:00", 1, 1), ("03 00:05:00", 1, 1)]


def test_a_file_without_the_users_id_is_named(tmp_path: Path):
    pipeline = Pipeline(tmp_path, vars={"providers": ["firebase"]}, select=["state_files"])
    row = ga4("screen_view", "2026-03-04 12:00:00")
    del row["user_pseudo_id"]
    put(pipeline, "events_20260304.ndjson", [row])
    result = pipeline.run(check=False)
    assert not result.success
    assert "firebase/events/events_20260304.ndjson" in str(result)
    assert "it has no column 'user_pseudo_id'" in str(result)
