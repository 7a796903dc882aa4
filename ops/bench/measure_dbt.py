"""One dbt command in a process of its own, with what DuckDB says about each statement.

Run by run.py, never by hand: `python measure_dbt.py <result.json> <dbt arguments>`. Writes the time
and CPU of each statement, the rows it scanned in tables and files (after row groups were skipped),
the rows it deleted and inserted, and the bytes that the process read and wrote. With
BENCH_FILE_LOG, a folder, DuckDB notes there which files it opens and reads; with BENCH_ONE_THREAD
it works on one thread, since two that wait for a busy machine count as processor time.
"""

from __future__ import annotations

import gc
import json
import os
import re
import sys
import time

started = time.time()
# as ops/tools/quick.py does for `make build`
gc.set_threshold(200_000, 50, 1000)

import duckdb  # noqa: E402
from dbt.adapters.duckdb.environments import local  # noqa: E402
from dbt.cli.main import dbtRunner  # noqa: E402
from forms import peak_mb  # noqa: E402

SETTINGS = dict.fromkeys(("CUMULATIVE_ROWS_SCANNED",), "true")
WRITE = re.compile(
    r"^(?:\s|/\*.*?\*/|--[^\n]*\n)*(insert\s+into|delete\s+from|update|create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?table)\s+"
    r"(?:if not exists\s+)?([\w.\"]+)",
    re.IGNORECASE | re.DOTALL,
)
NODE = re.compile(r'"node_id": "([^"]+)"')
statements: list[dict] = []
profiled: set[int] = set()
file_log = os.environ.get("BENCH_FILE_LOG")
one_thread = os.environ.get("BENCH_ONE_THREAD")


def execute(wrapper, sql, bindings=None):
    """What the cursor's own `execute` does, one statement at a time, noting each."""
    cursor = wrapper._cursor
    if id(cursor) not in profiled:
        profiled.add(id(cursor))
        cursor.execute("pragma enable_profiling = 'no_output'")
        cursor.execute(f"pragma custom_profiling_settings = '{json.dumps(SETTINGS)}'")
        if one_thread:
            cursor.execute("set threads = 1")
        # dbt closes the database now and then, and opens it again
        if (
            file_log
            and not cursor.execute("select current_setting('enable_logging')").fetchone()[0]
        ):
            cursor.execute(
                "call enable_logging('FileSystem', level = 'trace', storage = 'file',"
                f" storage_path = '{file_log}/{len(profiled)}')"
            )
    result, node = cursor, NODE.search(sql)
    for statement in duckdb.extract_statements(sql):
        began, cpu = time.time(), time.process_time()
        try:
            result = (
                cursor.execute(statement)
                if bindings is None
                else cursor.execute(statement, bindings)
            )
        except RuntimeError as error:
            raise local.DbtRuntimeError(str(error)) from error
        took = time.time() - began, time.process_time() - cpu
        note(cursor, node.group(1) if node else "", statement.query, *took)
    return result


def note(cursor, node: str, sql: str, seconds: float, cpu_seconds: float) -> None:
    """Keep what is known of a statement that has just run."""
    scanned = rows = 0
    write = WRITE.match(sql)
    target = write.group(2).replace('"', "").split(".")[-1] if write else None
    if write:
        try:
            rows = int(cursor.fetchone()[0])
        except (duckdb.Error, TypeError, ValueError, IndexError):
            rows = 0
    try:
        scanned = json.loads(cursor.get_profiling_information("json")).get(
            "cumulative_rows_scanned", 0
        )
    except (duckdb.Error, ValueError):
        scanned = 0
    if seconds > 0.0005 or scanned or rows:
        statements.append(
            {
                "node": node.split(".")[-1],
                "kind": " ".join(write.group(1).lower().split()) if write else "",
                "target": target,
                "is_scratch": bool(
                    target and "__dbt_tmp" in target and "temp" in write.group(1).lower()
                ),
                "seconds": round(seconds, 4),
                "cpu_seconds": round(cpu_seconds, 4),
                "rows_scanned": scanned,
                "rows_written": rows,
            }
        )


local.DuckDBCursorWrapper.execute = execute
imported = time.time()
outcome = dbtRunner().invoke(sys.argv[2:])
ended = time.time()
nodes = {}
for result in getattr(outcome.result, "results", None) or []:
    nodes[result.node.name] = {
        "status": str(result.status),
        "seconds": result.execution_time,
        "type": str(result.node.resource_type),
        "message": result.message if str(result.status) in ("error", "fail") else "",
    }
counters = {}
with open("/proc/self/io") as file:
    counters = {line.split(":")[0]: int(line.split(":")[1]) for line in file}
with open(sys.argv[1], "w") as file:
    json.dump(
        {
            "success": outcome.success,
            "exception": str(outcome.exception or ""),
            "import_seconds": imported - started,
            "dbt_seconds": ended - imported,
            "nodes": nodes,
            "statements": statements,
            "peak_mb": peak_mb(),
            "cpu_seconds": time.process_time(),
            "mb_read": counters.get("rchar", 0) / 1e6,
            "mb_written": counters.get("wchar", 0) / 1e6,
        },
        file,
    )
sys.exit(0 if outcome.success else 1)
