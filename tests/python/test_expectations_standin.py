"""The stand-in for dbt_expectations gives the verdicts of the real package.

Every case has its verdict written by hand. Where the real package is at hand, its verdicts and
its tests' arguments are compared too: DBT_EXPECTATIONS_DIR names a checkout with dbt_date
beside it, or dbt_packages/ holds the real package.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt_common.clients.jinja import get_environment
from dbt_harness import PROJECT_DIR, Dbt
from jinja2 import nodes

STANDIN_DIR = PROJECT_DIR / "ops" / "dbt_expectations_standin"

MODELS = {
    "orders": """
        select * from (values
            (1, 'a', 'ios', 10, 10, timestamp '2024-01-01 00:00:00', timestamp '2024-01-02'),
            (2, 'b', 'ios', 20, 5, timestamp '2024-01-02 00:00:00', timestamp '2024-01-02'),
            (3, 'c', 'web', 30, 31, timestamp '2024-01-03 00:00:00', null),
            (4, 'dd', null, null, 0, timestamp '2024-01-04 00:00:00', timestamp '2024-01-05')
        ) as rows (id, code, platform, amount, other_amount, starts_at, ends_at)
    """,
    "keys": """
        select * from (values
            (1, 'x', true), (1, 'y', true), (1, 'y', false), (2, null, true), (2, null, true),
            (null, null, true), (null, null, true)
        ) as rows (key_a, key_b, is_kept)
    """,
    "totals": """
        select * from (values ('ios', 30, 2), ('web', 33, 1), (null, null, 1))
        as rows (platform_name, total, order_count)
    """,
    "empty_orders": "select * from {{ ref('orders') }} where false",
    "arrivals": """
        select * from (values
            (1, localtimestamp - interval 3 hour), (2, localtimestamp - interval 9 day),
            (3, localtimestamp + interval 30 day)
        ) as rows (id, arrived_at)
    """,
    "stale_arrivals": "select * from {{ ref('arrivals') }} where id <> 1",
}

BETWEEN = "expect_column_values_to_be_between"
LENGTHS = "expect_column_value_lengths_to_be_between"
IN_SET = "expect_column_values_to_be_in_set"
REGEX = "expect_column_values_to_match_regex"
OF_TYPE = "expect_column_values_to_be_of_type"
PAIR = "expect_column_pair_values_A_to_be_greater_than_B"
UNIQUE = "expect_compound_columns_to_be_unique"
TRUE = "expression_is_true"
ROW_COUNT = "expect_table_row_count_to_be_between"
SUM = "expect_column_sum_to_be_between"
PROPORTION = "expect_column_proportion_of_unique_values_to_be_between"
SAME_COUNT = "expect_table_row_count_to_equal_other_table"
SAME_TOTAL = "expect_table_aggregation_to_equal_other_table"
RECENT = "expect_row_values_to_have_recent_data"

TOTALS = {"compare_model": "ref('totals')", "group_by": ["platform"]}
TOTALS |= {"compare_group_by": ["platform_name"]}
SUMS = TOTALS | {"expression": "sum(amount)", "compare_expression": "sum(total)"}

# (test, model, arguments, verdict); a verdict is pass, fail, or error for a query that breaks
Case = tuple[str, str, dict[str, Any], str]
CASES: list[Case] = [
    (BETWEEN, "orders.amount", {"min_value": 10, "max_value": 30}, "pass"),
    (BETWEEN, "orders.amount", {"min_value": 11}, "fail"),
    (BETWEEN, "orders.amount", {"max_value": 29}, "fail"),
    (BETWEEN, "orders.amount", {"min_value": 0, "max_value": 40}, "pass"),
    (BETWEEN, "orders.other_amount", {"min_value": 0}, "pass"),
    (BETWEEN, "orders.other_amount", {"min_value": 0, "strictly": True}, "fail"),
    (BETWEEN, "orders.other_amount", {"max_value": 31, "strictly": True}, "fail"),
    (BETWEEN, "orders.other_amount", {"max_value": 31, "strictly": False}, "pass"),
    (BETWEEN, "orders.amount", {"min_value": 11, "row_condition": "id > 1"}, "pass"),
    (BETWEEN, "orders.amount", {"min_value": 11, "config": {"where": "id > 1"}}, "pass"),
    (BETWEEN, "orders.amount", {"min_value": 21, "row_condition": "id > 1"}, "fail"),
    (BETWEEN, "orders.starts_at", {"min_value": "timestamp '2024-01-01'"}, "pass"),
    (BETWEEN, "orders.starts_at", {"max_value": "timestamp '2024-01-03'"}, "fail"),
    (BETWEEN, "orders.amount", {"min_value": "other_amount"}, "fail"),
    (BETWEEN, "empty_orders.amount", {"min_value": 99}, "pass"),
    (LENGTHS, "orders.code", {"min_value": 1, "max_value": 2}, "pass"),
    (LENGTHS, "orders.code", {"max_value": 1}, "fail"),
    (LENGTHS, "orders.code", {"min_value": 1, "strictly": True}, "fail"),
    (LENGTHS, "orders.code", {"max_value": 1, "row_condition": "id < 4"}, "pass"),
    (LENGTHS, "orders.platform", {"min_value": 3}, "pass"),
    (IN_SET, "orders.code", {"value_set": ["a", "b", "c", "dd"]}, "pass"),
    (IN_SET, "orders.code", {"value_set": ["a", "b", "c", "DD"]}, "fail"),
    (IN_SET, "orders.code", {"value_set": ["a", "b", "c"], "row_condition": "id < 4"}, "pass"),
    (IN_SET, "orders.platform", {"value_set": ["ios", "web"]}, "fail"),
    (
        IN_SET,
        "orders.platform",
        {"value_set": ["ios", "web"], "row_condition": "platform is not null"},
        "pass",
    ),
    (IN_SET, "orders.id", {"value_set": [1, 2, 3, 4, 5], "quote_values": False}, "pass"),
    (IN_SET, "orders.id", {"value_set": [1, 2, 3], "quote_values": False}, "fail"),
    (IN_SET, "orders.id", {"value_set": [1, 2, 3, 4]}, "pass"),
    (IN_SET, "orders.code", {"value_set": []}, "error"),
    (REGEX, "orders.code", {"regex": "^[a-d]+$"}, "pass"),
    (REGEX, "orders.code", {"regex": "^[a-d]$"}, "fail"),
    (REGEX, "orders.code", {"regex": "[b-d]"}, "fail"),
    (REGEX, "orders.code", {"regex": "[b-d]", "row_condition": "id > 1"}, "pass"),
    (REGEX, "orders.code", {"regex": "^[A-D]+$"}, "fail"),
    (REGEX, "orders.code", {"regex": "^[A-D]+$", "flags": "i"}, "pass"),
    (REGEX, "orders.code", {"regex": "^[a-d]+$", "is_raw": True}, "pass"),
    (REGEX, "orders.platform", {"regex": "^(ios|web)$"}, "pass"),
    (OF_TYPE, "orders.id", {"column_type": "integer"}, "pass"),
    (OF_TYPE, "orders.id", {"column_type": "INTEGER"}, "pass"),
    (OF_TYPE, "orders.id", {"column_type": "bigint"}, "fail"),
    (OF_TYPE, "orders.starts_at", {"column_type": "timestamp"}, "pass"),
    (OF_TYPE, "orders.starts_at", {"column_type": "date"}, "fail"),
    (OF_TYPE, "orders.no_such_column", {"column_type": "date"}, "pass"),
    (PAIR, "orders", {"column_A": "ends_at", "column_B": "starts_at"}, "fail"),
    (PAIR, "orders", {"column_A": "ends_at", "column_B": "starts_at", "or_equal": True}, "pass"),
    (
        PAIR,
        "orders",
        {"column_A": "ends_at", "column_B": "starts_at", "row_condition": "id <> 2"},
        "pass",
    ),
    (PAIR, "orders", {"column_A": "amount", "column_B": "other_amount"}, "fail"),
    (PAIR, "orders", {"column_A": "amount", "column_B": "other_amount", "or_equal": True}, "fail"),
    (UNIQUE, "orders", {"column_list": ["platform", "code"]}, "pass"),
    (UNIQUE, "orders", {"column_list": ["platform"]}, "fail"),
    (UNIQUE, "orders", {"column_list": ["platform"], "row_condition": "id > 1"}, "pass"),
    (UNIQUE, "orders", {"column_list": ["id", "code"], "quote_columns": True}, "pass"),
    (UNIQUE, "keys", {"column_list": ["key_a", "key_b"]}, "fail"),
    (UNIQUE, "keys", {"column_list": ["key_a", "key_b"], "row_condition": "is_kept"}, "fail"),
    (
        UNIQUE,
        "keys",
        {
            "column_list": ["key_a", "key_b"],
            "row_condition": "is_kept",
            "ignore_row_if": "any_value_is_missing",
        },
        "pass",
    ),
    (
        UNIQUE,
        "keys",
        {"column_list": ["key_a", "key_b"], "ignore_row_if": "any_value_is_missing"},
        "fail",
    ),
    (
        UNIQUE,
        "keys",
        {"column_list": ["key_a", "key_b"], "row_condition": "key_a is null"},
        "pass",
    ),
    # the filter is not put in brackets: `or` keeps rows that ignore_row_if would have dropped
    (
        UNIQUE,
        "keys",
        {
            "column_list": ["key_a", "key_b"],
            "row_condition": "key_a = 2 or key_a is null",
            "ignore_row_if": "any_value_is_missing",
        },
        "fail",
    ),
    (TRUE, "orders", {"expression": "other_amount >= 0"}, "pass"),
    (TRUE, "orders", {"expression": "other_amount > 0"}, "fail"),
    (TRUE, "orders", {"expression": "amount > 0"}, "pass"),
    (TRUE, "orders", {"expression": "other_amount > 0", "row_condition": "id < 4"}, "pass"),
    (TRUE, "orders", {"expression": "amount", "test_condition": "< 31"}, "pass"),
    (TRUE, "orders", {"expression": "amount", "test_condition": "< 30"}, "fail"),
    (
        TRUE,
        "orders",
        {"expression": "count(*)", "test_condition": "<= 2", "group_by_columns": ["platform"]},
        "pass",
    ),
    (
        TRUE,
        "orders",
        {"expression": "count(*)", "test_condition": "<= 1", "group_by_columns": ["platform"]},
        "fail",
    ),
    (ROW_COUNT, "orders", {"min_value": 4, "max_value": 4}, "pass"),
    (ROW_COUNT, "orders", {"min_value": 4, "strictly": True}, "fail"),
    (ROW_COUNT, "orders", {"max_value": 3}, "fail"),
    (ROW_COUNT, "orders", {"max_value": 3, "row_condition": "id > 1"}, "pass"),
    (ROW_COUNT, "orders", {"min_value": 1, "max_value": 2, "group_by": ["platform"]}, "pass"),
    (ROW_COUNT, "orders", {"min_value": 2, "group_by": ["platform", "code"]}, "fail"),
    (ROW_COUNT, "empty_orders", {"min_value": 1}, "fail"),
    (ROW_COUNT, "empty_orders", {"min_value": 1, "group_by": ["platform"]}, "pass"),
    (SUM, "orders.amount", {"min_value": 60, "max_value": 60}, "pass"),
    (SUM, "orders.amount", {"min_value": 60, "strictly": True}, "fail"),
    (SUM, "orders.amount", {"max_value": 59}, "fail"),
    (SUM, "orders.amount", {"max_value": 50, "row_condition": "id > 1"}, "pass"),
    (SUM, "orders.amount", {"max_value": 30, "group_by": ["platform"]}, "pass"),
    (SUM, "orders.amount", {"max_value": 29, "group_by": ["platform"]}, "fail"),
    (SUM, "empty_orders.amount", {"min_value": 1}, "pass"),
    (PROPORTION, "orders.code", {"min_value": 1}, "pass"),
    (PROPORTION, "orders.platform", {"min_value": 0.66, "max_value": 0.67}, "pass"),
    (PROPORTION, "orders.platform", {"min_value": 0.67}, "fail"),
    (PROPORTION, "orders.platform", {"min_value": 1, "row_condition": "id > 1"}, "pass"),
    (PROPORTION, "orders.id", {"min_value": 1, "strictly": True}, "fail"),
    (PROPORTION, "orders.code", {"min_value": 1, "group_by": ["platform"]}, "pass"),
    (PROPORTION, "orders.platform", {"min_value": 1, "group_by": ["platform"]}, "fail"),
    (SAME_COUNT, "orders", {"compare_model": "ref('orders')"}, "pass"),
    (SAME_COUNT, "orders", {"compare_model": "ref('totals')"}, "fail"),
    (SAME_COUNT, "orders", {"compare_model": "ref('empty_orders')"}, "fail"),
    (SAME_COUNT, "orders", {"compare_model": "ref('orders')", "factor": 2}, "fail"),
    (SAME_COUNT, "empty_orders", {"compare_model": "ref('empty_orders')", "factor": 2}, "pass"),
    (
        SAME_COUNT,
        "orders",
        {
            "compare_model": "ref('totals')",
            "row_condition": "id <= 3",
            "compare_row_condition": "true",
        },
        "pass",
    ),
    # the other side's filter is this side's, unless it has one of its own
    (SAME_COUNT, "orders", {"compare_model": "ref('arrivals')", "row_condition": "id < 4"}, "pass"),
    (SAME_COUNT, "orders", {"compare_model": "ref('orders')", "group_by": ["code"]}, "pass"),
    # a null group has no partner, and counts against nothing on either side
    (SAME_COUNT, "orders", {"compare_model": "ref('orders')", "group_by": ["platform"]}, "fail"),
    (SAME_COUNT, "orders", TOTALS | {"row_condition": "id in (1, 3)"}, "error"),
    (
        SAME_COUNT,
        "orders",
        TOTALS
        | {"row_condition": "id in (1, 3)", "compare_row_condition": "platform_name is not null"},
        "pass",
    ),
    (
        SAME_COUNT,
        "orders",
        TOTALS | {"row_condition": "id = 1", "compare_row_condition": "platform_name is not null"},
        "fail",
    ),
    (
        SAME_TOTAL,
        "orders",
        {"compare_model": "ref('orders')", "expression": "sum(amount)"},
        "pass",
    ),
    (
        SAME_TOTAL,
        "orders",
        {
            "compare_model": "ref('totals')",
            "expression": "count(*)",
            "compare_expression": "sum(order_count)",
        },
        "pass",
    ),
    (SAME_TOTAL, "orders", SUMS, "fail"),
    (SAME_TOTAL, "orders", SUMS | {"tolerance": 3}, "pass"),
    (SAME_TOTAL, "orders", SUMS | {"tolerance": 2.9}, "fail"),
    # 30 against 33 is 10 % of the left side, and with a percentage `tolerance` has no say
    (SAME_TOTAL, "orders", SUMS | {"tolerance_percent": 0.11}, "pass"),
    (SAME_TOTAL, "orders", SUMS | {"tolerance_percent": 0.09, "tolerance": 99}, "fail"),
    (
        SAME_TOTAL,
        "orders",
        SUMS | {"row_condition": "id < 3", "compare_row_condition": "platform_name = 'ios'"},
        "pass",
    ),
    # a group that one side lacks counts as 0 there; a percentage of it is unknown
    (
        SAME_TOTAL,
        "orders",
        SUMS | {"row_condition": "id < 3", "compare_row_condition": "true"},
        "fail",
    ),
    (
        SAME_TOTAL,
        "orders",
        SUMS
        | {"row_condition": "id < 3", "compare_row_condition": "true", "tolerance_percent": 0.01},
        "pass",
    ),
    (SAME_TOTAL, "empty_orders", SUMS, "fail"),
    (RECENT, "arrivals.arrived_at", {"datepart": "day", "interval": 1}, "pass"),
    (RECENT, "arrivals.arrived_at", {"datepart": "hour", "interval": 1}, "fail"),
    (RECENT, "stale_arrivals.arrived_at", {"datepart": "day", "interval": 1}, "fail"),
    (RECENT, "stale_arrivals.arrived_at", {"datepart": "day", "interval": 10}, "pass"),
    (
        RECENT,
        "arrivals.arrived_at",
        {"datepart": "day", "interval": 1, "row_condition": "id <> 1"},
        "fail",
    ),
    (RECENT, "empty_orders.starts_at", {"datepart": "day", "interval": 400}, "fail"),
    # no row counts as a row of 1970
    (RECENT, "empty_orders.starts_at", {"datepart": "year", "interval": 500}, "pass"),
]


def real_package() -> Path | None:
    """Folder of the real package, with dbt_date beside it, or None."""
    given = os.environ.get("DBT_EXPECTATIONS_DIR")
    folder = Path(given) if given else PROJECT_DIR / "dbt_packages" / "dbt_expectations"
    if given and not (folder / "dbt_project.yml").is_file():
        raise FileNotFoundError(f"DBT_EXPECTATIONS_DIR: no dbt_project.yml in {folder}")
    if (folder / "STANDIN.md").exists() or not (folder / "dbt_project.yml").is_file():
        return None
    return folder


def signatures(package_dir: Path) -> dict[str, dict[str, Any]]:
    """Each generic test of a package: its arguments, with their defaults."""
    found = {}
    for path in sorted((package_dir / "macros").rglob("*.sql")):
        text = path.read_text()
        if "test " not in text:
            continue
        for macro in get_environment(None, capture_macros=True).parse(text).find_all(nodes.Macro):
            name = macro.name.removeprefix("dbt_macro__")
            if not name.startswith("test_"):
                continue
            names = [argument.name for argument in macro.args]
            defaults = [default.as_const() for default in macro.defaults]
            optional = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
            required = dict.fromkeys(names[: len(names) - len(defaults)], "required")
            found[name.removeprefix("test_")] = required | optional
    return found


def case_name(number: int) -> str:
    """The dbt test's name of a case."""
    return f"case_{number:03d}"


