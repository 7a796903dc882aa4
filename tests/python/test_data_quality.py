"""What became of the rows of each load, run by run; the counts are worked out by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from meter import metered
from pipeline import Pipeline, assert_equal_tables
from reference import micros
from streams import Row

SELECT = ["+mart_data_quality", "+mart_rejections"]


def row(event_id: str, event_at: str, loaded_at: str, **values: str | None) -> Row:
    """An event of 2024 in `app.one`."""
    return {
        "event_id": event_id,
        "app_id": "app.one",
        "device_id": "d",
        "event_name": "level",
        "event_at": micros(f"2024-{event_at}"),
        "loaded_at": micros(f"2024-{loaded_at}"),
        **values,
    }


def days(pipeline: Pipeline) -> dict[str, list]:
    """Per load date: raw, accepted, duplicate, rejected, late rows and the median lateness."""
    return {
        day: counts
        for day, *counts in pipeline.query(
            "select strftime(load_date, '%m-%d'), raw_row_count, accepted_count, duplicate_count,"
            " rejected_count, late_count, lateness_p50_seconds::double from marts.mart_data_quality"
            " where feed = 'events'"
        )
    }


def test_a_load_that_has_been_counted_is_counted_again_if_its_rows_change(tmp_path: Path):
    pipeline = Pipeline(tmp_path, vars={"load_lookback_days": 30}, select=SELECT)
    apps = pipeline.raw / "apps"
    apps.mkdir()
    (apps / "apps.csv").write_text("app_id,app_name\napp.one,One\n")
    pipeline.load(
        [
            row("a", "03-09 23:00:00", "03-10 00:00:00"),
            row("b", "03-09 12:00:00", "03-10 12:00:01", country="Narnia"),
            row("c", "03-10 10:00:00", "03-10 12:00:00", app_id="app.two"),
            row("d", "03-10 10:00:00", "03-11 10:00:00"),
        ]
    )
    assert days(pipeline) == {
        "03-10": [3, 2, 0, 1, 1, 3600.0],
        "03-11": [1, 1, 0, 0, 0, 86400.0],
    }
    assert pipeline.query(
        "select provider, feed, kind, rejection_reason, row_count, load_date"
        " from marts.mart_rejections"
        " order by kind"
    ) == [
        ("generic", "events", "row_refused", "unknown_app", 1, date(2024, 3, 10)),
        ("generic", "events", "value_kept", "unknown_country", 1, date(2024, 3, 10)),
    ]

    # an earlier copy of d makes the counted one a duplicate; both loads change
    pipeline.load([row("d", "03-10 10:00:00", "03-10 11:00:00")])
    assert days(pipeline) == {
        "03-10": [4, 3, 0, 1, 1, 3600.0],
        "03-11": [1, 0, 1, 0, 0, None],
    }

    # the list grows, and what was refused is judged again
    (apps / "apps.csv").write_text("app_id,app_name\napp.one,One\napp.two,Two\n")
    pipeline.run()
    assert days(pipeline)["03-10"] == [4, 4, 0, 0, 1, 3600.0]
    assert pipeline.query("select rejection_reason, example from marts.mart_rejections") == [
        ("unknown_country", "NARNIA")
    ]
    assert_equal_tables(pipeline, pipeline.rebuilt())


def test_a_run_counts_only_the_loads_that_changed(tmp_path: Path):
    pipeline = Pipeline(tmp_path, select=SELECT)
    pipeline.load(
        [
            row(f"{day}-{number}", f"03-{day:02} 10:{number:02}:00", f"03-{day:02} 12:00:00")
            for day in range(1, 29)
            for number in range(50)
        ]
    )
    pipeline.add([row("new", "03-28 11:00:00", "03-28 12:00:01")])
    with metered() as meter:
        pipeline.run()
    assert meter.written["int_event_loads"] == meter.removed["int_event_loads"] == 1
    assert days(pipeline)["03-28"][:2] == [51, 51]
    assert days(pipeline)["03-27"][:2] == [50, 50]
    with metered() as meter:
        pipeline.run()
    assert meter.changed("int_event_loads", "mart_data_quality", "mart_rejections") == 0


def test_what_every_table_has_consumed_is_forgotten(tmp_path: Path):
    pipeline = Pipeline(tmp_path)
    for day in range(1, 6):
        pipeline.load([row(f"{day}", f"03-{day:02} 10:00:00", f"03-{day:02} 12:00:00")])
        if day == 1:
            # a table that the project has no more waits for nothing
            with pipeline.connect(read_only=False) as connection:
                connection.execute(
                    "insert into intermediate.state_models values ('int_of_old', 0, 1, 1, '{}')"
                )
    # marts take no part in it, though they are in state_models, too
    for table in ("state_changes", "state_changed_loads"):
        assert pipeline.query(f"select count(*), max(change_seq) from intermediate.{table}") == [
            (1, 4)
        ]
    assert not pipeline.query(
        "select 1 from intermediate.state_models where model_name = 'int_of_old'"
    )
