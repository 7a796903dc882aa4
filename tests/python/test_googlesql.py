"""BigQuery's functions against DuckDB's, by Google's own evaluator (googlesql.py).

Each macro is compiled by dbt for both engines, and evaluated on the values below. What differs is
in KNOWN, and in docs/engines.md.
"""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt_harness import Dbt
from test_warehouses import stand_in

pytest.importorskip("zetasql", reason="no zetasql: run `make test-warehouses`")
BERLIN = "2024-10-27 02:30:00 Europe/Berlin"
# name: (expression of the column `x`, a text; values)
FUNCTIONS = {
    "time": (
        "{{ epoch_us(parse_timestamp('z', 'varchar')) }}",
        """2024-03-01T10:00Z|2024-03-01T10:00+02:00|2024-03-01 10:00:00 -0800|2024-03-01T10:00:00z
        2024-07-01 10:00:00 BST|2024-07-01 10:00:00 PST|2024-07-01 10:00:00 CEST|2024-07-01
        2026-11-01 24:00:00|2024-07-01 10:00:00 Europe/Berlin|2024-07-01 10:00:00.5+0530|epoch
        2024-07-01T10:00:00-03|1709978400|1709978400.5|1709978400123|1709978400123456789
        2024-07-01 10:00:00 ABC|2024-03-01 10:00|2024-03-01T10:00|2024-03-01 10:00:00.1234567
        2024-03-01 10:00:00.123456789|2024-03-01 10:00:00.123456999Z|20240301|2024-03-01 25:00:00
        2024-03-01 10:00:00.1234567+02:00|2024-02-30 10:00:00|2024-03-31 02:30:00 Europe/Berlin
        2024-10-27 02:30:00 Europe/Berlin|2024/03/01 10:00:00|2024-3-1 1:2:3|03/01/2024|-1|1e9
        2024-03-01  10:00:00|2024-03-01 10:00:00 +02:00|9999-12-31 23:59:59.999999|infinity
        0001-01-01 00:00:00|2024-03-01T10:00:00.000|2024-03-01 1:02:03|2024-03-01 10
        2024-03-01 10:00:00.|2024-03-01t10:00:00|2024-03-01 10:00:60|+2024-03-01
        2024-03-01 10:00:00 America/Los_Angeles|12024-03-01 10:00:00
        2024-03-01 10:00:00 europe/berlin""",
    ),
    "decimal": (
        "{{ parse_decimal('x', 'varchar') }}",
        """1.5|0.0000005|0.00000049999999|0.0000004|1e-3|1E2|-2.5|+4|1_000|NaN|inf|abc|.5|5.|1,5|0x10
        999999999999|1000000000000|999999999999.9999995|123456789012.123456|0.1234565|-0.0000005|-
        1e400|1e-400|99999999999999999999999999999999999999999|1e-30|0.12345649999999999|2.5e-7
        12345678901234567890.5|1e12""",
    ),
    "decimal of nine digits": (
        "{{ parse_decimal('x', 'varchar', 9) }}",
        "0.00000079|0.0000000005|0.00000000049999|999999999.9999999994|1000000000|7.9e-7",
    ),
    "date": (
        "{{ raw_date({'columns': {'x': 'varchar'}}, 'x') }}",
        """2024-03-01|2024-02-30|20240301|2024-03-01T00:00:00+09:00|24-03-01|9999-12-31
        2024-03-01 23:59:59 -0800|2024-13-01|x""",
    ),
    "hash63": (
        "{{ hash63('x') }}",
        "a|Berlin|ä|🎈|a longer text, whose digest is of 64 bytes or more",
    ),
    "local date": (
        "{{ local_date('cast(x as timestamp)', none) }}",
        """2024-03-10 09:59:59|2024-03-31 00:59:59|2024-03-31 01:00:00|2024-10-27 21:59:59
        2024-10-27 22:59:59|2024-10-27 23:00:00|1970-01-01 00:00:00|1890-01-01 23:59:59
        2024-07-01 21:59:59|2024-07-01 22:00:00""",
    ),
    "local date at the end of time": (
        "{{ local_date('cast(x as timestamp)', none) }}",
        "9999-12-31 23:59:59.999999|9999-12-31 09:59:59",
    ),
    "day": (
        "{{ day_n(\"cast('2024-03-30 22:30:00' as timestamp)\", 'cast(x as timestamp)', none) }}",
        """2024-03-30 22:29:59.999999|2024-03-30 22:30:00|2024-03-31 22:29:59|2024-03-31 22:30:00
        2023-03-30 22:30:00|2024-10-27 22:30:00""",
    ),
    "seconds between": (
        "{{ seconds_between(\"cast('2024-03-30 22:30:00' as timestamp)\", "
        "'cast(x as timestamp)') }}",
        "2024-03-30 22:30:00.000001|2024-03-30 22:29:59.5|2034-03-30 22:30:00",
    ),
    "week": (
        "{{ week_start('cast(x as date)') }}",
        "2024-03-03|2024-03-04|2024-12-30|2023-01-01|1970-01-01",
    ),
    "whole division": (
        "{{ whole_divide('cast(x as bigint)', 1000) }}",
        "0|1|999|1000|1999|9223372036854775807",
    ),
    "rounding": (
        "{{ round_decimal(as_decimal('x', 18, 9), 18, 6) }}",
        "0.0000005|-0.0000005|0.0000015|0.000000499|123456.7890125",
    ),
    "ratio": (
        "{{ as_decimal(safe_divide('cast(x as bigint)', 'cast(7 as bigint)'), 18, 6) }}",
        "0|1|2|-3|1000000",
    ),
    "id": ("{{ user_key('x', \"'ios'\", \"'u1'\") }}", "a|b|ä"),
}
# (name, value): what DuckDB and BigQuery say
KNOWN = {
    # the hour that comes twice: the second, the first
    ("time", BERLIN): ("1729992600000000", "1729989000000000"),
    ("time", "2024/03/01 10:00:00"): ("1709287200000000", None),
    ("time", "2024-03-01 10:00:00."): ("1709287200000000", None),
    ("time", "2024-03-01 10:00:00 europe/berlin"): ("1709283600000000", None),
    ("decimal", "1_000"): ("1000.000000", None),
    ("local date at the end of time", "9999-12-31 23:59:59.999999"): ("10000-01-01", None),
}


