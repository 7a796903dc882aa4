"""A cloud warehouse that is not there: dbt's real adapter over a DuckDB in place of a connection.

Every statement that dbt would send is parsed by sqlglot in the warehouse's dialect, must be
understood whole, and is then translated to DuckDB's and run. So dbt's questions (which tables are
there, what are their columns, how far has a model come) have true answers, incremental runs take
the path that they would take, and what comes out can be compared with what the duckdb target
builds. That is sqlglot's opinion of the dialect, and not the warehouse's.
"""

from __future__ import annotations

import contextlib
import csv
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import sqlglot
from dbt.adapters.base import BaseRelation
from dbt.adapters.contracts.connection import AdapterResponse, ConnectionState
from dbt.adapters.factory import FACTORY
from dbt_common.clients.agate_helper import table_from_data_flat
from sqlglot import exp

# what the adapters ask the warehouse about itself, and what is no table's business
SESSION_STATEMENTS = (
    exp.Transaction,
    exp.Commit,
    exp.Grant,
    exp.Set,
    exp.Comment,
    exp.Use,
    exp.Command,
    exp.Export,
)


# dbt-databricks' own statement after each change of a clustered table; sqlglot does not know it
OPTIMIZE = re.compile(r"\s*(/\*.*?\*/)?\s*optimize `", re.DOTALL)


class NotUnderstood(AssertionError):
    """A statement that sqlglot does not parse whole in the warehouse's dialect."""


