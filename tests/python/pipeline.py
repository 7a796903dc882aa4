"""The project on a folder of raw event files, load by load, and what its tables are compared with.

Databases start from one that was seeded once, with the settings, currencies and event types of
`streams.py`, so that streams of all tests can share a build. All pipelines of a process see their
raw files under one path, a symbolic link, so that dbt parses the project once for all of them.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import reference
from dbt_harness import DATABASE_FILE, Dbt, DbtResult
from streams import (
    EXCHANGE_RATES,
    MIN_OPEN_INTERVALS,
    SESSION_SETTINGS,
    Row,
    write_generic_csv,
)

# what models write about themselves, and what is known of files: equal only if the loads are
BOOKKEEPING = {
    "state_changed_loads",
    "state_changes",
    "state_models",
    "state_file_rows",
    "state_files",
    "state_runs",
}
INCREMENTAL = {
    "int_event_log": "intermediate",
    "int_event_loads": "intermediate",
    "int_sessions": "intermediate",
    "int_crossing_sessions": "intermediate",
    "int_install_clues": "intermediate",
    "int_money_events": "intermediate",
    "int_daily_active_users": "intermediate",
    "int_daily_activity": "intermediate",
    "int_daily_sessions": "intermediate",
    "int_install_date_activity": "intermediate",
    "int_install_days": "intermediate",
    "int_user_milestones": "intermediate",
    "fct_installs": "core",
    "fct_sessions": "core",
    "fct_user_days": "core",
    "int_users": "intermediate",
    "int_session_steps": "intermediate",
    "int_vendor_session_parts": "intermediate",
    "int_session_agreement": "intermediate",
    "mart_session_agreement": "marts",
    "mart_session_paths": "marts",
    "mart_users": "marts",
}
# predictions: built whole, a quarter of a run's time, and tested by themselves
PREDICTIONS = ("int_ltv_points+", "int_churn_points+", "int_forecast_days+")
# what dbt selects to build the incremental models
INCREMENTAL_SELECTION = tuple(f"+{name}" for name in INCREMENTAL)
SETTING_COLUMNS = (
    "app_id",
    "platform",
    "session_timeout_seconds",
    "close_grace_seconds",
    "max_session_seconds",
    "reporting_timezone",
)

_home: Path | None = None


def workspace() -> Path:
    """The process's folder for the raw link and the seeded database; removed at the end."""
    global _home
    if _home is None:
        _home = Path(tempfile.mkdtemp(prefix="app_sessions_pipeline_"))
        atexit.register(shutil.rmtree, _home, ignore_errors=True)
    return _home


def pipeline_vars() -> dict[str, Any]:
    """Vars of a project that reads the `generic` layout from a folder and nothing else."""
    return {"providers": ["generic"], "raw_path": str(workspace() / "raw")}


def seeded_database() -> Path:
    """A database with the seeds of the streams and no event yet; made once per process."""
    folder = workspace() / "seeded"
    if not (folder / DATABASE_FILE).exists():
        dbt = Dbt(folder, vars=pipeline_vars())
        dbt("seed")
        with duckdb.connect(str(dbt.database)) as connection:
            write_stream_seeds(connection)
    return folder / DATABASE_FILE


def write_stream_seeds(connection: duckdb.DuckDBPyConnection) -> None:
    """Put the settings and exchange rates of `streams.py` in place of the project's."""
    set_session_settings(connection, SESSION_SETTINGS)
    connection.execute("delete from seeds.provider_settings")
    connection.executemany(
        "insert into seeds.provider_settings (provider, min_open_interval_seconds) values (?, ?)",
        [[provider, seconds] for provider, seconds in MIN_OPEN_INTERVALS.items()],
    )
    connection.execute("delete from seeds.exchange_rates")
    for currency, rates in EXCHANGE_RATES.items():
        for valid_from, usd_per_unit in rates:
            connection.execute(
                "insert into seeds.exchange_rates (currency, valid_from, usd_per_unit)"
                " values (?, ?, ?)",
                [currency, valid_from, usd_per_unit],
            )


def set_session_settings(
    connection: duckdb.DuckDBPyConnection, rows: Iterable[dict[str, str]]
) -> None:
    """Replace the rows of the seed session_settings, cells as `dbt seed` loads them."""
    connection.execute("delete from seeds.session_settings")
    for row in rows:
        connection.execute(
            f"insert into seeds.session_settings ({', '.join(SETTING_COLUMNS)})"
            f" values ({', '.join('?' * len(SETTING_COLUMNS))})",
            [row.get(column) or None for column in SETTING_COLUMNS],
        )


