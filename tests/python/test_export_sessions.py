"""`dbt run-operation export_sessions`: complete, repeatable, and repaired after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest
from dbt_harness import PROJECT_DIR, Dbt, DbtResult
from test_hostile_names import PAYLOADS

FIRST, LAST = "2025-03-10", "2025-03-12"
DATES = ["2025-03-10", "2025-03-11", "2025-03-12"]
READERS = {
    "parquet": "read_parquet('{}/{}/*/{}.parquet', hive_partitioning = true)",
    "csv": "read_csv('{}/{}/*/{}.csv', hive_partitioning = true, all_varchar = true)",
}


def export(dbt: Dbt, check: bool = True, **arguments: Any) -> DbtResult:
    """Run the operation."""
    # YAML knows no escapes of half a character
    given = json.dumps(arguments, ensure_ascii=False)
    return dbt("run-operation", "export_sessions", "--args", given, check=check)


def files(folder: Path) -> list[str]:
    """All files below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def expected_files(dates: list[str], extension: str = "parquet") -> list[str]:
    """A file per feed and date."""
    return sorted(
        f"{feed}/session_date={date}/{feed}.{extension}"
        for feed in ("sessions", "events")
        for date in dates
    )


def exported(folder: Path, feed: str, extension: str = "parquet") -> str:
    """The exported feed as a relation."""
    return READERS[extension].format(folder, feed, feed)


def differing(dbt: Dbt, one: str, other: str) -> int:
    """How many rows are only in one of two queries, as multisets."""
    counts = [
        dbt.query(f"select count(*) from ({left} except all {right})")[0][0]
        for left, right in ((one, other), (other, one))
    ]
    return sum(counts)


def test_what_is_exported_is_what_the_tables_hold(built: Dbt, tmp_path: Path):
    ((first, last),) = built.query(
        "select cast(min(day) as varchar), cast(max(day) as varchar) from (select session_date as"
        " day from core.fct_sessions union all select cast(event_at as date) from"
        " intermediate.int_events)"
    )
    folder = tmp_path / "new" / "folders"
    export(built, from_date=first, to_date=last, path=str(folder))
    sessions, events = exported(folder, "sessions"), exported(folder, "events")
    columns = ", ".join(
        name
        for (name,) in built.query(
            "select column_name from duckdb_columns() where table_name = 'fct_sessions'"
        )
    )
    assert not differing(
        built, f"select {columns} from {sessions}", f"select {columns} from core.fct_sessions"
    )
    assert not differing(
        built,
        f"select * exclude (session_date) from {events}",
        "select * from intermediate.int_events_sessionized",
    )
    # an event lies in its session's date; what is no activity in its own
    assert built.query(f"""
        select count(*)
        from {events} as events
        left join core.fct_sessions as sessions on events.session_id = sessions.session_id
        where events.session_date is distinct from coalesce(
            sessions.session_date, cast(events.event_at as date)
        )
        """) == [(0,)]
    assert built.query(f"select count(*) > 0 from {events} where session_id is null") == [(True,)]


