"""Input is data (G11): no name of a column, file or folder and no value becomes SQL or Jinja.

The same files twice, with tame names and with hostile ones: rows and objects of both databases
have to be the same, once the hostile names are put back. No payload does harm where it runs.
"""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pipeline import Pipeline
from test_intake import FORMATS, event

SEED = 20261129
FILES = 21
RENDERED = "210003"  # what the Jinja of PAYLOADS comes to
PAYLOADS = [
    'size 5"',
    "it's",
    "'; create table hacked as select 1; --",
    '"; create table hacked as select 1; --',
    "') union all select 1 --",
    "); drop table if exists seeds.canary; --",
    "a]b[c",
    "[ab]*",
    "{a,b}",
    "what?",
    "-- all of it",
    "/* open",
    "closed */",
    "{{ 70001 * 3 }}",
    "{{ env_var('NO_SUCH_VARIABLE') }}",
    "{% raw %}",
    "{% endraw %}{{ 70001 * 3 }}",
    "{# gone #}",
    "{{ run_query('create table hacked as select 1') }}",
    "{% do adapter.execute('create table hacked as select 1') %}",
    "back\\slash",
    "\\",
    "\\'",
    "\\n",
    "$1 ${HOME} $(true) `true`",
    "%s %(name)s %",
    "{0} {name}",
    "مستخدم",
    "\u202egnirts\u202c",
    "e\u0301\u200b",
    "🦊",
    "tab\there",
    "select",
    "null value",
    "x=1",
    "a;b",
    "a ;; b",
    "a,b",
    "<b>&amp;",
    ":name ?1 @x #",
    "x" * 10_000,
]
COLUMNS_OF_VALUES = (
    "event_id", "app_id", "device_id", "customer_user_id", "event_name", "app_version",
    "os_version", "device_model", "campaign_id", "channel",
)  # fmt: skip


class Names:
    """Hostile names for tame ones, and back: each is used once, so that none meets another."""

    def __init__(self, generator: random.Random):
        self.generator = generator
        self.tame: dict[str, str] = {}

    def hostile(self, tame: str, longest: int = 20_000, without: str = "") -> str:
        """A name of one to three payloads, told from all others by the tame one in it."""
        while True:
            parts = self.generator.sample(PAYLOADS, self.generator.randint(1, 3))
            name = "".join(c for c in "".join([parts[0], tame, *parts[1:]]) if c not in without)
            # blanks around a value are none of it
            if len(name.encode()) <= longest and name == name.strip():
                self.tame[name] = tame
                return name


def make_files(rename: Callable[..., str]) -> dict[str, bytes]:
    """Files of events, and some of the other feeds; `rename` gives every name of them.

    It is asked for the same names in the same order whatever it answers.
    """
    files: dict[str, bytes] = {}
    apps, types = [], list(FORMATS)
    for number in range(FILES):
        form = types[number % len(types)]
        extra = {rename(f"column{number}x{n}"): rename(f"cell{number}x{n}") for n in range(2)}
        rows = []
        for n in range(3):
            cells = {name: rename(f"{name}{number}x{n}") for name in COLUMNS_OF_VALUES}
            rows.append(event("", **cells, **extra, revenue="1.5", currency="USD"))
            apps.append(cells["app_id"])
        folder = rename(f"folder{number}", longest=120, without="/")
        name = rename(f"file{number}", longest=120, without="/")
        key = rename(f"key{number}", longest=60, without="/=")
        files[f"events/{folder}/{key}={number}/{name}.{form}"] = FORMATS[form](rows)
        feeds = {
            "ad_spend": {
                "spend_date": "2024-03-09",
                "app_id": rows[0]["app_id"],
                "channel": rename(f"network{number}"),
                "campaign_id": rows[0]["campaign_id"],
                "campaign_name": rename(f"campaign{number}"),
                "spend": "1.25",
            },
            "ad_revenue": {
                "revenue_date": "2024-03-09",
                "app_id": rows[0]["app_id"],
                "ad_network": rename(f"monetizer{number}"),
                "revenue": "0.25",
            },
        }
        for feed, row in feeds.items():
            name = rename(f"{feed}{number}", longest=120, without="/")
            files[f"{feed}/{name}.{form}"] = FORMATS[form]([row | extra])
    apps = [{"app_id": app, "platform": "ios", "app_name": rename(f"app{n}")}
            for n, app in enumerate(apps)]  # fmt: skip
    files["apps/apps.csv"] = FORMATS["csv"](apps)
    return files


