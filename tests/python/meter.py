"""What dbt runs of this process read and write, counted by DuckDB."""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import duckdb
from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper

_TARGET = re.compile(
    r"(?:insert\s+into|delete\s+from|create\s+(?:or\s+replace\s+)?table)\s+([\w\".]+)", re.I
)
_NODE = re.compile(r'"node_id": "model\.app_sessions\.(\w+)"')
_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_TEMPORARY = re.compile(r"create or replace temporary table ([\w.]+)")


@dataclass
class Meter:
    """Rows by table: written (inserted), removed (deleted); rows scanned, by model.

    And of temporary tables: how many were made, which of them twice, which are there still, and
    which were read by the transaction that made them, which DuckDB does on one core.
    """

    written: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    scanned_by: Counter[str] = field(default_factory=Counter)
    temporary_count: int = 0
    made_twice: set[str] = field(default_factory=set)
    temporary: set[str] = field(default_factory=set)
    read_on_one_core: set[str] = field(default_factory=set)
    _made: set[str] = field(default_factory=set)
    _open: dict[int, set[str]] = field(default_factory=dict)

    @property
    def scanned(self) -> int:
        """Rows scanned in all."""
        return sum(self.scanned_by.values())

    def changed(self, *tables: str) -> int:
        """Rows inserted into and deleted from some tables."""
        return sum(self.written[table] + self.removed[table] for table in tables)

    def note(self, sql: str, rows: int) -> None:
        """Count one statement that changes a table."""
        found = _TARGET.search(sql)
        if found:
            table = found.group(1).replace('"', "").split(".")[-1]
            verb = found.group(0).split()[0].lower()
            (self.removed if verb == "delete" else self.written)[table] += rows

    def note_temporary(self, sql: str, connection: int) -> None:
        """Follow transactions, and what they make for themselves."""
        command = sql.rstrip(";").lower()
        if command == "begin":
            self._open[connection] = set()
        elif command in ("commit", "rollback"):
            self._open.pop(connection, None)
        self.read_on_one_core |= {t for t in self._open.get(connection, ()) if t in sql}
        made = _TEMPORARY.match(sql)
        if made:
            self.temporary_count += 1
            self.made_twice |= {made.group(1)} & self._made
            self._made.add(made.group(1))
            self.temporary.add(made.group(1))
            self._open.get(connection, set()).add(made.group(1))
        elif command.startswith("drop table if exists "):
            self.temporary.discard(command.split()[-1])


@contextlib.contextmanager
def metered() -> Iterator[Meter]:
    """Count all that dbt does meanwhile."""
    meter = Meter()
    original = DuckDBCursorWrapper.execute

    def execute(self: Any, sql: str, bindings: Any = None) -> Any:
        cursor = self._cursor
        if bindings is not None:
            return original(self, sql, bindings)
        cursor.execute("pragma enable_profiling='no_output'")
        cursor.execute(
            "pragma custom_profiling_settings="
            """'{"CUMULATIVE_ROWS_SCANNED": "true", "CUMULATIVE_CARDINALITY": "true"}'"""
        )
        result, node = cursor, _NODE.search(sql)
        for statement in duckdb.extract_statements(sql):
            result = original(self, statement)
            meter.scanned_by[node.group(1) if node else ""] += _scanned(cursor)
            text = _COMMENT.sub("", statement.query).strip()
            meter.note_temporary(text, id(cursor))
            if _TARGET.match(text):
                row = cursor.fetchone()
                rows = row[0] if row and isinstance(row[0], int) else 0
                meter.note(text, rows)
        return result

    DuckDBCursorWrapper.execute = execute
    try:
        yield meter
    finally:
        DuckDBCursorWrapper.execute = original


def _scanned(cursor: Any) -> int:
    """Rows that the last statement took from tables, what DuckDB could skip left out."""
    text = cursor.get_profiling_information("json")
    return json.loads(text).get("cumulative_rows_scanned", 0) if text else 0