def test_a_range_is_a_file_per_date_and_the_counts_are_said(
    built: Dbt, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    ((sessions, events),) = built.query(f"""
        select count(*), sum(event_count) + (
            select count(*) from intermediate.int_events
            where not is_activity and cast(event_at as date) between '{FIRST}' and '{LAST}'
        )
        from core.fct_sessions
        where session_date between '{FIRST}' and '{LAST}'
    """)
    process = operation(built, from_date=FIRST, to_date=LAST, path=str(tmp_path / "out"))
    said = process.communicate()[0]
    assert process.returncode == 0, said
    assert (
        f"export_sessions: wrote {sessions} sessions and {events} events of 3 dates to"
        f" {tmp_path / 'out'}" in said
    )
    assert files(tmp_path / "out") == expected_files(DATES)


def operation(dbt: Dbt, **arguments: Any) -> subprocess.Popen[str]:
    """The operation as a process of its own."""
    return subprocess.Popen(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()"),
            *("--warn-error", "--no-use-colors", "run-operation", "export_sessions"),
            *("--args", json.dumps(arguments)),
            *("--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)),
            *("--target-path", str(dbt.folder / "process_target")),
            *("--log-path", str(dbt.folder / "process_logs")),
        ],
        env=os.environ
        | {
            "DUCKDB_PATH": str(dbt.database),
            "DUCKDB_ACCESS_MODE": "read_only",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def test_a_second_export_replaces_the_first(built: Dbt, tmp_path: Path):
    dbt, folder = built.copy(tmp_path / "build"), tmp_path / "out"
    export(dbt, from_date=FIRST, to_date=LAST, path=str(folder))
    # as after late events and a full refresh: one date has fewer sessions, another none
    with duckdb.connect(str(dbt.database)) as connection:
        connection.execute("delete from core.fct_sessions where session_date = '2025-03-10'")
        connection.execute(
            "delete from core.fct_sessions where session_date = '2025-03-11'"
            " and app_id = (select min(app_id) from core.fct_sessions)"
        )
    export(dbt, from_date=FIRST, to_date="2025-03-11", path=f"{folder}/")
    assert files(folder) == expected_files(DATES)
    for feed in ("sessions", "events"):
        assert not differing(
            dbt,
            f"select distinct session_id from {exported(folder, feed)}"
            " where session_id is not null",
            f"select session_id from core.fct_sessions where session_date between '{FIRST}'"
            f" and '{LAST}'",
        )
    # what has no rows is there, and empty
    empty = f"{folder}/sessions/session_date=2025-03-10/sessions.parquet"
    assert dbt.query(f"select count(*) from '{empty}'") == [(0,)]


def test_a_killed_export_leaves_whole_files_and_the_next_completes_it(built: Dbt, tmp_path: Path):
    folder = tmp_path / "out"
    arguments = {"from_date": "2025-03-01", "to_date": "2025-03-31", "path": str(folder)}
    process = operation(built, **arguments)
    while process.poll() is None and len(files(folder)) < 8:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    there = files(folder)
    assert 0 < len(there) < 62
    for name in there:
        if "tmp_" not in name:
            built.query(f"select count(*) from '{folder / name}'")
    # the name that DuckDB gives a file until it is whole
    left = folder / "sessions" / "session_date=2025-03-31" / "tmp_sessions.parquet"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_text("half a fi")
    export(built, **arguments)
    assert files(folder) == expected_files([f"2025-03-{day:02}" for day in range(1, 32)])
    assert not differing(
        built,
        f"select session_id from {exported(folder, 'sessions')}",
        "select session_id from core.fct_sessions where session_date between '2025-03-01'"
        " and '2025-03-31'",
    )


def test_csv_keeps_what_is_hard_to_write(built: Dbt, tmp_path: Path):
    dbt, folder = built.copy(tmp_path / "build"), tmp_path / "it's out"
    nasty = 'two\nlines, a "quote" and \t tab; ünïcödé'
    with duckdb.connect(str(dbt.database)) as connection:
        connection.execute(
            "update core.fct_sessions set app_version = ? where session_date = ?", [nasty, FIRST]
        )
    export(dbt, from_date=FIRST, to_date=FIRST, path=str(folder), format="csv")
    assert files(folder) == expected_files([FIRST], "csv")
    relation = READERS["csv"].format(str(folder).replace("'", "''"), "sessions", "sessions")
    assert not differing(
        dbt,
        f"select session_id, app_version, cast(started_at as timestamp) from {relation}",
        f"select session_id, app_version, started_at from core.fct_sessions where session_date ="
        f" '{FIRST}'",
    )


def test_values_and_folders_are_data(built: Dbt, tmp_path: Path):
    """Of every hostile name that test_hostile_names.py knows, as a value and as a folder."""
    dbt = built.copy(tmp_path / "build")
    tables = "select table_schema, table_name from information_schema.tables order by all"
    before = dbt.query(tables)
    with duckdb.connect(str(dbt.database)) as connection:
        connection.execute(
            "update core.fct_sessions set app_version = payloads.name"
            " from (select unnest(?) as name, generate_subscripts(?, 1) as number) as payloads"
            " where session_date = ?"
            " and session_number % 41 + 1 = payloads.number",
            [PAYLOADS, PAYLOADS, FIRST],
        )
    names = [name.replace("/", "_")[:60] for name in PAYLOADS if "*" not in name]
    # a name has 255 bytes at most
    nested = ["".join(names[first : first + 3]) for first in range(0, len(names), 3)]
    folder = tmp_path.joinpath("out", *nested)
    export(dbt, from_date=FIRST, to_date=FIRST, path=str(folder))
    assert files(folder) == expected_files([FIRST])
    path = str(folder / "sessions" / f"session_date={FIRST}" / "sessions.parquet")
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select session_id, app_version from read_parquet(?) order by all", [path]
        ).fetchall()
    assert rows == dbt.query(
        "select session_id, app_version from core.fct_sessions"
        f" where session_date = '{FIRST}' order by all"
    )
    assert dbt.query(tables) == before


def test_rows_that_are_missing_are_an_error(built: Dbt, tmp_path: Path):
    dbt = built.copy(tmp_path / "build")
    with duckdb.connect(str(dbt.database)) as connection:
        # a session that claims an event more than there is
        connection.execute(
            "update core.fct_sessions set event_count = event_count + 1 where session_id ="
            " (select min(session_id) from core.fct_sessions where session_date = ?)",
            [FIRST],
        )
    result = export(dbt, check=False, from_date=FIRST, to_date=FIRST, path=str(tmp_path / "out"))
    assert not result.success
    said = "\n".join(result.messages)
    assert f"events from {FIRST} to {FIRST} should have been written to {tmp_path / 'out'}" in said
    assert "Run the export again" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"from_date": "March"}, "from_date must be a date such as 2025-01-31, got 'March'"),
        ({"from_date": None}, "from_date must be a date such as 2025-01-31, got 'None'"),
        ({"to_date": "2025-3-1"}, "to_date must be a date such as 2025-01-31, got '2025-3-1'"),
        ({"to_date": "2025-02-31", "from_date": "2025-02-01"}, "'2025-02-31' does not match"),
        ({"from_date": "2025-03-13"}, "from_date must not be after to_date, got '2025-03-13'"),
        ({"path": None}, "path must be a folder or bucket to write to, got 'None'"),
        ({"path": " / "}, "path must be a folder or bucket to write to, got ' / '"),
        ({"format": "xlsx"}, "format must be parquet or csv, got 'xlsx'"),
    ],
)
def test_arguments_that_are_not_allowed_are_named(
    built: Dbt, tmp_path: Path, arguments: dict[str, Any], message: str
):
    good = {"from_date": FIRST, "to_date": LAST, "path": str(tmp_path / "out")}
    result = export(built, check=False, **(good | arguments))
    assert not result.success
    assert message in "\n".join(result.messages)
    assert not (tmp_path / "out").exists()


