"""BigQuery's language, judged by Google's own analyzer and evaluator, in this process.

PyPI's `zetasql` is GoogleSQL as WebAssembly. It knows names, types and functions as BigQuery does;
it does not know the service: limits, costs and the values of options.
"""

from __future__ import annotations

import ctypes
import re
from typing import Any

import wasmtime
from google._upb import _message
from google.protobuf.message import Message
from zetasql.core.wasm_client import get_tzinfo_dir
from zetasql.wasi import get_wasm_path
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.proto import options_pb2, simple_catalog_pb2
from zetasql.wasi._pb2.zetasql.public import (
    options_pb2 as language,
)
from zetasql.wasi._pb2.zetasql.public import (
    simple_table_pb2,
    type_pb2,
)

# resolved trees of our larger statements are deeper than protobuf's default allows
_message.SetAllowOversizeProtos(True)

# what BigQuery's reference describes, of what concerns statements like ours
FEATURES = """
    ADDITIONAL_STRING_FUNCTIONS ALLOW_DASHES_IN_TABLE_NAME
    ALLOW_MISSING_PATH_EXPRESSION_IN_ALTER_DDL ALTER_COLUMN_SET_DATA_TYPE
    ALTER_TABLE_RENAME_COLUMN ANALYTIC_FUNCTIONS ANNOTATION_FRAMEWORK
    ARRAY_AGGREGATION_FUNCTIONS BIGNUMERIC_TYPE CASE_STMT CIVIL_TIME COLLATION_SUPPORT
    COLUMN_DEFAULT_VALUE CONCAT_MIXED_TYPES CREATE_MATERIALIZED_VIEW_CLUSTER_BY
    CREATE_MATERIALIZED_VIEW_PARTITION_BY CREATE_SNAPSHOT_TABLE
    CREATE_TABLE_AS_SELECT_COLUMN_LIST CREATE_TABLE_CLONE CREATE_TABLE_CLUSTER_BY
    CREATE_TABLE_COPY CREATE_TABLE_FIELD_ANNOTATIONS CREATE_TABLE_LIKE CREATE_TABLE_NOT_NULL
    CREATE_TABLE_PARTITION_BY CREATE_VIEW_WITH_COLUMN_LIST DATE_ARITHMETICS
    DATE_TIME_CONSTRUCTORS DECIMAL_ALIAS DML_UPDATE_WITH_JOIN EXTENDED_DATE_TIME_SIGNATURES
    FOREIGN_KEYS FORMAT_IN_CAST GROUPING_BUILTIN GROUPING_SETS GROUP_BY_ALL GROUP_BY_ROLLUP
    HAVING_IN_AGGREGATE INTERVAL_TYPE IS_DISTINCT JSON_ARRAY_FUNCTIONS
    JSON_CONSTRUCTOR_FUNCTIONS JSON_LAX_VALUE_EXTRACTION_FUNCTIONS JSON_MUTATOR_FUNCTIONS
    JSON_TYPE JSON_VALUE_EXTRACTION_FUNCTIONS LIKE_ANY_SOME_ALL LIMIT_IN_AGGREGATE
    NAMED_ARGUMENTS NULLS_FIRST_LAST_IN_ORDER_BY NULL_HANDLING_MODIFIER_IN_AGGREGATE
    NULL_HANDLING_MODIFIER_IN_ANALYTIC NUMERIC_TYPE OMIT_INSERT_COLUMN_LIST
    ORDER_BY_IN_AGGREGATE PARAMETERIZED_TYPES PIVOT QUALIFY REPEAT ROUND_WITH_ROUNDING_MODE
    SAFE_FUNCTION_CALL SELECT_STAR_EXCEPT_REPLACE TABLESAMPLE TIME_BUCKET_FUNCTIONS
    UNENFORCED_PRIMARY_KEYS UNNEST_AND_FLATTEN_ARRAYS UNPIVOT WEEK_WITH_WEEKDAY WITH_ON_SUBQUERY
    WITH_RECURSIVE
"""
# names of types that BigQuery takes, and GoogleSQL's analyzer only if it is told them
TYPE_ALIASES = dict.fromkeys(("INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT"), "INT64")
# BigQuery: "Parameterized types are not allowed in CAST expressions"; GoogleSQL allows them
PARAMETERIZED_CAST = re.compile(
    r"\bas\s+(?:numeric|decimal|bignumeric|bigdecimal|string|bytes)\s*\(", re.IGNORECASE
)
COMMENTS = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
PATH = re.compile(r"`?([\w-]+)`?\s*\.\s*`?(\w+)`?\s*\.\s*`?(\w+\*?)`?")