class StandIn:
    """One warehouse.

    Arguments:
        target: target in profiles.yml, which is the name of the adapter and of sqlglot's dialect.
        database: database, catalog or project of that target.
    """

    def __init__(self, target: str, database: str):
        self.target = target
        self.dialect = target
        self.database = database
        self.statements: list[tuple[str, exp.Expression]] = []
        self.judge: Any = None
        self._lock = threading.RLock()
        self._duckdb = duckdb.connect(":memory:", config={"threads": 2})
        self._duckdb.execute("set TimeZone = 'UTC'")
        self._duckdb.execute(f"attach ':memory:' as \"{database}\"")
        self._duckdb.execute(f'use "{database}"')
        for definition in [*MACROS["all"], *MACROS.get(target, [])]:
            self._duckdb.execute(f"create macro {definition}")
        FACTORY.load_plugin(target)
        self._adapter = FACTORY.get_adapter_class_by_name(target)

    def query(self, sql: str) -> list[tuple]:
        """Rows of a query in DuckDB's own SQL."""
        with self._lock:
            return self._duckdb.execute(sql).fetchall()

    def load_csv(
        self, schema: str, name: str, file: Path, types: dict[str, str], where: str = "true"
    ):
        """Make a table of a CSV file, as `dbt seed` would.

        Arguments:
            schema: schema of the table.
            name: name of the table.
            file: the file, with a header.
            types: {column: type} in the dialect; other columns are text.
            where: condition, in DuckDB's SQL, of the rows to load.
        """
        with file.open(newline="") as lines:
            names = next(csv.reader(lines))
        columns = {
            column: exp.DataType.build(types[column], dialect=self.dialect).sql("duckdb")
            if column in types
            else "VARCHAR"
            for column in names
        }
        if self.judge:
            kinds = {column: types.get(column, "string") for column in names}
            self.judge.add_table((self.database, schema, name), kinds)
        self.query(f'create schema if not exists "{schema}"')
        self.query(
            f'create or replace table "{schema}"."{name}" as select * from read_csv('
            f"'{file}', header = true, columns = {columns}, auto_detect = false, "
            f"nullstr = '', delim = ',', quote = '\"', escape = '\"') where {where}"
        )

    def parse(self, sql: str) -> list[exp.Expression]:
        """The statements of a text.

        Raises:
            NotUnderstood: sqlglot does not know a part of it, or keeps a statement as mere text.
        """
        try:
            parsed = sqlglot.parse(sql, read=self.dialect)
        except sqlglot.errors.SqlglotError as error:
            raise NotUnderstood(f"{self.target}: {error}\n{sql}") from error
        found = [expression for expression in parsed if expression and not is_comment(expression)]
        for expression in found:
            if expression.find(exp.Command) and not OPTIMIZE.match(sql):
                raise NotUnderstood(f"{self.target}: not parsed, kept as text:\n{sql}")
            for name in ambiguous_ctes(expression):
                raise NotUnderstood(f"{self.target}: {name} in two WITH, one in the other:\n{sql}")
        return found

    def split(self, sql: str) -> Iterator[str]:
        """The statements of a text, as they are written."""
        start = 0
        for token in sqlglot.tokenize(sql, read=self.dialect):
            if token.text == ";":
                yield sql[start : token.start]
                start = token.end + 1
        if sql[start:].strip():
            yield sql[start:]

    def run(self, sql: str) -> tuple[list[str], list[tuple]]:
        """Run the statements of a text; the column names and rows of the last.

        Raises:
            NotUnderstood: see `parse`, or DuckDB does not run what sqlglot made of it.
        """
        expressions = self.parse(sql)
        if self.judge and expressions:
            for statement in self.split(sql):
                self.judge.take(statement)
        if self.target == "databricks" and len(expressions) != 1:
            raise NotUnderstood(f"databricks takes one statement at a time:\n{sql}")
        names: list[str] = []
        rows: list[tuple] = []
        with self._lock:
            for expression in expressions:
                self.statements.append((sql, expression))
                if isinstance(expression, SESSION_STATEMENTS) or is_storage(expression):
                    continue
                if any(
                    table.db.lower() == "information_schema"
                    for table in expression.find_all(exp.Table)
                ):
                    names, rows = [select.alias_or_name for select in expression.selects], []
                    continue
                if isinstance(expression, exp.Alter) and self._is_view(expression.this):
                    expression.set("kind", "VIEW")
                translated = translate(expression.copy(), self.dialect)
                try:
                    result = self._duckdb.execute(translated)
                except duckdb.Error as error:
                    raise NotUnderstood(
                        f"{self.target}: {error}\n--- sent:\n{sql}\n--- as DuckDB:\n{translated}"
                    ) from error
                names = [column[0] for column in result.description or []]
                rows = result.fetchall()
        return names, rows

    @contextlib.contextmanager
    def connected(self) -> Iterator[None]:
        """dbt's adapter of this target talks to this object while the context lasts."""
        manager = self._adapter.ConnectionManager
        with contextlib.ExitStack() as stack:
            for owner, replacements in (
                (manager, self._manager_methods()),
                (self._adapter, self._adapter_methods()),
            ):
                for name, method in replacements.items():
                    if hasattr(owner, name):
                        stack.enter_context(patch.object(owner, name, method))
            yield

    def _manager_methods(self) -> dict[str, Any]:
        def open_connection(connection):
            connection.state = ConnectionState.OPEN
            connection.handle = object()
            return connection

        def execute(manager, sql, auto_begin=False, fetch=False, limit=None, **_):
            names, rows = self.run(sql)
            data = [dict(zip(names, row, strict=True)) for row in rows]
            return AdapterResponse("OK"), table_from_data_flat(data, names)

        def add_query(manager, sql, auto_begin=True, bindings=None, abridge_sql_log=False, **_):
            self.run(sql)
            return manager.get_thread_connection(), None

        def nothing(manager, *args, **kwargs):
            return None

        def close(connection):
            connection.state = ConnectionState.CLOSED
            return connection

        return {
            "open": staticmethod(open_connection),
            "close": staticmethod(close),
            "execute": execute,
            "add_query": add_query,
            "begin": nothing,
            "commit": nothing,
            "commit_if_has_connection": nothing,
            "rollback_if_open": nothing,
            "clear_transaction": nothing,
            "cancel_open": lambda manager: [],
            "compare_dbr_version": lambda manager, major, minor: 1,
            "is_cluster": lambda manager: False,
        }

    def _adapter_methods(self) -> dict[str, Any]:
        def list_schemas(adapter, database):
            return [
                self._stored(row[0])
                for row in self.query(
                    "select schema_name from information_schema.schemata "
                    f"where catalog_name = '{self.database}'"
                )
            ]

        def list_relations(adapter, schema_relation):
            return [
                adapter.Relation.create(
                    database=self._stored(self.database),
                    schema=self._stored(schema_relation.schema),
                    identifier=self._stored(name),
                    type="view" if kind == "VIEW" else "table",
                    **({"is_delta": True} if self.target == "databricks" else {}),
                )
                for name, kind in self.query(
                    "select table_name, table_type from information_schema.tables "
                    f"where table_catalog = '{self.database}' "
                    f"and lower(table_schema) = lower('{schema_relation.schema}')"
                )
            ]

        def columns_of(adapter, described: list[tuple]):
            return [
                adapter.Column.create(self._stored(name), self._type(kind))
                for name, kind, *_ in described
            ]

        def get_columns_in_relation(adapter, relation):
            return columns_of(adapter, self.query(f"describe {self._duckdb_name(relation)}"))

        def get_column_schema_from_query(adapter, sql, *_):
            (expression,) = self.parse(sql)
            return columns_of(
                adapter, self.query(f"describe {translate(expression, self.dialect)}")
            )

        def create_schema(adapter, relation):
            self.query(f'create schema if not exists "{relation.schema}"')

        def drop_relation(adapter, relation):
            adapter.cache_dropped(relation)
            name = self._duckdb_name(relation)
            for kind in ("view", "table"):
                with contextlib.suppress(duckdb.CatalogException):
                    self.query(f"drop {kind} if exists {name}")

        def nothing(adapter, *args, **kwargs):
            return None

        methods: dict[str, Any] = {
            "list_schemas": list_schemas,
            "check_schema_exists": lambda adapter, database, schema: (
                schema in list_schemas(adapter, database)
            ),
            "list_relations_without_caching": list_relations,
            "get_columns_in_relation": get_columns_in_relation,
            "get_column_schema_from_query": get_column_schema_from_query,
            "create_schema": create_schema,
            "drop_relation": drop_relation,
            "expand_target_column_types": nothing,
        }
        if self.target == "redshift":
            methods |= {"_link_cached_relations": nothing, "verify_database": nothing}
        if self.target == "bigquery":
            methods |= {
                "is_replaceable": lambda adapter, *args: True,
                "update_columns": nothing,
                "update_table_description": nothing,
            }
        if self.target == "databricks":
            methods |= {
                "has_capability": lambda adapter, capability: True,
                "has_dbr_capability": lambda adapter, name: True,
                "is_cluster": lambda adapter: False,
                # stored as the model says: there is nothing to alter
                "get_relation_config": lambda adapter, relation, model_config=None: model_config,
                # what `describe extended` would add: list_relations said it is a Delta table
                "_set_relation_information": lambda adapter, relation: relation,
            }
        return methods

    def _type(self, kind: str) -> str:
        """A type of DuckDB's, as the warehouse would call it."""
        if self.target == "bigquery" and kind.startswith("DECIMAL"):
            return "NUMERIC"  # without digits
        if self.target == "redshift" and kind == "VARCHAR":
            return "character varying(65535)"
        if self.target in UTC_TIMESTAMPS and kind == "TIMESTAMP":
            return "timestamp" if self.target == "databricks" else "TIMESTAMP"
        return exp.DataType.build(kind, dialect="duckdb").sql(self.dialect)

    def _is_view(self, table: exp.Table) -> bool:
        return bool(
            self.query(
                "select 1 from information_schema.tables where table_type = 'VIEW' "
                f"and table_schema = '{table.db}' and table_name = '{table.name}'"
            )
        )

    def _stored(self, name: str) -> str:
        """A name that was written without quotes as the warehouse keeps it."""
        return name.upper() if self.target == "snowflake" else name

    def _duckdb_name(self, relation: BaseRelation) -> str:
        name = f'"{relation.identifier}"'  # a temporary table has no schema
        return f'"{self.database}"."{relation.schema}".{name}' if relation.schema else name


