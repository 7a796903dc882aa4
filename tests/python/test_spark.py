"""The target `spark` in a local session: every table equals DuckDB's (G8), load by load too.

Runs where dbt-spark, PySpark and the Iceberg runtime are in the environment, and Java is there:
`make test-spark` provides them. One session and one warehouse serve all tests.
"""

from __future__ import annotations

import contextlib
import hmac
import importlib.util
import json
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt_harness import PROJECT_DIR, Dbt
from engines import (
    NUMBERS,
    TIMES,
    assert_equal_to_duckdb,
    sample_on_duckdb,
    spellings,
    stream_seeds,
)
from pipeline import Pipeline, assert_equals_reference
from reference import EVENT_COLUMNS
from spark_plans import nested_loops_by_model
from streams import generic_csv_row, random_stream, stream_config
from test_bad_input import KINDS
from test_privacy import DEVICE, KEY, STAYS, files_with, keyed, others, person

NEEDED = ("pyspark", "dbt.adapters.spark", "snowpark_connect_deps_iceberg")
pytestmark = [
    pytest.mark.skipif(
        any(importlib.util.find_spec(name) is None for name in NEEDED),
        reason="no dbt-spark, PySpark or Iceberg: `make test-spark` installs them",
    ),
    pytest.mark.skipif(
        shutil.which("java") is None, reason="no Java: `make test-spark` installs it"
    ),
]
# as the profile reads it: `make test-delta` says delta, and brings its files
FORMAT = os.environ.get("SPARK_FORMAT", "iceberg")
STREAMS = 10
# statements of a run with nothing new, at most: docs/engines.md
NOTHING_NEW = 16
# nested loops whose other side is few rows, though no plan says so
FEW = {
    "int_event_log": {"LeftOuter"},  # the provider's one type of all other events
    "int_daily_active_users": {"Inner, ((first_date <= date_day) AND (last_date >= date_day))"},
    "mart_session_trends": {
        "Inner, (((first_date <= date_day) AND (last_date >= date_day))"
        " AND (newest_date >= date_day))"
    },
}
# streams have calendars of their own: what one loads first is old news to the others
VARS = {"providers": ["generic"], "raw_schema": "raw", "load_lookback_days": 5000}


def keyed_text(key: str, text: str) -> str:
    """HMAC-SHA-256 by Python."""
    return hmac.new(key.encode(), text.encode(), sha256).hexdigest()


def iceberg_jar() -> Path:
    """The Iceberg runtime for Spark 3.5 that the package brings along."""
    spec = importlib.util.find_spec("snowpark_connect_deps_iceberg")
    assert spec and spec.origin
    return next((Path(spec.origin).parent / "jars").glob("iceberg-spark-runtime-3.5_2.12-*.jar"))


