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
from dbt_common.exceptions import DbtRuntimeError
from dbt_harness import PROJECT_DIR, Dbt
from engines import (
    NUMBERS,
    TIMES,
    assert_equal_to_duckdb,
    sample_on_duckdb,
    spellings,
    stream_seeds,
)
from pipeline import Pipeline, assert_equals_reference, reasons
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
# of Iceberg, for maintain_tables alone: docs/operations.md
EXTENSIONS = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"
STREAMS = 10
# statements of a run with nothing new, at most: docs/engines.md
NOTHING_NEW = 15
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


def test_a_table_is_made_anew_with_other_columns(spark: Spark):
    """As of a model that was edited: another type in the place of the first column."""
    dbt = spark.dbt("columns")
    dbt("show", "--inline", "select 1 as number")  # opens the session, as the profile has it
    spark.sql("create schema if not exists columns")
    for select in ("1 as number, 'a' as name", "'a' as name, 1 as number"):
        spark.sql(f"create or replace table columns.made using {FORMAT} as select {select}")
    assert spark.sql("select * from columns.made") == [("a", 1)]
    spark.drop("columns")


def test_a_killed_run_is_repaired_and_tables_are_looked_after(spark: Spark):
    rows = [row for number in range(3) for row in random_stream(12_000 + number)]
    times = sorted(row["loaded_at"] for row in rows)
    cuts = [0, *(times[len(rows) * third // 3] for third in (1, 2)), times[-1] + 1]
    columns = [column for column in EVENT_COLUMNS if column != "provider"]
    dbt = spark.dbt("kills", vars=VARS)
    run = ("run", "--select", "+mart_as_of", "+fct_sessions")
    dbt("seed")
    for number in range(3):
        load = [row for row in rows if cuts[number] <= row["loaded_at"] < cuts[number + 1]]
        spark.append("raw.events", map(generic_csv_row, load), columns)
        if number == 1:
            with killed_at("merge into core.fct_sessions "):
                assert not dbt(*run, check=False).success
            assert "core.fct_sessions__scratch_rebuilt" in scratch_tables(spark)
            assert spark.sql(UNFINISHED) == [(1,)]
        with statements() as sent:
            done = dbt(*run)
        assert_all_is_noted(spark, sent)
        if number == 1:
            assert reasons(done)["mart_as_of"] == "all, its state is not known"
            assert reasons(done)["int_sessions"] == "none"
            assert_changes_of_a_killed_run_are_undone(spark, dbt, run)
            assert_maintenance_changes_no_row(spark, dbt, run)
    built = contents(spark)
    dbt(*run, "--full-refresh")
    assert contents(spark) == built
    spark.drop("marts", "core", "intermediate", "staging", "seeds", "raw")


def assert_all_is_noted(spark: Spark, sent: list[str]) -> None:
    """By few statements: only tables that are changed row by row note their state at once."""
    notes = [sql for sql in sent if sql.startswith("merge into intermediate.state_models")]
    assert 0 < len(notes) < 40, "\n".join(notes)
    assert spark.sql(UNFINISHED) == []
    assert scratch_tables(spark) == []
    assert [path for path in spark.folder.rglob("*__scratch_*/**/*") if path.is_file()] == []


def assert_changes_of_a_killed_run_are_undone(spark: Spark, dbt: Dbt, run: tuple[str, ...]) -> None:
    """A run with another variable has built a mart, and is killed before it notes that."""
    usual = contents(spark)
    with killed_at("as notes (model_name"):
        assert not dbt(*run, vars={"late_days": 0}, check=False).success
    assert contents(spark)["marts.mart_as_of"] != usual["marts.mart_as_of"]
    again = reasons(dbt(*run))
    assert again["mart_as_of"] == "all, its state is not known"
    assert again["fct_sessions"] == "none"
    assert contents(spark) == usual
    # a table that is changed row by row: its note is void before the table changes
    with killed_at("'fct_sessions' as model_name", after=1):
        assert not dbt(*run, vars={"reengagement_inactivity_days": 1}, check=False).success
    assert contents(spark)["core.fct_sessions"] != usual["core.fct_sessions"]
    assert reasons(dbt(*run))["fct_sessions"] == "all, its state is not known"
    assert contents(spark) == usual


def assert_maintenance_changes_no_row(spark: Spark, dbt: Dbt, run: tuple[str, ...]) -> None:
    """Files are joined and old versions gone; where the session cannot, it is said."""
    rows = contents(spark)
    before = [files_and_versions(spark, name) for name in rows]
    keep_days = 0 if FORMAT == "iceberg" else 7  # Delta Lake refuses less
    command = ("run-operation", "maintain_tables", "--args", f"{{keep_days: {keep_days}}}")
    spark.sql(f"create table core.fct_sessions__scratch_rebuilt using {FORMAT} as select 1")
    if FORMAT == "iceberg":
        refused = dbt(*command, check=False)
        said = "\n".join(refused.messages)
        assert "needs a session with Iceberg's SQL extensions" in said
    with pytest.MonkeyPatch.context() as patch:
        if FORMAT == "iceberg":
            patch.setenv("SPARK_EXTENSIONS", EXTENSIONS)
        spark.session.stop()
        dbt(*command)
    spark.session.stop()  # the next has no extensions
    assert set(reasons(dbt(*run)).values()) == {"none"}
    assert contents(spark) == rows
    assert scratch_tables(spark) == []
    if FORMAT == "iceberg":
        after = [files_and_versions(spark, name) for name in rows]
        assert sum(files for files, _ in after) < sum(files for files, _ in before)
        # the last version, and what joining its files and manifests made of it
        assert max(versions for _, versions in after) <= 3
        assert files_and_versions(spark, "intermediate.state_models")[0] == 1


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
        with nested_loops_by_model() as loops, statements() as sent:
            dbt("run", *duck.selection)
        assert_no_nested_loops(loops)
        assert_all_is_noted(spark, sent)
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


@contextlib.contextmanager
def killed_at(text: str, after: int = 0) -> Iterator[None]:
    """From the statement with this text on, `after` so many with it, none reaches Spark."""
    from dbt.adapters.spark.session import Cursor

    execute, is_killed, passed = Cursor.execute, False, 0

    def killed(self: Any, sql: str, *parameters: Any) -> None:
        nonlocal is_killed, passed
        is_killed = is_killed or (text in sql and passed == after)
        if is_killed:
            raise DbtRuntimeError("killed")
        passed += text in sql
        execute(self, sql, *parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Cursor, "execute", killed)
        yield
    assert is_killed


UNFINISHED = "select 1 from intermediate.state_models where model_name = 'unfinished_run'"


def tables(spark: Spark) -> list[str]:
    """The tables that models became, and those that they made for themselves."""
    found = []
    for schema in ("intermediate", "core", "marts"):
        views = {row[1] for row in spark.sql(f"show views in {schema}")}
        names = [row[1] for row in spark.sql(f"show tables in {schema}")]
        found += [f"{schema}.{name}" for name in names if name not in views]
    return found


def scratch_tables(spark: Spark) -> list[str]:
    """Those that models made for themselves."""
    return [name for name in tables(spark) if "__scratch_" in name]


def contents(spark: Spark) -> dict[str, tuple]:
    """How many rows each table has, and a digest of them; not of what runs note of themselves."""
    query = "select count(*), sum(cast(xxhash64(to_json(struct(*))) as decimal(38, 0))) from "
    names = [name for name in tables(spark) if ".state_" not in name]
    return {name: spark.sql(query + name)[0] for name in names}


def files_and_versions(spark: Spark, table: str) -> tuple[int, int]:
    """How many data files a table of Iceberg has, and how many versions; of Delta nothing."""
    if FORMAT != "iceberg":
        return 0, 0
    files, versions = (
        spark.sql(f"select count(*) from {table}.{part}")[0][0] for part in ("files", "snapshots")
    )
    return files, versions


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