def test_before_the_first_build_the_message_says_what_to_run(dbt: Dbt, tmp_path: Path):
    result = export(dbt, check=False, from_date=FIRST, to_date=LAST, path=str(tmp_path / "out"))
    assert not result.success
    assert "run `dbt build` first" in "\n".join(result.messages)


# ---------------------------------------------------------- engines that are not at hand


class Returned(Exception):
    """What a macro returned, as dbt's own `return` does it."""


def unloaded(engine: str, path: str, format: str) -> tuple[list[str], Any]:
    """The statements of an engine's unload, and what it returns where each query gives 7."""
    statements: list[str] = []

    def run_query(sql: str) -> Any:
        statements.append(" ".join(sql.split()))
        return type("Table", (), {"rows": [[7]]})

    def give_back(value: Any) -> None:
        raise Returned(value)

    source = (PROJECT_DIR / "macros" / "cross_db" / "unload.sql").read_text()
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    macros = environment.from_string(source).make_module(
        {"run_query": run_query, "return": give_back, "text_literal": lambda text: f"'{text}'"}
    )
    folders = [path, "sessions", "session_date=2025-03-10"]
    with pytest.raises(Returned) as returned:
        getattr(macros, f"{engine}__unload")("select 1 as one", folders, "sessions", format)
    return statements, returned.value.args[0]


@pytest.mark.parametrize(
    ("engine", "path", "format", "statements", "rows"),
    [
        (
            "snowflake",
            "@exports/app",
            "parquet",
            [
                "copy into @exports/app/sessions/session_date=2025-03-10/sessions.parquet from"
                " (select 1 as one) file_format = (type = parquet) header = true single = true"
                " overwrite = true max_file_size = 5368709120"
            ],
            7,
        ),
        (
            "snowflake",
            "s3://bucket/app",
            "csv",
            [
                "copy into 's3://bucket/app/sessions/session_date=2025-03-10/sessions.csv' from"
                " (select 1 as one) file_format = (type = csv field_optionally_enclosed_by = '\"'"
                " compression = none) header = true single = true overwrite = true"
                " max_file_size = 5368709120"
            ],
            7,
        ),
        (
            "bigquery",
            "gs://bucket/app",
            "csv",
            [
                "export data options (uri ="
                " 'gs://bucket/app/sessions/session_date=2025-03-10/sessions-*.csv',"
                " format = 'CSV', overwrite = true, header = true) as select 1 as one"
            ],
            None,
        ),
        (
            "spark",
            "s3://bucket/app",
            "parquet",
            [
                "insert overwrite directory"
                " 's3://bucket/app/sessions/session_date=2025-03-10' using parquet select 1 as one",
                "select count(*) from parquet.`s3://bucket/app/sessions/session_date=2025-03-10`",
            ],
            7,
        ),
        (
            "spark",
            "s3://bucket/app",
            "csv",
            [
                "insert overwrite directory 's3://bucket/app/sessions/session_date=2025-03-10'"
                " using csv options ('header' = 'true') select 1 as one",
                "create or replace temporary view exported_rows using csv options (path"
                " 's3://bucket/app/sessions/session_date=2025-03-10', header 'true')",
                "select count(*) from exported_rows",
            ],
            7,
        ),
        (
            "redshift",
            "s3://bucket/app",
            "parquet",
            [
                "unload ($$select 1 as one$$) to"
                " 's3://bucket/app/sessions/session_date=2025-03-10/sessions_' iam_role default"
                " format parquet cleanpath parallel off",
                "select pg_last_unload_count()",
            ],
            7,
        ),
        (
            "duckdb",
            "s3://bucket/app",
            "parquet",
            [
                "copy (select 1 as one) to"
                " 's3://bucket/app/sessions/session_date=2025-03-10/sessions.parquet'"
                " (format parquet)",
                "select count(*) from read_parquet("
                "'s3://bucket/app/sessions/session_date=2025-03-10/sessions.parquet')",
            ],
            7,
        ),
    ],
)
def test_other_engines_unload_by_their_own_statements(
    engine: str, path: str, format: str, statements: list[str], rows: int | None
):
    # compiled only: the statements are those of the engines' manuals, and none has been run
    assert unloaded(engine, path, format) == (statements, rows)