# Functions that sqlglot passes on by their names, as DuckDB macros.
MACROS: dict[str, list[str]] = {
    "all": ["try_zoned(text) as timezone('UTC', try_cast(text as timestamptz))"],
    "snowflake": [
        "from_base(hex, base) as cast('0x' || hex as bigint)",
        "try_to_timestamp_tz(text) as try_cast(text as timestamptz)",
        "try_to_timestamp_ntz(text) as try_cast(text as timestamp)",
    ],
    "bigquery": ["json_strip_nulls(json) as json_merge_patch('{}', json)"],
    "redshift": ["from_base(hex, base) as cast('0x' || hex as bigint)"],
    "databricks": [
        "current_timezone() as current_setting('TimeZone')",
        "timestamp_micros(us) as make_timestamp(us)",
        # of 16 hex digits: the 64 bits as a signed number
        "conv(hex, base, signed_base) as (cast('0x' || hex as ubigint)::bit::bigint)",
    ],
    "trino": [
        "from_base(hex, base) as cast('0x' || hex as bigint)",
        "at_timezone(zoned, zone) as timezone(zone, zoned)",
        "with_timezone(plain, zone) as timezone(zone, plain)",
        "from_unixtime_nanos(ns) as "
        "timezone('UTC', make_timestamp(cast(cast(ns as hugeint) // 1000 as bigint)))",
    ],
}