class Spark:
    """A session with a warehouse in a folder; dbt runs in the same process, so in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "warehouse").mkdir()

    def dbt(self, name: str, **settings: Any) -> Dbt:
        """dbt on the target `spark`."""
        return Dbt(self.folder / name, target="spark", **settings)

    @property
    def session(self) -> Any:
        """The session, which dbt's first statement opens."""
        from pyspark.sql import SparkSession

        return SparkSession.builder.getOrCreate()

    def sql(self, sql: str) -> list[tuple]:
        """The rows of a statement."""
        return [tuple(row) for row in self.session.sql(sql).collect()]

    def append(self, table: str, rows: Iterable[dict[str, str]], columns: list[str]) -> None:
        """Rows of text, blanks as null, as one more load of a raw table."""
        cells = [tuple(row[column] or None for column in columns) for row in rows]
        schema = ", ".join(f"{column} string" for column in columns)
        self.session.sql(f"create schema if not exists {table.split('.')[0]}")
        self.session.sql(f"create table if not exists {table} ({schema}) using {FORMAT}")
        self.session.createDataFrame(cells, schema).writeTo(table).append()

    def drop(self, *schemas: str) -> None:
        """Drop schemas, table by table: Iceberg would remember those of a `drop ... cascade`."""
        for schema in schemas:
            views = {row[1] for row in self.sql(f"show views in {schema}")}
            for _, name, _ in self.sql(f"show tables in {schema}"):
                self.sql(f"drop {'view' if name in views else 'table'} {schema}.{name}")
            self.sql(f"drop schema {schema}")


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    """A session of its own. Python shows Spark's times in the zone of the process: UTC."""
    spark = Spark(tmp_path_factory.mktemp("spark"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        patch.setenv("SPARK_WAREHOUSE", str(spark.folder / "warehouse"))
        patch.setenv("SPARK_JARS", os.environ.get("SPARK_JARS") or str(iceberg_jar()))
        patch.setenv("SPARK_MASTER", "local[2]")
        # small tables: more of them would only be more tasks
        patch.setenv("SPARK_PARTITIONS", "2")
        # the profile's target of a cluster must not be the caller's
        patch.setenv("SPARK_METHOD", "session")
        # Java keeps the environment that it was started with
        patch.setenv("DBT_ENV_SECRET_ID_KEY", KEY)
        yield spark
        spark.session.stop()
    time.tzset()


def test_the_sample_is_equal_to_duckdb(spark: Spark, tmp_path: Path):
    dbt = spark.dbt("sample")
    with nested_loops_by_model() as loops:
        dbt("build", "--exclude-resource-type", "unit_test", "test")
    assert_no_nested_loops(loops)
    assert len(loops) > 90
    assert_equal_to_duckdb(sample_on_duckdb(tmp_path), spark.sql, minimum=18)
    spark.drop("marts", "core", "intermediate", "staging", "seeds")


def test_random_streams_in_two_loads_are_equal_to_duckdb_and_the_reference(
    spark: Spark, tmp_path: Path
):
    rows = [row for number in range(STREAMS) for row in random_stream(12_000 + number)]
    cut = sorted(row["loaded_at"] for row in rows)[len(rows) // 2]
    loads = [
        [row for row in rows if row["loaded_at"] < cut],
        [row for row in rows if row["loaded_at"] >= cut],
    ]
    columns = [column for column in EVENT_COLUMNS if column != "provider"]
    duck = Pipeline(tmp_path / "duckdb")
    dbt = spark.dbt("streams", vars=VARS)
    dbt("seed")
    for statement in stream_seeds():
        spark.sql(statement)
    for load in loads:
        duck.add(load)
        spark.append("raw.events", map(generic_csv_row, load), columns)
        with nested_loops_by_model() as loops:
            dbt("run", *duck.selection)
        assert_no_nested_loops(loops)
    duck.run()
    assert_equal_to_duckdb(duck.dbt.database, spark.sql)
    assert_equals_reference(duck, rows, stream_config())
    before = snapshots(spark)
    with statements() as sent:
        dbt("run", *duck.selection)
    assert snapshots(spark) == before  # nothing new: no table has another version
    assert len(sent) <= NOTHING_NEW, "\n".join(sent)


def test_ids_are_hashed_as_on_duckdb_and_the_key_is_nowhere(spark: Spark, tmp_path: Path):
    dbt = spark.dbt("hashes", vars=VARS | {"hash_ids": True})
    dbt.keeps_log = True
    dbt("seed")
    columns = [column for column in EVENT_COLUMNS if column != "provider"]
    for rows in ([*person(), *others()], person(10)):
        spark.append("raw.events", map(generic_csv_row, rows), columns)
        dbt("run", "-s", "+int_event_log")
    found = spark.sql("select device_id from intermediate.int_event_log where app_id = 'app.one'")
    assert {(keyed(DEVICE),), (keyed(STAYS),), (None,)} == set(found)
    assert files_with(spark.folder, [KEY]) == []


# RFC 4231, test cases 1 and 2, whose keys are text; then keys as long as hash_ids asks for
VECTORS = [
    ("\v" * 20, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (
        "Jefe",
        "what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    *((key, text, keyed_text(key, text)) for key in ("k" * 32, "é" * 32) for text in ("", "ü")),
]


def test_the_hash_is_that_of_rfc_4231(spark: Spark):
    query = "select {{ keyed_hash('texts.text') }} from (select '' as text) as texts"
    query += " cross join {{ id_key() }} as id_key"
    compiled = spark.dbt("rfc")("compile", "--inline", query).output.results[0].node.compiled_code
    getenv = "reflect('java.lang.System', 'getenv', 'DBT_ENV_SECRET_ID_KEY')"
    assert getenv in compiled and "between 32 and 64" in compiled
    compiled_short = compiled.replace("between 32 and 64", "between 1 and 64")
    for key, text, expected in VECTORS:
        sql = compiled_short.replace(getenv, f"'{key}'")
        assert spark.sql(sql.replace("select '' as text", f"select '{text}' as text")) == [
            (expected,)
        ]
    plan = spark.sql("explain extended " + compiled)[0][0]
    assert KEY not in plan and "getenv" in plan


def test_a_value_that_moves_to_another_column_is_another_row(spark: Spark):
    query = "select {{ row_digest(['a', 'b'], 'a') }} as digest from rows_of_two"
    compiled = (
        spark.dbt("digest")("compile", "--inline", query).output.results[0].node.compiled_code
    )
    values = "(values ('x', null), (null, 'x'), ('x', 'x'), (null, null)) as rows_of_two (a, b)"
    assert len(set(spark.sql(compiled.replace("rows_of_two", values)))) == 4


# what a text is read as, of a text that staging has cleaned (`k`), times with their offset (`z`)
READ = {
    "time": "epoch_us(parse_timestamp('z', 'varchar'))",
    "number": "parse_decimal('k', 'varchar')",
    "impression": "parse_decimal('k', 'varchar', 9)",
    "date": "epoch_us('cast(' ~ raw_date({'columns': {'k': 'varchar'}}, 'k') ~ ' as timestamp)')",
    "flag": "raw_boolean({'columns': {'k': 'varchar'}}, 'k')",
    "id": "usable_id(_whole_id('k'))",
}
# (what, text): what DuckDB and Spark say; docs/engines.md lists them
KNOWN: dict[tuple[str, str], tuple[str | None, str | None]] = {
    # an hour that comes twice: the second, the first
    ("time", "2024-10-27 02:30:00 Europe/Berlin"): ("1729992600000000", "1729989000000000"),
    ("time", "2024-11-03 01:30:00 America/New_York"): ("1730615400000000", "1730611800000000"),
    ("time", "2024-03-09 10:00:00 europe/berlin"): ("1709974800000000", None),
    ("time", "2024-03-09 010:00:00"): ("1709978400000000", None),
}
ZONES = ("2024-10-27 02:30:00 Europe/Berlin", "2024-03-31 02:30:00 Europe/Berlin", "1.0", "7.00")


def test_texts_are_read_as_on_duckdb(spark: Spark, tmp_path: Path):
    texts = {*spellings(TIMES), *spellings(NUMBERS), *ZONES}
    texts |= {text for kind in KINDS for text in (kind.cells or {}).values() if len(text) < 200}
    texts = sorted(text.strip('"') for text in texts if "\0" not in text)
    rows = ", ".join(
        f"({n}, {{{{ text_literal({json.dumps(text, ensure_ascii=False)}) }}}})"
        for n, text in enumerate(texts)
    )
    columns = ", ".join(
        f"cast({{{{ {sql} }}}} as {{{{ dbt.type_string() }}}}) as {name}_read"
        for name, sql in READ.items()
    )
    query = (
        f"select x, {columns} from (select n, x, k, {{{{ offset_time_text('k') }}}} as z from ("
        "select n, x, {{ known_text('t') }} as k from ("
        f"select n, x, {{{{ trimmed(binary_text('x')) }}}} as t from (values {rows}) as a (n, x)"
        ") as b) as c) as d order by n"
    )
    sql = [
        dbt("compile", "--inline", query).output.results[0].node.compiled_code
        for dbt in (Dbt(tmp_path), spark.dbt("texts"))
    ]
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        expected = connection.execute(sql[0]).fetchall()
    found = {}
    for ours, theirs in zip(expected, spark.sql(sql[1]), strict=True):
        for name, one, other in zip(READ, ours[1:], theirs[1:], strict=True):
            is_number = name in ("number", "impression") and one and other
            if (Decimal(one) != Decimal(other)) if is_number else one != other:
                found[name, ours[0]] = (one, other)
    assert found == KNOWN, "\n".join(map(repr, found.items()))
    page = (PROJECT_DIR / "docs" / "engines.md").read_text()
    assert not [text for _, text in KNOWN if f"`{text}`" not in page]


def assert_no_nested_loops(loops: dict[str, set[str]]) -> None:
    """No model compares every row of one table with every row of another, but for FEW."""
    found = {
        (model, loop)
        for model, joins in loops.items()
        for loop in joins
        if not any(loop.endswith(f", {known}") for known in FEW.get(model, ()))
    }
    assert not found, "\n".join(map(str, sorted(found)))


@contextlib.contextmanager
def statements() -> Iterator[list[str]]:
    """What dbt sends meanwhile."""
    from dbt.adapters.spark.session import Cursor

    sent: list[str] = []
    execute = Cursor.execute

    def noted(self: Any, sql: str, *parameters: Any) -> None:
        sent.append(" ".join(re.sub(r"/\*.*?\*/", "", sql, flags=re.S).split())[:200])
        execute(self, sql, *parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Cursor, "execute", noted)
        yield sent


def snapshots(spark: Spark) -> dict[str, list[tuple]]:
    """The versions that are kept of each incremental table and mart."""
    history = {
        "iceberg": "select snapshot_id from {}.snapshots order by committed_at",
        "delta": "describe history {}",
    }[FORMAT]
    return {
        table: spark.sql(history.format(table))
        for table in (
            "intermediate.int_event_log",
            "intermediate.int_sessions",
            "intermediate.state_changes",
            "core.fct_installs",
            "core.fct_sessions",
            "core.fct_user_days",
            "intermediate.int_users",
            "marts.mart_cohorts_n_day",
        )
    }