class Refused(AssertionError):
    """A statement that Google's analyzer does not take."""


def data_type(name: str) -> type_pb2.TypeProto:
    """A type by its name in BigQuery, digits left out."""
    plain = name.upper().split("(")[0].strip()
    plain = {"FLOAT64": "DOUBLE", "BOOLEAN": "BOOL", "DECIMAL": "NUMERIC"}.get(plain, plain)
    plain = TYPE_ALIASES.get(plain, plain)
    return type_pb2.TypeProto(type_kind=type_pb2.TypeKind.Value(f"TYPE_{plain}"))


class GoogleSQL:
    """The analyzer, with a catalog that follows the statements that it was given.

    `statements` counts them; `refusals` holds what was not taken, with the reason.
    """

    def __init__(self) -> None:
        self.tables: dict[tuple[str, ...], list[tuple[str, type_pb2.TypeProto]]] = {}
        self.statements: list[str] = []
        self.refusals: list[str] = []
        self._connect()
        available = language.LanguageFeature.keys()
        features = [f"FEATURE_{name}" for name in FEATURES.split()]
        assert not [name for name in features if name not in available]
        self._language = options_pb2.LanguageOptionsProto(
            product_mode=language.PRODUCT_EXTERNAL,
            enabled_language_features=features,
            # all kinds of statements
            supported_statement_kinds=[],
            reserved_keywords=["QUALIFY"],
        )
        self._options = options_pb2.AnalyzerOptionsProto(
            language_options=self._language,
            default_timezone="UTC",
            error_message_mode=language.ERROR_MESSAGE_MULTI_LINE_WITH_CARET,
        )

    def add_table(self, path: tuple[str, ...], columns: dict[str, str]) -> None:
        """A table that no statement made: {column: name of its type}."""
        self.tables[path] = [(name, data_type(kind)) for name, kind in columns.items()]

    def take(self, sql: str) -> None:
        """Judge one statement and follow it; a refusal is kept, not raised."""
        try:
            self.analyze(sql)
        except Refused as refusal:
            self.refusals.append(str(refusal))

    def analyze(self, sql: str) -> Message:
        """The resolved statement.

        Raises:
            Refused: BigQuery would not take it.
        """
        self.statements.append(sql)
        plain = COMMENTS.sub(" ", sql)
        if found := PARAMETERIZED_CAST.search(plain):
            raise Refused(f"Parameterized types are not allowed in CAST: {found.group(0)}\n{sql}")
        request = service.AnalyzeRequest(
            options=self._options, simple_catalog=self._catalog(plain), sql_statement=sql
        )
        response = service.AnalyzeResponse.FromString(self._call("Analyze", request, sql))
        statement = _concrete(response.resolved_statement)
        self._follow(statement)
        return statement

    def evaluate(self, sql: str) -> tuple[list[str], list[tuple]]:
        """Column names and rows of a query without tables, by the reference evaluator.

        Text, whole numbers and booleans come as such, all else as the bytes of its value.

        Raises:
            Refused: the query is refused, or fails.
        """
        request = service.EvaluateQueryRequest(
            sql=sql, options=self._options, simple_catalog=self._catalog(COMMENTS.sub(" ", sql))
        )
        answer = service.EvaluateQueryResponse.FromString(self._call("EvaluateQuery", request, sql))
        names = [column.name for column in answer.prepared.columns]
        rows = [tuple(_value(cell) for cell in row.cell) for row in answer.content.table_data.row]
        return names, rows

    def _follow(self, statement: Message) -> None:
        """What a statement makes is in the catalog from now on."""
        kind = statement.DESCRIPTOR.name
        if kind.startswith("ResolvedCreateTable"):
            columns = _field(statement, "column_definition_list")
            made = [(column.name, column.type) for column in columns]
        elif kind == "ResolvedCreateViewStmtProto":
            columns = _field(statement, "output_column_list")
            made = [(column.name, column.column.type) for column in columns]
        else:
            return
        self.tables[tuple(_field(statement, "name_path"))] = made

    def _catalog(self, sql: str) -> simple_catalog_pb2.SimpleCatalogProto:
        """The tables that a statement may speak of, as project, dataset and table."""
        catalog = simple_catalog_pb2.SimpleCatalogProto(name="bigquery")
        catalog.builtin_function_options.language_options.CopyFrom(self._language)
        for name, kind in TYPE_ALIASES.items():
            catalog.named_type.add(name=name, type=data_type(kind))
        projects: dict[str, Any] = {}
        datasets: dict[tuple[str, str], Any] = {}
        for path in sorted(set(PATH.findall(sql))):
            if path not in self.tables:
                continue
            project, dataset, table = path
            if project not in projects:
                projects[project] = catalog.catalog.add(name=project)
            if (project, dataset) not in datasets:
                datasets[project, dataset] = projects[project].catalog.add(name=dataset)
            columns = [
                simple_table_pb2.SimpleColumnProto(name=name, type=kind, is_writable_column=True)
                for name, kind in self.tables[path]
            ]
            datasets[project, dataset].table.add(
                name=table, full_name=".".join(path), column=columns
            )
        return catalog

    def _connect(self) -> None:
        """Start the WebAssembly module; wasmtime keeps what it compiled for the next time."""
        config = wasmtime.Config()
        config.cache = True
        config.shared_memory = True  # the module's memory is declared so
        self._store = wasmtime.Store(wasmtime.Engine(config))
        wasi = wasmtime.WasiConfig()
        wasi.inherit_stderr()
        wasi.preopen_dir(get_tzinfo_dir(), "/usr/share/zoneinfo")
        self._store.set_wasi(wasi)
        linker = wasmtime.Linker(self._store.engine)
        linker.define_wasi()
        module = wasmtime.Module.from_file(self._store.engine, get_wasm_path())
        self._exports = linker.instantiate(self._store, module).exports(self._store)
        self._exports["_initialize"](self._store)

    def _call(self, method: str, request: Message, sql: str) -> bytes:
        data = request.SerializeToString()
        size_at = self._exports["wasm_malloc"](self._store, 4)
        data_at = self._exports["wasm_malloc"](self._store, max(len(data), 1))
        ctypes.memmove(self._address(data_at), data, len(data))
        function = self._exports[f"ZetaSqlLocalService_{method}"]
        try:
            answer_at = function(self._store, data_at, len(data), size_at)
            if not answer_at:
                size = self._exports["wasm_get_last_error_size"](self._store)
                error_at = self._exports["wasm_get_last_error"](self._store)
                error = ctypes.string_at(self._address(error_at), size).decode()
                raise Refused(f"{error}\n{sql}")
            size = int.from_bytes(ctypes.string_at(self._address(size_at), 4), "little")
            answer = ctypes.string_at(self._address(answer_at), size)
            self._exports["wasm_free"](self._store, answer_at)
            return answer
        finally:
            self._exports["wasm_free"](self._store, data_at)
            self._exports["wasm_free"](self._store, size_at)

    def _address(self, offset: int) -> int:
        """Where a place of the module's memory is in this process; growing memory moves it."""
        memory = self._exports["memory"].data_ptr()
        return ctypes.addressof(memory.contents) + offset


def _concrete(message: Message) -> Message:
    """What an `Any…Proto` holds: each level has one of several fields."""
    while message.DESCRIPTOR.name.startswith("Any"):
        (group,) = message.DESCRIPTOR.oneofs
        message = getattr(message, message.WhichOneof(group.name))
    return message


def _field(message: Message, name: str) -> Any:
    """A field of a node or of what it inherits from."""
    while name not in message.DESCRIPTOR.fields_by_name:
        message = message.parent
    return getattr(message, name)


def _value(cell: Message) -> Any:
    """A value; None where it is null."""
    field = cell.WhichOneof("value")
    if field is None:
        return None
    if field in ("string_value", "int64_value", "bool_value"):
        return getattr(cell, field)
    return cell.SerializeToString()