class Pipeline:
    """One database and one folder of raw files.

    Arguments:
        folder: where both go.
        vars: vars on top of `pipeline_vars()`.
        select: what `run` selects; all models by default.
        raw: the folder of raw files, by default `raw` in `folder`.
        predicts: whether `run` builds predictions, too, where nothing is selected.
    """

    def __init__(
        self,
        folder: Path,
        vars: dict[str, Any] | None = None,
        select: Sequence[str] = (),
        raw: Path | None = None,
        predicts: bool = False,
    ):
        self.folder = Path(folder)
        self.predicts = predicts
        self.raw = raw or self.folder / "raw"
        self.kept = self.folder / "kept"
        self.events = self.raw / "events"
        self.events.mkdir(parents=True, exist_ok=True)
        self.select = ["--select", *select] if select else []
        self.dbt = Dbt(self.folder, vars=pipeline_vars() | (vars or {}))
        self.files = 0
        if not self.dbt.database.exists():
            shutil.copy(seeded_database(), self.dbt.database)

    def add(self, rows: Iterable[Row], name: str | None = None) -> Path:
        """Write rows as one more event file."""
        self.files += 1
        path = self.events / (name or f"load_{self.files:03}.csv")
        write_generic_csv(rows, path)
        return path

    def deliver(self, changes: Iterable[tuple[str, Sequence[Row] | None]]) -> None:
        """Write event files anew, or archive those without rows; `kept` has the last of each."""
        kept = self.kept / "events"
        kept.mkdir(parents=True, exist_ok=True)
        for name, rows in changes:
            if rows is None:
                (self.events / name).unlink()
            else:
                write_generic_csv(rows, self.events / name)
                shutil.copy2(self.events / name, kept / name)

    def run(
        self, *args: str, command: str = "run", vars: dict[str, Any] | None = None, **kwargs: Any
    ) -> DbtResult:
        """`dbt run` on the raw files as they are now."""
        self.point()
        selection = self.selection if command == "run" else self.select
        return self.dbt(command, *selection, *args, vars=vars, **kwargs)

    @property
    def selection(self) -> list[str]:
        """What `dbt run` is told to build."""
        return self.select or ([] if self.predicts else ["--exclude", *PREDICTIONS])

    def point(self) -> None:
        """Let the shared raw path lead to this pipeline's files."""
        link = workspace() / "raw"
        link.unlink(missing_ok=True)
        link.symlink_to(self.raw, target_is_directory=True)

    def load(self, rows: Iterable[Row], **kwargs: Any) -> DbtResult:
        """One more file, and a run."""
        self.add(rows)
        return self.run(**kwargs)

    def rebuilt(
        self, name: str = "full", vars: dict[str, Any] | None = None, raw: Path | None = None
    ) -> Pipeline:
        """Another database, built from the same files in one run, or from those of `raw`."""
        vars = self.dbt.vars | (vars or {})
        twin = Pipeline(self.folder / name, vars=vars, raw=raw or self.raw, predicts=self.predicts)
        twin.select = self.select
        with self.connect() as connection:
            seeds = {
                table: connection.execute(f"select * from seeds.{table}").fetchall()
                for table in (
                    "session_settings",
                    "provider_settings",
                    "exchange_rates",
                    "event_types",
                    "channel_mapping",
                    "erased_users",
                )
            }
        with twin.connect(read_only=False) as connection:
            for table, rows in seeds.items():
                connection.execute(f"delete from seeds.{table}")
                if rows:
                    marks = ", ".join("?" * len(rows[0]))
                    connection.executemany(f"insert into seeds.{table} values ({marks})", rows)
        twin.run()
        return twin

    def connect(self, read_only: bool = True) -> duckdb.DuckDBPyConnection:
        """A connection of one's own to the database."""
        connection = duckdb.connect(str(self.dbt.database), read_only=read_only)
        connection.execute("set TimeZone = 'UTC'")
        return connection

    def query(self, sql: str) -> list[tuple]:
        """Rows of a query on the database."""
        return self.dbt.query(sql)

    def count(self, relation: str, where: str = "true") -> int:
        """How many rows of a relation fulfil a condition."""
        return self.query(f"select count(*) from {relation} where {where}")[0][0]

    def fingerprints(self) -> dict[str, tuple]:
        """Rows with their places, and tables' own numbers: what is written anew changes them."""
        with self.connect() as connection:
            built = built_tables(connection, Path(DATABASE_FILE).stem)
            prints = {
                name: connection.execute(
                    f"select count(*), bit_xor(hash(rowid, t)) from {schema}.{name} as t"
                ).fetchone()
                for name, schema in INCREMENTAL.items()
                if not self.select or f"{schema}.{name}" in built
            }
            prints["tables"] = tuple(
                connection.execute(
                    "select schema_name, table_name, table_oid from duckdb_tables()"
                    " where schema_name in ('intermediate', 'core', 'marts') order by all"
                ).fetchall()
            )
            prints["state_models"] = tuple(
                connection.execute("select * from intermediate.state_models order by 1").fetchall()
            )
        return prints