# whose timestamp is an instant
UTC_TIMESTAMPS = {"bigquery", "databricks"}
JSON_OBJECTS = {"object", "object_construct_keep_null"}
JSON_TEXTS = {"json_serialize"}


def ambiguous_ctes(expression: exp.Expression) -> list[str]:
    """CTEs with the name of an earlier one of a WITH around them, which Spark 3 refuses."""
    found = []
    for cte in expression.find_all(exp.CTE):
        around = cte.parent.find_ancestor(exp.CTE)
        while around:
            earlier = around.parent.expressions[: around.parent.expressions.index(around)]
            if cte.alias in [other.alias for other in earlier]:
                found.append(cte.alias)
            around = around.parent.find_ancestor(exp.CTE)
    return found


def is_comment(expression: exp.Expression) -> bool:
    """Nothing but a comment, which sqlglot parses as a semicolon."""
    return isinstance(expression, exp.Semicolon)


def typed_select(create: exp.Create) -> None:
    """Make `create table t (a int) as select` one with casts: DuckDB takes no types there."""
    columns = [column for column in create.this.expressions if isinstance(column, exp.ColumnDef)]
    query = (
        create.expression.unnest()
        if isinstance(create.expression, exp.Paren)
        else create.expression
    )
    create.set("this", create.this.this)
    create.set(
        "expression",
        exp.select(
            *(
                exp.cast(exp.column(c.name), c.kind).as_(c.name) if c.kind else c.name
                for c in columns
            )
        ).from_(exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier("typed")))),
    )


def translate_call(node: exp.Anonymous) -> exp.Expression:
    """A function that sqlglot passes on by its name, in DuckDB's terms."""
    if node.name.lower() in JSON_OBJECTS:
        return exp.Anonymous(this="json_object", expressions=node.expressions)
    if node.name.lower() in JSON_TEXTS:
        return exp.cast(node.expressions[0], "varchar")
    if node.name.lower() == "xxhash64":  # of any number of arguments, as a macro cannot be
        bits = exp.Anonymous(this="hash", expressions=node.expressions)
        half = exp.BitwiseRightShift(this=bits, expression=exp.Literal.number(1))
        return exp.cast(half, "bigint")
    return node


def is_storage(expression: exp.Expression) -> bool:
    """An alteration of how a table is stored or described, which DuckDB has no counterpart of."""
    return isinstance(expression, exp.Alter) and not any(
        isinstance(action, exp.AlterRename) for action in expression.args.get("actions") or []
    )


def simplify_create(create: exp.Create) -> None:
    """Leave out how a table is stored, and make a table of any statement that may find one."""
    create.set("properties", None)
    create.set("clone", None)
    if create.kind == "TABLE":
        create.set("replace", True)
        create.set("exists", None)
        if isinstance(create.this, exp.Schema) and create.expression:
            typed_select(create)


def of_snowflake(expression: exp.Expression) -> None:
    """Hex numbers by a format of X, and quotients of a multiple, exact there, a double here."""
    for number in list(expression.find_all(exp.ToNumber)):
        if set(number.text("format")) == {"X"}:
            digits = [number.this, exp.Literal.number(16)]
            number.replace(exp.Anonymous(this="from_base", expressions=digits))
    for division in list(expression.find_all(exp.Div)):
        if isinstance(division.this.unnest(), exp.Sub) and division.this.find(exp.Mod):
            division.replace(exp.IntDiv(this=division.this, expression=division.expression))