def make_project(folder: Path, package: Path, cases: list[Case]) -> Dbt:
    """A dbt project of MODELS and these cases that uses the package given."""
    dates = [path for name in ("dbt_date", "dbt-date") if (path := package.parent / name).is_dir()]
    project = folder / "project"
    (project / "models").mkdir(parents=True)
    for source in [package, *dates]:
        shutil.copytree(source / "macros", project / "dbt_packages" / source.name / "macros")
        shutil.copy(source / "dbt_project.yml", project / "dbt_packages" / source.name)
    (project / "dbt_project.yml").write_text(
        "name: standin_cases\nprofile: app_sessions\n"
        "vars: {'dbt_date:time_zone': UTC}\nmodels: {+materialized: table}\n"
    )
    for name, sql in MODELS.items():
        (project / "models" / f"{name}.sql").write_text(sql)
    (project / "models" / "schema.yml").write_text(yaml.safe_dump({"models": properties(cases)}))
    return Dbt(folder, project_dir=project)


def properties(cases: list[Case]) -> list[dict[str, Any]]:
    """The `models:` entries that attach each case to its model or column."""
    models: dict[str, Any] = {
        name: {"name": name, "data_tests": [], "columns": {}} for name in MODELS
    }
    for number, (test, where, given, _) in enumerate(cases):
        arguments = {key: value for key, value in given.items() if key != "config"}
        entry: dict[str, Any] = {"name": case_name(number), "arguments": arguments}
        if "config" in given:
            entry["config"] = given["config"]
        name, _, column = where.partition(".")
        holder = models[name]
        if column:
            holder = holder["columns"].setdefault(column, {"name": column, "data_tests": []})
        holder["data_tests"].append({f"dbt_expectations.{test}": entry})
    for model in models.values():
        model["columns"] = list(model["columns"].values())
    return list(models.values())