def reasons(result: DbtResult) -> dict[str, str]:
    """What each model's line says of its run."""
    return {
        node.node.name: node.message
        for node in result.output.results
        if node.node and node.node.resource_type == "model"
    }


# ------------------------------------------------------------------------- table against table


@dataclass
class Difference:
    """One table that differs between two databases: how often, and some of the rows."""

    table: str
    counts: tuple[int, int]
    rows: list[str]

    def __str__(self) -> str:
        head = (
            f"{self.table}: {self.counts[0]} rows only in one, {self.counts[1]} only in the other"
        )
        return "\n  ".join([head, *self.rows])


def built_tables(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, list[tuple]]:
    """Every table that dbt built, bookkeeping aside, with its columns and types."""
    columns: dict[str, list[tuple]] = {}
    for schema, table, name, data_type in connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns()"
        " where database_name = ? and schema_name in ('intermediate', 'core', 'marts')"
        " and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables()"
        " where database_name = ?) order by schema_name, table_name, column_index",
        [catalog, catalog],
    ).fetchall():
        if table not in BOOKKEEPING:
            columns.setdefault(f"{schema}.{table}", []).append((name, data_type))
    return columns


def differences(
    one: Path, other: Path, shown: int = 6, without: Sequence[str] = ()
) -> list[Difference]:
    """How all built tables of two database files differ: columns, types, and rows as multisets.

    Columns named in `without` are not compared.
    """
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        ours, theirs = built_tables(connection, "one"), built_tables(connection, "other")
        found = []
        for table in sorted({*ours, *theirs}):
            if ours.get(table) != theirs.get(table):
                found.append(
                    Difference(table, (0, 0), [str(ours.get(table)), str(theirs.get(table))])
                )
                continue
            compared = [f'"{name}"' for name, _ in ours[table] if name not in without]
            columns = "select " + ", ".join(compared)
            # a sum of hashes is quick, and says which tables have to be looked at
            digest = f"select count(*), sum(hash({', '.join(compared)}))"
            digests = connection.execute(
                f"{digest} from one.{table} union all {digest} from other.{table}"
            ).fetchall()
            if digests[0] == digests[1]:
                continue
            rows: list[str] = []
            counts = []
            for sign, left, right in (("-", "one", "other"), ("+", "other", "one")):
                sql = f"{columns} from {left}.{table} except all {columns} from {right}.{table}"
                counts.append(connection.execute(f"select count(*) from ({sql})").fetchone()[0])
                if counts[-1]:
                    result = connection.execute(f"select * from ({sql}) order by all limit {shown}")
                    names = [column[0] for column in result.description]
                    rows += [
                        f"{sign} "
                        + ", ".join(
                            f"{name}={value}"
                            for name, value in zip(names, row, strict=True)
                            if value is not None
                        )
                        for row in result.fetchall()
                    ]
            if any(counts):
                found.append(Difference(table, (counts[0], counts[1]), rows))
        return found


def assert_equal_tables(
    one: Pipeline, other: Pipeline, minimum: int = 8, without: Sequence[str] = ()
) -> int:
    """All built tables of two pipelines are equal, column by column; how many there are."""
    found = differences(one.dbt.database, other.dbt.database, without=without)
    assert not found, "\n".join(map(str, found))
    with one.connect() as connection:
        count = len(built_tables(connection, Path(DATABASE_FILE).stem))
    if not one.select:
        assert count >= minimum, f"only {count} tables were compared"
    return count


# --------------------------------------------------------------------- tables against reference


def reference_tables(
    rows: Iterable[Row], config: reference.Config, log: Sequence[dict[str, Any]] = ()
) -> dict[str, list[dict[str, Any]]]:
    """What the reference says of the tables of `KEYS`."""
    dedup = deduplicated(rows, config, log)
    sessions = reference.sessionize(dedup.accepted, config)
    installed = reference.installs(dedup.accepted, config)
    return {
        "int_event_loads": reference.event_loads(dedup),
        "fct_sessions": sessions,
        "fct_installs": installed,
        "fct_user_days": reference.user_days(dedup.accepted, config),
        "mart_session_agreement": reference.session_agreement(dedup.accepted, config),
    }


def deduplicated(
    rows: Iterable[Row], config: reference.Config, log: Sequence[dict[str, Any]] = ()
) -> reference.Deduplication:
    """What the reference accepts of rows.

    Of copies with one id, one load and different contents the definitions allow any, as long as
    it does not depend on the order of loads: where `log` (accepted rows of the pipeline) has one
    of them, that one is taken.
    """
    rows = list(rows)
    chosen = {(row["provider"], row["app_id"], row["event_id"]): row for row in log}

    def rank(row: Row) -> int:
        accepted = chosen.get((row["provider"], row["app_id"], row["event_id"]))
        if accepted is None:
            return 0
        event = reference.canonical_event(row, config)
        return 0 if all(_same(event.get(name), value) for name, value in accepted.items()) else 1

    return reference.deduplicate(rows, config, content_rank=rank)