def queries() -> str:
    """All tables as one text of queries, so that dbt compiles once for each engine."""
    found = []
    for expression, text in FUNCTIONS.values():
        rows = " union all ".join(
            f"select {i} as i, {{{{ text_literal({json.dumps(value, ensure_ascii=False)}) }}}} as x"
            for i, value in enumerate(values(text))
        )
        found.append(
            f"select x, cast({expression} as {{{{ dbt.type_string() }}}}) as y "
            f"from (select i, x, {{{{ offset_time_text('x') }}}} as z from ({rows}) as r) as t "
            "order by i"
        )
    return "\n-- next\n".join(found)


def values(text: str) -> list[str]:
    """The values of a table: lines, and parts between bars."""
    return [part for line in text.splitlines() for part in line.strip().split("|")]


def compiled(target: str, folder: Path) -> list[str]:
    """The queries as dbt writes them for an engine."""
    dbt = Dbt(folder / target, target=target)
    connected = stand_in(target).connected() if target != "duckdb" else contextlib.nullcontext()
    with connected:
        result = dbt("compile", "--inline", queries(), vars={"reporting_timezone": "Europe/Berlin"})
    return result.output.results[0].node.compiled_code.split("-- next")


def plain(value: Any) -> Any:
    """A number's text without zeros at its end, which BigQuery leaves out."""
    with contextlib.suppress(ArithmeticError, TypeError):
        number = Decimal(value)
        return f"{number.normalize():f}" if number else "0"
    return value


def test_functions_mean_the_same_on_bigquery_as_on_duckdb(tmp_path: Path):
    from googlesql import GoogleSQL

    google = GoogleSQL()
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    found: dict[tuple[str, str], tuple] = {}
    duck, big = compiled("duckdb", tmp_path), compiled("bigquery", tmp_path)
    for name, duck_sql, big_sql in zip(FUNCTIONS, duck, big, strict=True):
        expected = connection.execute(duck_sql).fetchall()
        _, actual = google.evaluate(big_sql)
        assert [row[0] for row in expected] == [row[0] for row in actual]
        for (value, ours), (_, theirs) in zip(expected, actual, strict=True):
            if plain(ours) != plain(theirs):
                found[name, value] = (ours, theirs)
    assert found == KNOWN


def test_what_differs_is_in_the_documentation():
    text = (Path(__file__).parents[2] / "docs" / "engines.md").read_text()
    assert not [value for _, value in KNOWN if f"`{value}`" not in text]