def wrong_verdicts(folder: Path, package: Path) -> list[str]:
    """Run all cases; describe those whose verdict is not the one written by hand."""
    dbt = make_project(folder, package, CASES)
    # not `build`: that would skip what stands below a model with a failing test
    dbt("run")
    result = dbt("test", check=False)
    return [
        f"{case_name(number)} {test} on {where} {arguments}: {given}, expected {expected}"
        for number, (test, where, arguments, expected) in enumerate(CASES)
        if (given := result.statuses.get(case_name(number))) != expected
    ]


@pytest.fixture(params=["stand-in", "real package"])
def package(request: pytest.FixtureRequest) -> Path:
    """Folder of the stand-in or of the real package; skips where that one is not at hand."""
    folder = STANDIN_DIR if request.param == "stand-in" else real_package()
    if folder is None:
        pytest.skip(
            "comparison with the real dbt_expectations was NOT run: it is not installed, and "
            "DBT_EXPECTATIONS_DIR names no checkout (verdicts written by hand were checked)"
        )
    return folder


def test_verdicts_are_those_written_by_hand(tmp_path, package):
    assert wrong_verdicts(tmp_path, package) == []


def test_every_test_of_the_standin_has_passing_and_failing_rows():
    seen = {
        test: {case[3] for case in CASES if case[0] == test} for test in signatures(STANDIN_DIR)
    }
    assert [test for test, verdicts in seen.items() if not {"pass", "fail"} <= verdicts] == []


@pytest.mark.parametrize("package", ["real package"], indirect=True)
def test_arguments_and_defaults_are_those_of_the_real_package(package):
    found = signatures(package)
    assert {test: found.get(test) for test in signatures(STANDIN_DIR)} == signatures(STANDIN_DIR)


@pytest.mark.parametrize(
    ("test", "where", "arguments"),
    [
        (BETWEEN, "orders.amount", {}),
        (SUM, "orders.amount", {"strictly": True}),
        (UNIQUE, "orders", {"column_list": []}),
        (UNIQUE, "orders", {"column_list": ["id"], "ignore_row_if": "never"}),
    ],
)
def test_arguments_that_make_no_test_are_refused(tmp_path, package, test, where, arguments):
    dbt = make_project(tmp_path, package, [(test, where, arguments, "error")])
    assert not dbt("parse", check=False).success