def _same(value: Any, other: Any) -> bool:
    """Whether a raw value and a stored one are one: blanks are null."""
    return (None if value == "" else value) == (None if other == "" else other)


LOGGED = (
    "provider",
    "app_id",
    "event_id",
    "platform",
    "user_id",
    "vendor_session_id",
    "campaign_id",
    "event_name",
    "country",
    "app_version",
    "channel",
    "currency",
    "revenue",
    "ad_revenue_usd",
    "duration_seconds",
    "is_reengagement",
    "epoch_us(event_at) as event_at",
    "epoch_us(loaded_at) as loaded_at",
    "epoch_us(installed_at) as installed_at",
)


def accepted_rows(pipeline: Pipeline) -> list[dict[str, Any]]:
    """The accepted events, times as microseconds."""
    with pipeline.connect() as connection:
        return _rows(
            connection,
            f"select {', '.join(LOGGED)} from intermediate.int_events",
        )


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    result = connection.execute(sql)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def table_rows(pipeline: Pipeline, name: str) -> list[dict[str, Any]]:
    """A table's rows, timestamps as microseconds since the epoch, as the reference has them."""
    schema = INCREMENTAL[name]
    with pipeline.connect() as connection:
        columns = [
            f"epoch_us({column}) as {column}" if data_type.startswith("TIMESTAMP") else column
            for column, data_type in connection.execute(
                "select column_name, data_type from duckdb_columns() where schema_name = ?"
                " and table_name = ? order by column_index",
                [schema, name],
            ).fetchall()
        ]
        return _rows(connection, f"select {', '.join(columns)} from {schema}.{name}")


KEYS = {
    "int_event_loads": reference.EVENT_LOAD_KEY,
    "fct_sessions": ("session_id",),
    "fct_installs": ("user_key", "installed_at", "is_reinstall"),
    "fct_user_days": ("user_key", "activity_date", "day_n"),
    "mart_session_agreement": ("app_id", "platform", "activity_date"),
}
# keys made by hashing, and examples, without a say of the reference
SURROGATES = {
    "int_event_loads": {"event_load_id", "example"},
    "fct_installs": {"install_id"},
    "fct_user_days": {"user_day_id"},
    "mart_session_agreement": {"app_day_id"},
}
# columns of the reference that a table leaves to a join
LEFT_OUT = {"fct_user_days": {"user_id"}}


def reference_differences(
    pipeline: Pipeline, rows: Iterable[Row], config: reference.Config
) -> list[str]:
    """How the built tables that the reference has differ from it, every column of them; empty if
    they do not."""
    found: list[str] = []
    expected = reference_tables(rows, config, accepted_rows(pipeline))
    with pipeline.connect() as connection:
        built = built_tables(connection, Path(DATABASE_FILE).stem)
    for name, wanted in expected.items():
        if pipeline.select and f"{INCREMENTAL[name]}.{name}" not in built:
            continue
        actual = table_rows(pipeline, name)
        if actual and wanted:
            names = set(actual[0]) - SURROGATES.get(name, set())
            if names != set(wanted[0]) - LEFT_OUT.get(name, set()):
                found.append(f"{name}: columns {sorted(names ^ set(wanted[0]))} are not compared")
        ours = _by_key(actual, KEYS[name])
        theirs = _by_key(wanted, KEYS[name])
        if len(ours) != len(actual):
            found.append(f"{name}: {len(actual) - len(ours)} rows share a key")
        for key in sorted({*ours, *theirs}, key=repr):
            one, other = ours.get(key), theirs.get(key)
            if one is None or other is None:
                found.append(
                    f"{name}: only the {'reference' if one is None else 'table'} has {one or other}"
                )
                continue
            wrong = {
                column: (one[column], other[column])
                for column in other
                if column in one and one[column] != other[column]
            }
            if wrong:
                found.append(f"{name} {key}: (table, reference) {wrong}; {other}")
    return found


def _by_key(rows: Iterable[dict[str, Any]], key: Sequence[str]) -> dict[tuple, dict[str, Any]]:
    return {tuple(row[column] for column in key): row for row in rows}


def assert_equals_reference(
    pipeline: Pipeline, rows: Iterable[Row], config: reference.Config
) -> None:
    """The tables that the reference has equal it, row by row and column by column."""
    found = reference_differences(pipeline, rows, config)
    assert not found, f"{len(found)} differences:\n" + "\n".join(found[:10])