# what hashes make of names, and so of each other
HASHED = {
    "event_key", "user_key", "session_id", "install_id", "user_day_id", "event_load_id",
    "campaign_key", "ad_spend_id", "ad_revenue_id",
}  # fmt: skip
READ = (
    "intermediate.int_event_log",
    "intermediate.int_events",
    "core.fct_ad_spend",
    "core.fct_ad_revenue",
    "staging.stg_generic__apps",
)


def tables(
    pipeline: Pipeline, tame: Mapping[str, str], copies: Mapping[str, str] | None
) -> dict[str, Counter]:
    """The rows of the tables that have names, as if all were tame, and as if of `copies`."""
    found = {}
    pieces = sorted(tame, key=len, reverse=True)

    def back(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if value in tame:
            return tame[value]
        if "/" in value:  # a path
            for piece in pieces:
                if piece in value:
                    value = value.replace(piece, tame[piece])
        return (copies or {}).get(value, value)

    with pipeline.connect() as connection:
        for table in READ:
            result = connection.execute(
                f"select {', '.join(named(connection, table))} from {table}"
            )
            names = [column[0] for column in result.description]
            found[table] = Counter(
                tuple(zip(names, (back(value) for value in row), strict=True))
                for row in result.fetchall()
            )
    return found


def named(connection: Any, table: str) -> list[str]:
    """The columns of a table, those aside that are hashes of names."""
    return [
        name
        for (name,) in connection.execute(
            "select column_name from duckdb_columns()"
            " where concat(schema_name, '.', table_name) = ?"
            " order by column_index",
            [table],
        ).fetchall()
        if name not in HASHED and not name.endswith("_key")
    ]


def objects(pipeline: Pipeline) -> list[tuple]:
    """All that the database has: tables, views, columns, functions, indexes, sequences, types."""
    return pipeline.query(
        "select 'table', schema_name, table_name, column_name, data_type from duckdb_columns()"
        " union all select 'view', schema_name, view_name, '', '' from duckdb_views()"
        " union all select 'function', schema_name, function_name, '', ''"
        " from duckdb_functions() where not internal"
        " union all select 'sequence', schema_name, sequence_name, '', '' from duckdb_sequences()"
        " union all select 'index', schema_name, index_name, '', '' from duckdb_indexes()"
        " union all select 'schema', schema_name, '', '', '' from duckdb_schemas()"
        " order by all"
    )


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pipeline, Pipeline, Names, list]:
    """A pipeline with tame names and one with hostile ones, after a run each; and the files."""
    names = Names(random.Random(SEED))
    contents = [
        make_files(lambda tame, longest=0, without="": tame),
        make_files(names.hostile),
    ]
    pipelines = []
    for number, files in enumerate(contents):
        folder = tmp_path_factory.mktemp(f"names_{number}")
        pipeline = Pipeline(
            folder, select=["+int_events", "+int_events_rejected", "+int_events_duplicates",
                            "+fct_ad_spend", "+fct_ad_revenue", "stg_generic__apps"],
        )  # fmt: skip
        pipeline.dbt.keeps_log = True
        with pipeline.connect(read_only=False) as connection:
            connection.execute("create table seeds.canary as select 1 as alive")
        for name, content in files.items():
            path = pipeline.raw / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            os.utime(path, (1_710_072_000, 1_710_072_000))
        pipeline.run()
        pipelines.append(pipeline)
    return (*pipelines, names, [list(files) for files in contents])


