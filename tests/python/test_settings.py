"""A changed setting never leaves two definitions in one table.

Either all that it concerns is rebuilt, or the run stops, says what changed and what to run. Seeds
are changed in the database, as `dbt seed` would after an edit of the file.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from dbt_harness import PROJECT_DIR
from meter import metered
from pipeline import (
    INCREMENTAL_SELECTION,
    Pipeline,
    assert_equal_tables,
    assert_equals_reference,
    set_session_settings,
)
from reference import Row as AnyRow
from reference import SessionSettings, micros
from streams import (
    DEFAULTS,
    EXCHANGE_RATES,
    SESSION_SETTINGS,
    RandomChooser,
    Row,
    batches_hostile,
    random_stream,
    stream_config,
)

# marts take no part in what most tests here are about
FACTS = ("+fct_user_days", "+dim_users")


def some_rows(count: int = 60) -> list[Row]:
    """Streams of all kinds."""
    return [row for seed in range(5000, 5000 + count) for row in random_stream(seed)]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pipeline, list[Row]]:
    """A database with some history; tests work on copies."""
    pipeline = Pipeline(tmp_path_factory.mktemp("settings"))
    rows = some_rows()
    pipeline.load(rows)
    return pipeline, rows


def copied(base: Pipeline, folder: Path, select: Sequence[str] = FACTS) -> Pipeline:
    """A copy of the database, on the same raw files."""
    base.dbt.copy(folder)
    return Pipeline(folder, vars=base.dbt.vars, raw=base.raw, select=select)


def test_changed_settings_are_applied_to_all_history(
    base: tuple[Pipeline, list[Row]], tmp_path: Path
):
    pipeline, rows = copied(base[0], tmp_path, select=INCREMENTAL_SELECTION), base[1]
    session_settings: list[dict[str, str]] = list(SESSION_SETTINGS)
    exchange_rates: dict[str, list[tuple[date, Decimal]]] = dict(EXCHANGE_RATES)
    vars: dict[str, Any] = {}
    overrides: dict[str, Any] = {}

    def timeout_of_an_app() -> None:
        nonlocal session_settings
        session_settings = [
            row | {"session_timeout_seconds": "13"} if row["app_id"] == "app.seven" else row
            for row in session_settings
        ]

    def grace_of_a_platform() -> None:
        nonlocal session_settings
        session_settings = [
            row | {"close_grace_seconds": "0"} if row["platform"] == "amazon" else row
            for row in session_settings
        ]

    def longest_session_and_a_new_row() -> None:
        nonlocal session_settings
        session_settings = [row | {"max_session_seconds": "2"} for row in session_settings]
        session_settings.append(
            dict.fromkeys(session_settings[0], "")
            | {"app_id": "app.plain", "platform": "web", "session_timeout_seconds": "90"}
        )

    def exchange_rate() -> None:
        exchange_rates["EUR"] = [(date(2000, 1, 1), Decimal("1.5"))]

    def variable_of_the_longest_session() -> None:
        vars.update(max_session_seconds=40)
        overrides.update(defaults=replace(DEFAULTS, max_session_seconds=40))

    def variables_of_sessions() -> None:
        vars.update(
            session_timeout_seconds=600,
            close_grace_seconds=1,
            max_session_seconds=300,
            reengagement_inactivity_days=1,
        )
        overrides.update(
            defaults=SessionSettings(600, 1, 300),
            reengagement_inactivity_days=1,
        )

    def variables_of_installs_and_days() -> None:
        more: dict[str, Any] = {
            "infer_installs": False,
            "cohort_day_basis": "calendar",
            "reporting_timezone": "America/New_York",
            "reinstall_window_days": 7,
        }
        vars.update(more)
        overrides.update(more)

    steps: list[Callable[[], None]] = [
        timeout_of_an_app,
        grace_of_a_platform,
        longest_session_and_a_new_row,
        exchange_rate,
        variable_of_the_longest_session,
        variables_of_sessions,
        variables_of_installs_and_days,
    ]
    for step in steps:
        step()
        with pipeline.connect(read_only=False) as connection:
            set_session_settings(connection, session_settings)
            connection.execute("delete from seeds.exchange_rates")
            connection.executemany(
                "insert into seeds.exchange_rates (currency, valid_from, usd_per_unit)"
                " values (?, ?, ?)",
                [[code, *rate] for code, rates in exchange_rates.items() for rate in rates],
            )
        pipeline.run(vars=vars)
        config = stream_config(
            session_settings=tuple(session_settings), exchange_rates=exchange_rates, **overrides
        )
        assert_equals_reference(pipeline, rows, config)
    # marts are as far behind as they can be
    pipeline.select = []
    pipeline.dbt.vars |= vars
    pipeline.run()
    assert_equal_tables(pipeline, pipeline.rebuilt())

    # variables that only marts know
    vars.update(n_days=[0, 2, 5], late_days=30, reporting_currency="EUR", as_of="2024-05-01")
    pipeline.dbt.vars |= vars
    pipeline.run()
    assert_equal_tables(pipeline, pipeline.rebuilt("marts"))


def test_opens_count_by_the_providers_interval_however_they_arrive(tmp_path: Path):
    pipeline = Pipeline(tmp_path, select=FACTS)
    rows = [row for seed in range(9000, 9060) for row in random_stream(seed)]
    for load in batches_hostile(rows, 3, RandomChooser(random.Random(11))):
        pipeline.load(load)
    assert_equals_reference(pipeline, rows, stream_config())
    assert_equal_tables(pipeline, pipeline.rebuilt())
    # of another interval, all sessions are counted again
    with pipeline.connect(read_only=False) as connection:
        connection.execute("update seeds.provider_settings set min_open_interval_seconds = 0")
    pipeline.run()
    assert_equals_reference(pipeline, rows, stream_config(min_open_interval_seconds={}))


def change_event_type(connection: Any) -> None:
    """What counted as activity no longer does."""
    connection.execute(
        "insert into seeds.event_types (provider, event_name, event_type, is_activity)"
        " values ('generic', 'level_up', 'in_app_event', false)"
    )


def remove_event_type(connection: Any) -> None:
    """An event type that occurs is unlisted."""
    connection.execute(
        "delete from seeds.event_types where provider = 'generic' and event_name = 'push_received'"
    )


def remove_currency(connection: Any) -> None:
    """A currency that occurs has no rate."""
    connection.execute("delete from seeds.exchange_rates where currency = 'JPY'")


def without_currency(currency: str) -> dict[str, list[tuple[date, Decimal]]]:
    """The exchange rates without one currency."""
    return {code: rates for code, rates in EXCHANGE_RATES.items() if code != currency}


EVENT_TYPES = stream_config().event_types


@pytest.mark.parametrize(
    ("change", "vars", "overrides"),
    [
        (
            change_event_type,
            {},
            {"event_types": EVENT_TYPES | {("generic", "level_up"): ("in_app_event", False)}},
        ),
        (
            remove_event_type,
            {},
            {
                "event_types": {
                    key: value for key, value in EVENT_TYPES.items() if key[1] != "push_received"
                }
            },
        ),
        (remove_currency, {}, {"exchange_rates": without_currency("JPY")}),
        (None, {"max_clock_skew_seconds": 60}, {"max_clock_skew_seconds": 60}),
        (None, {"min_event_at": "2024-03-10"}, {"min_event_at": micros("2024-03-10")}),
    ],
)
def test_a_change_of_how_events_are_judged_is_applied_to_all_history(
    base: tuple[Pipeline, list[Row]],
    tmp_path: Path,
    change: Callable | None,
    vars: dict[str, Any],
    overrides: dict[str, Any],
):
    pipeline = copied(base[0], tmp_path, select=())
    if change:
        with pipeline.connect(read_only=False) as connection:
            change(connection)
    pipeline.run(vars=vars)
    assert_equals_reference(pipeline, base[1], stream_config(**overrides))
    pipeline.dbt.vars |= vars
    assert_equal_tables(pipeline, pipeline.rebuilt())


def test_a_provider_that_is_no_longer_read_stops_the_run(tmp_path: Path):
    pipeline = Pipeline(tmp_path, vars={"providers": ["generic", "tenjin"]}, select=FACTS)
    pipeline.add(some_rows(2))
    path = pipeline.raw / "tenjin" / "events" / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_text(
        "created_at,loaded_at,event,event_type,app_id,advertising_id\n"
        "2024-03-09 10:00:00,2024-03-10,open,event,app,d\n"
    )
    pipeline.run()
    before = pipeline.fingerprints()
    result = pipeline.run(vars={"providers": ["generic"]}, check=False)
    assert not result.success
    assert "the database holds events of provider 'tenjin', which is no longer read" in str(result)
    assert pipeline.fingerprints() == before
    pipeline.run()
    assert pipeline.fingerprints() == before


def test_a_reporting_currency_without_a_rate_stops_the_run(
    base: tuple[Pipeline, list[Row]], tmp_path: Path
):
    pipeline = copied(base[0], tmp_path, select=("dim_dates",))
    result = pipeline.run(vars={"reporting_currency": "gbp"}, check=False)
    assert "the variable reporting_currency: must have a rate in seeds/exchange_rates.csv" in str(
        result
    )
    assert "as EUR, JPY, USD have, got 'gbp'" in str(result)
    pipeline.run(vars={"reporting_currency": "eur"})


def test_a_full_refresh_is_the_way_out(base: tuple[Pipeline, list[Row]], tmp_path: Path):
    pipeline = copied(base[0], tmp_path, select=())
    with pipeline.connect(read_only=False) as connection:
        change_event_type(connection)
    pipeline.run("--full-refresh")
    event_types = stream_config().event_types | {("generic", "level_up"): ("in_app_event", False)}
    assert_equals_reference(pipeline, base[1], stream_config(event_types=event_types))
    pipeline.run()
    assert_equal_tables(pipeline, pipeline.rebuilt())


def test_a_table_without_a_known_state_is_built_anew(
    base: tuple[Pipeline, list[Row]], tmp_path: Path
):
    pipeline = copied(base[0], tmp_path, select=())
    with pipeline.connect(read_only=False) as connection:
        # as if the table came from a file of before
        connection.execute("alter table intermediate.int_users drop column last_country")
        connection.execute(
            "update intermediate.state_models set built_from = 'an older form'"
            " where model_name = 'int_users'"
        )
    pipeline.run()
    assert_equal_tables(pipeline, pipeline.rebuilt())


def test_a_type_for_events_that_never_came_stops_nothing(
    base: tuple[Pipeline, list[Row]], tmp_path: Path
):
    pipeline = copied(base[0], tmp_path)
    with pipeline.connect(read_only=False) as connection:
        connection.execute(
            "insert into seeds.event_types (provider, event_name, event_type, is_activity)"
            " values ('generic', 'never_seen', 'purchase', true)"
        )
    pipeline.run()
    before = pipeline.fingerprints()
    pipeline.run()
    assert pipeline.fingerprints() == before


# ------------------------------------------------------------------- lists of apps and currencies


def list_apps(pipeline: Pipeline, apps: list[str]) -> None:
    """The feed of apps, as one file."""
    path = pipeline.raw / "apps" / "apps.csv"
    path.parent.mkdir(exist_ok=True)
    lines = [f"{app_id},ios,{app_id}" for app_id in apps]
    path.write_text("\n".join(["app_id,platform,app_name", *lines]) + "\n")


def test_what_a_list_refused_is_judged_again_when_the_list_grows(tmp_path: Path):
    pipeline = Pipeline(tmp_path, select=FACTS)
    rows: list[AnyRow] = [*some_rows(30)]
    list_apps(pipeline, ["app.one", "app.seven"])
    pipeline.load(rows)
    known = frozenset({"app.one", "app.seven"})
    assert_equals_reference(pipeline, rows, stream_config(known_apps=known))
    refused = pipeline.count("intermediate.int_event_log", "rejection_reason = 'unknown_app'")
    assert refused > 100

    # one more app and one more currency: rows without them are not touched
    list_apps(pipeline, ["app.one", "app.plain", "app.seven"])
    with pipeline.connect(read_only=False) as connection:
        connection.execute("insert into seeds.exchange_rates values ('XXX', '2000-01-01', 2)")
    with metered() as meter:
        pipeline.run()
    assert 0 < meter.written["int_event_log"] < refused
    rates = dict(EXCHANGE_RATES) | {"XXX": [(date(2000, 1, 1), Decimal(2))]}
    config = stream_config(known_apps=known | {"app.plain"}, exchange_rates=rates)
    assert_equals_reference(pipeline, rows, config)
    assert_equal_tables(pipeline, pipeline.rebuilt("grown"))

    # an app fewer: its events are refused from now on
    list_apps(pipeline, ["app.one", "app.plain"])
    pipeline.run()
    known = frozenset({"app.one", "app.plain"})
    config = stream_config(known_apps=known, exchange_rates=rates)
    assert_equals_reference(pipeline, rows, config)
    assert_equal_tables(pipeline, pipeline.rebuilt("fewer"))

    # the file is archived: its list stays
    (pipeline.raw / "apps" / "apps.csv").unlink()
    pipeline.run()
    assert_equals_reference(pipeline, rows, config)

    # without apps in the list every app is welcome
    list_apps(pipeline, [])
    pipeline.run()
    assert_equals_reference(pipeline, rows, stream_config(exchange_rates=rates))
    assert_equal_tables(pipeline, pipeline.rebuilt("unlisted"))

    # a list where there was none
    list_apps(pipeline, ["app.one"])
    pipeline.run()
    known = frozenset({"app.one"})
    assert_equals_reference(pipeline, rows, stream_config(known_apps=known, exchange_rates=rates))


def test_a_load_from_the_far_future_is_refused(tmp_path: Path):
    pipeline = Pipeline(tmp_path, select=FACTS)
    row = {
        "app_id": "app.one",
        "device_id": "d",
        "event_name": "level",
        "event_at": micros("2024-03-09 10:00:00"),
    }
    pipeline.load(
        [
            row | {"event_id": "good", "loaded_at": micros("2024-03-10")},
            row | {"event_id": "2099", "loaded_at": micros("2099-01-01")},
        ]
    )
    pipeline.load([row | {"event_id": "next", "loaded_at": micros("2024-03-11")}])
    assert pipeline.query(
        "select event_id, rejection_reason from intermediate.int_event_log order by 1"
    ) == [("2099", "loaded_at_in_future"), ("good", None), ("next", None)]
    before = pipeline.fingerprints()
    pipeline.run()
    assert pipeline.fingerprints() == before


def test_a_provider_with_odd_load_times_only_is_read_once(tmp_path: Path):
    """Loads of the far future or without a time move no cutoff: there is nothing to start from."""
    pipeline = Pipeline(tmp_path, select=FACTS)
    row = {"app_id": "app.one", "device_id": "d", "event_name": "level"}
    row |= {"event_at": micros("2024-03-09 10:00:00")}
    pipeline.load(
        [
            row | {"event_id": "2099", "loaded_at": micros("2099-01-01")},
            row | {"event_id": "undated", "loaded_at": None},
        ]
    )
    first = pipeline.query("select event_id from intermediate.int_event_log order by 1")
    assert first == [("2099",), ("undated",)]
    before = pipeline.fingerprints()
    pipeline.run()
    assert pipeline.fingerprints() == before
    pipeline.load([row | {"event_id": "good", "loaded_at": micros("2024-03-10")}])
    pipeline.load([row | {"event_id": "undated too", "loaded_at": None}])
    assert pipeline.query("select event_id from intermediate.int_event_log order by 1") == [
        ("2099",),
        ("good",),
        ("undated",),
        ("undated too",),
    ]


# --------------------------------------------------------- tables that are built only if changed


def test_tables_follow_their_feed_columns_and_upstreams(tmp_path: Path):
    """In edited copies of the project: what is changed there reaches the tables by itself."""
    pipeline = Pipeline(tmp_path / "run", select=["+dim_dates"])
    pipeline.load(some_rows(3))
    feed = pipeline.raw / "ad_spend" / "spend.csv"
    feed.parent.mkdir()
    feed.write_text("spend_date,app_id,spend\n2024-03-09,app.one,1\n")
    model = "models/core/fct_ad_spend.sql"
    layout = "**table_layout(date='spend_date'"

    def edit(name: str, file: str, old: str, new: str) -> None:
        pipeline.dbt.project_dir = tmp_path / name
        pipeline.dbt.target_path = tmp_path / name / "target"
        ignored = shutil.ignore_patterns(".*", "target", "logs", "*.duckdb")
        shutil.copytree(PROJECT_DIR, tmp_path / name, ignore=ignored)
        path = tmp_path / name / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    # the feed is restated after the table is built and before that is noted
    late = "copy (select '2024-03-09' as spend_date, 'app.one' as app_id, 2 as spend) to "
    edit(
        "restated",
        model,
        layout,
        f"post_hook=\"{late}'{feed}' (header)\", {layout}",
    )
    for known in (1, 2):
        pipeline.run()
        assert pipeline.query("select sum(spend)::integer from core.fct_ad_spend") == [(known,)]

    # a contract that the table does not fulfil stops a run with nothing new, too
    columns = "models/core/_core__models.yml"
    clicks = "col_clicks\") }}'\n        data_type: decimal(24, 6)"
    edit("promised", columns, clicks, clicks.replace("decimal(24, 6)", "varchar"))
    result = pipeline.run(check=False)
    assert not result.success
    assert "contract" in str(result)

    # an upstream that no longer notes what it was built from is looked at itself
    edit("plain", model, layout, f"materialized='table', {layout}")
    feed.write_text("spend_date,app_id,spend\n2025-06-01,app.one,4\n")
    pipeline.run()
    assert pipeline.query("select max(date_day)::varchar from core.dim_dates") == [("2025-06-01",)]