def of_trino(expression: exp.Expression) -> None:
    """A text as JSON, which is quoted; groups of a pattern; six digits in a timestamp's text."""
    for replaced in list(expression.find_all(exp.RegexpReplace)):
        by = replaced.args.get("replacement")
        if isinstance(by, exp.Literal):
            by.set("this", re.sub(r"\$(\d)", r"\\\1", by.this))
    for cast in list(expression.find_all(exp.Cast)):
        if cast.to.is_type("json"):
            cast.replace(exp.Anonymous(this="to_json", expressions=[cast.this]))
    form = exp.Literal.string("%Y-%m-%d %H:%M:%S.%f")
    for cast in list(expression.find_all(exp.Cast)):
        inner = cast.this
        is_text = cast.to.is_type("varchar") and isinstance(inner, exp.Cast)
        if is_text and inner.to.is_type("timestamp"):
            cast.replace(exp.Anonymous(this="strftime", expressions=[inner, form.copy()]))
    divide_whole_numbers(expression)


def divide_whole_numbers(expression: exp.Expression) -> None:
    """The quotient of whole numbers is one, cut towards zero; ours divide only doubles besides."""
    for division in reversed(list(expression.find_all(exp.Div))):
        left, right = division.this, division.expression
        is_double = isinstance(left, exp.Cast) and left.to.is_type("double")
        if not is_double and not (right.is_number and not right.is_int):
            division.replace(exp.IntDiv(this=left, expression=right))


def plain_timestamps(expression: exp.Expression) -> None:
    """Where a timestamp is an instant, shown in UTC: DuckDB's without a zone says the same."""
    for cast in list(expression.find_all(exp.TryCast)):
        if cast.to.is_type("timestamptz"):
            cast.replace(exp.Anonymous(this="try_zoned", expressions=[cast.this.copy()]))
    for kind in list(expression.find_all(exp.DataType)):
        if kind.is_type("timestamptz"):
            kind.replace(exp.DataType.build("timestamp", dialect="duckdb"))


def of_databricks(expression: exp.Expression) -> None:
    """Timestamps, and from_utc_timestamp, of whose two steps sqlglot takes one."""
    plain_timestamps(expression)
    for shift in list(expression.find_all(exp.AtTimeZone)):
        utc = exp.Anonymous(this="timezone", expressions=[exp.Literal.string("UTC"), shift.this])
        shift.replace(exp.Anonymous(this="timezone", expressions=[shift.args["zone"], utc]))


def of_bigquery(expression: exp.Expression) -> None:
    """Timestamps, formats, numeric without digits, which has 38 and 9 of them, approx_quantiles.

    Of few values that is the least, then those that at least 1/n, 2/n, ... of all do not exceed.
    """
    plain_timestamps(expression)
    for text in list(expression.find_all(exp.Format)):  # DuckDB's own `format` is another one
        text.replace(exp.Anonymous(this="printf", expressions=[text.this, *text.expressions]))
    for quantiles in list(expression.find_all(exp.ApproxQuantiles)):
        n = int(quantiles.expression.name)
        shares = exp.Array(expressions=[exp.Literal.number(i / n) for i in range(n + 1)])
        actual = exp.Anonymous(this="quantile_disc", expressions=[quantiles.this, shares])
        quantiles.replace(actual)
    for kind in list(expression.find_all(exp.DataType)):
        if kind.this in (exp.DataType.Type.DECIMAL, exp.DataType.Type.BIGDECIMAL):
            kind.replace(exp.DataType.build("decimal(38, 9)", dialect="duckdb"))


def of_redshift(expression: exp.Expression) -> None:
    """Quotients, and approximate percentile_disc: an actual value, of few the one without it."""
    divide_whole_numbers(expression)
    for percentile in list(expression.find_all(exp.ApproxQuantile)):
        arguments = [percentile.this, percentile.args["quantile"]]
        percentile.replace(exp.Anonymous(this="quantile_disc", expressions=arguments))


# what sqlglot cannot know, or gets wrong, on the way to DuckDB
CORRECTIONS = {
    "snowflake": of_snowflake,
    "bigquery": of_bigquery,
    "databricks": of_databricks,
    "redshift": of_redshift,
    "trino": of_trino,
}


def translate(expression: exp.Expression, dialect: str) -> str:
    """A statement in DuckDB's SQL, without what says how the warehouse stores the table."""
    for create in expression.find_all(exp.Create):
        simplify_create(create)
    CORRECTIONS[dialect](expression)
    for call in reversed(list(expression.find_all(exp.Anonymous))):  # the inner ones first
        replacement = translate_call(call)
        if call is not replacement:
            call.replace(replacement)
    return expression.sql("duckdb", unsupported_level=sqlglot.ErrorLevel.IGNORE)