def assert_same(
    one: Pipeline, other: Pipeline, names: Names, copies: Mapping[str, str] | None = None
) -> None:
    """Rows and objects are the same, the names put back.

    Arguments:
        copies: a file for each that has its rows, by tame names. Which of two equal rows counts
            may depend on the names of their files, and either is right.
    """
    assert objects(one) == objects(other)
    tame, hostile = tables(one, {}, copies), tables(other, names.tame, copies)
    for table, rows in tame.items():
        assert sum(rows.values()), table
        assert (rows - hostile[table], hostile[table] - rows) == (Counter(), Counter()), table


def test_hostile_names_come_to_the_same_rows_and_objects(both: tuple):
    tame, hostile, names, _ = both
    assert tame.count("intermediate.int_events") == 3 * FILES
    assert_same(tame, hostile, names)


def test_nothing_is_rendered_twice(both: tuple):
    """Not in the database, and not in what dbt writes down of statements and messages."""
    hostile = both[1]
    log = (hostile.folder / "logs" / "dbt.log").read_text(encoding="utf-8", errors="replace")
    assert "70001 * 3" in log
    assert RENDERED not in log
    for table in READ:
        assert RENDERED not in str(hostile.query(f"select * from {table}"))


def test_hostile_files_that_change_and_go_come_to_the_same(both: tuple):
    """Changed, archived and copied files; a refusal names them as they are called."""
    tame, hostile, names, files = both
    for pipeline, paths in zip((tame, hostile), files, strict=True):
        events = [path for path in paths if path.startswith("events/")]
        spend = [path for path in paths if path.startswith("ad_spend/")]
        for changed, source in zip(events[:7], events[7:14], strict=True):
            shutil.copy(pipeline.raw / source, pipeline.raw / changed)
        for gone in [*events[14:21], *spend[:7]]:
            (pipeline.raw / gone).unlink()
        pipeline.run()
    assert tame.count("intermediate.int_events") == 3 * (FILES - 7)
    events = [path for path in files[0] if path.startswith("events/")]
    copies = dict(zip(events[:7], events[7:14], strict=True))
    assert_same(tame, hostile, names, copies)
    for pipeline, paths in zip((tame, hostile), files, strict=True):
        with pipeline.connect(read_only=False) as connection:
            connection.execute(
                "insert into seeds.event_types (provider, event_name, event_type, is_activity)"
                " select distinct 'generic', event_name, 'purchase', true"
                " from intermediate.int_event_log"
            )
        pipeline.run()
        assert pipeline.count("intermediate.int_events", "event_type <> 'purchase'") == 0
        before = pipeline.fingerprints()
        pipeline.run()
        assert pipeline.fingerprints() == before
        result = pipeline.run("--full-refresh", check=False)
        assert not result.success
        assert sorted(path for path in paths if not (pipeline.raw / path).exists())[0] in str(
            result
        )
    assert_same(tame, hostile, names, copies)


HEADERS = [name for name in PAYLOADS if len(name) < 1000]


@pytest.mark.parametrize("form", ["csv", "parquet", "ndjson"])
def test_a_message_about_hostile_columns_says_them_as_they_are(tmp_path: Path, form: str):
    pipeline = Pipeline(tmp_path, select=["+int_events"])
    pipeline.dbt.keeps_log = True
    row = dict.fromkeys(HEADERS, "x")
    (pipeline.events / f"{{{{ 70001 * 3 }}}}'.{form}").write_bytes(FORMATS[form]([row]))
    result = pipeline.run(check=False)
    assert not result.success
    said = str(result)
    assert f"events/{{{{ 70001 * 3 }}}}'.{form}: it has no column 'app_id'" in said
    assert "no 'device_id' or 'customer_user_id'" in said
    first = "size 5\", it's, '; create table hacked as select 1; --"
    if form == "ndjson":  # keys are sorted
        first = '"; create table hacked as select 1; --, $1 ${HOME}'
    assert f"it has: {first}" in said
    assert RENDERED not in said + (tmp_path / "logs" / "dbt.log").read_text(encoding="utf-8")
