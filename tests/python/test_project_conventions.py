"""Conventions of the project, over manifest.json and the files themselves.

dbt on DuckDB does not catch a misspelt key in YAML: `data_tets:` silently removes tests. So
this file checks what dbt lets pass. Each test returns all offenders at once.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt_common.clients.jinja import get_environment
from dbt_harness import PROJECT_DIR, Dbt
from jinja2 import nodes

PROJECT = "app_sessions"
CONTRACT_LAYERS = ("core", "marts")
PREFIX_LAYER = {
    "stg": "staging",
    "int": "intermediate",
    "fct": "core",
    "dim": "core",
    "mart": "marts",
}
MAX_SQL_LINES = 150
MAX_LINE_LENGTH = 140
# a key test names the columns of the grain
KEY_TESTS = {"unique", "expect_compound_columns_to_be_unique"}
CLOCKS = re.compile(
    r"\b(current_(date|time|timestamp)|local(time|timestamp)|sysdate|systimestamp|run_started_at"
    r"|(clock|transaction|statement)_timestamp|get_current_timestamp|modules\.datetime)\b"
    r"|\b(now|today|getdate|unix_timestamp)\s*\(",
    re.IGNORECASE,
)

# --- allowed keys of the properties files; ANY is free-form ---------------------------------
ANY: dict[str, Any] = {"*": None}


def keys(names: str) -> dict[str, Any]:
    """Allowed keys with nothing said of what is below them."""
    return dict.fromkeys(names.split(), ANY)


CONFIG = keys(
    """
    access alias auto_refresh batch_size begin bind catalog_name cluster_by clustered_by
    column_types concurrent_batches contract database delimiter dist docs enabled error_if
    event_time external_location fail_calc file_format format full_refresh freshness grants
    group hours_to_expiration incremental_predicates incremental_strategy indexes
    liquid_clustered_by limit loaded_at_field loaded_at_query location location_root lookback
    materialized meta on_configuration_change on_schema_change packages partition_by
    partitioned_by persist_docs plugin post-hook post_hook pre-hook pre_hook quote_columns
    quoting require_partition_filter schema severity snowflake_warehouse sort static_analysis
    store_failures store_failures_as tags tblproperties transient unique_key unlogged warn_if
    where
    """
)
TEST_ARGUMENTS = {"name": ANY, "description": ANY, "arguments": ANY, "config": CONFIG}
# dbt still takes other keys of a test for its arguments: here they go below `arguments:`
DATA_TESTS = [{"*": TEST_ARGUMENTS}]
CONSTRAINTS = [keys("type name expression columns to to_columns warn_unsupported warn_unenforced")]
COLUMN = {
    "name": ANY,
    "description": ANY,
    "data_type": ANY,
    "data_tests": DATA_TESTS,
    "constraints": CONSTRAINTS,
    "quote": ANY,
    "config": CONFIG,
    "granularity": ANY,
}
RELATION = {
    "name": ANY,
    "description": ANY,
    "config": CONFIG,
    "data_tests": DATA_TESTS,
    "columns": [COLUMN],
}
TIME_SPINE = {"standard_granularity_column": ANY, "custom_granularities": ANY}
MODEL = RELATION | {
    "constraints": CONSTRAINTS,
    "time_spine": TIME_SPINE,
    "versions": ANY,
    "latest_version": ANY,
    "deprecation_date": ANY,
}
UNIT_TEST_INPUT = keys("input rows format fixture")
UNIT_TEST = {
    "name": ANY,
    "description": ANY,
    "model": ANY,
    "versions": ANY,
    "config": CONFIG,
    "given": [UNIT_TEST_INPUT],
    "expect": keys("rows format fixture"),
    "overrides": {"macros": ANY, "vars": ANY, "env_vars": ANY},
}
SOURCE_TABLE = RELATION | {"identifier": ANY, "external": ANY, "quoting": ANY}
SOURCE = {
    **keys("name description database schema loader quoting"),
    "config": CONFIG,
    "tables": [SOURCE_TABLE],
}
MACRO = {
    "name": ANY,
    "description": ANY,
    "config": CONFIG,
    "arguments": [keys("name type description")],
}
SINGULAR_TEST = {"name": ANY, "description": ANY, "config": CONFIG}
EXPOSURE = keys("name label description type maturity url owner depends_on config")
SEMANTIC = keys(
    """
    name label description model defaults entities measures dimensions primary_entity config
    type type_params filter time_granularity exports metrics
    """
) | {
    # `order_by` is one to dbt's reader, and with --warn-error an error on Snowflake, BigQuery, ...
    "query_params": keys("metrics group_by where")
}
PROPERTIES_FILE = {
    "version": ANY,
    "anchors": ANY,
    "models": [MODEL],
    "seeds": [RELATION],
    "snapshots": [MODEL],
    "sources": [SOURCE],
    "macros": [MACRO],
    "data_tests": [SINGULAR_TEST],
    "unit_tests": [UNIT_TEST],
    "exposures": [EXPOSURE],
    "analyses": [SINGULAR_TEST | {"columns": [COLUMN]}],
    "groups": ANY,
    "semantic_models": [SEMANTIC],
    "metrics": [SEMANTIC],
    "saved_queries": [SEMANTIC],
}


# --- what there is --------------------------------------------------------------------------
@pytest.fixture(scope="module")
def manifest(tmp_path_factory) -> dict[str, Any]:
    """The project parsed with its default vars, as in manifest.json."""
    return Dbt(tmp_path_factory.mktemp("conventions")).manifest()


def of_project(manifest: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Nodes of one resource type that belong to this project and not to a package."""
    return [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == kind and node["package_name"] == PROJECT
    ]


def layer(model: dict[str, Any]) -> str:
    """A model's folder below models/."""
    return Path(model["original_file_path"]).parts[1]


def contracted(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Models of the layers that people query."""
    return [model for model in of_project(manifest, "model") if layer(model) in CONTRACT_LAYERS]


def files(*folders: str, suffixes: tuple[str, ...] = (".sql",)) -> list[Path]:
    """The project's files of some kinds below some folders."""
    return [
        path
        for folder in folders
        for path in sorted((PROJECT_DIR / folder).rglob("*"))
        if path.suffix in suffixes and not path.is_relative_to(PROJECT_DIR / "tests" / "python")
    ]


def relative(path: Path) -> str:
    """A path as a reader of the repository knows it."""
    return path.relative_to(PROJECT_DIR).as_posix()


def without_comments(sql: str) -> str:
    """SQL with comments taken out, and the lines they stood on kept."""
    kept = re.compile(r"\{#.*?#\}|/\*.*?\*/|--[^\n]*", re.DOTALL)
    return kept.sub(lambda match: "\n" * match.group().count("\n"), sql)


def lines_with(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    """Each line, outside comments, that matches."""
    return [
        f"{relative(path)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(without_comments(path.read_text()).splitlines(), start=1)
        if pattern.search(line)
    ]


def none_of(offenders: Iterable[str]) -> None:
    """Fail with every offender on a line of its own."""
    listed = list(offenders)
    if listed:
        pytest.fail("\n  ".join([f"{len(listed)} against the convention:", *listed]), pytrace=False)


# --- YAML -----------------------------------------------------------------------------------
def unknown_keys(value: Any, allowed: Any, where: str) -> Iterator[str]:
    """Each key below `value` that `allowed` does not name, with the nearest name that it does."""
    if allowed is ANY:
        return
    if isinstance(allowed, list):
        for entry in value if isinstance(value, list) else []:
            # `- unique` is a test without arguments
            if isinstance(entry, dict):
                name = entry.get("name", next(iter(entry), ""))
                yield from unknown_keys(entry, allowed[0], f"{where}[{name}]")
        return
    for key, below in value.items() if isinstance(value, dict) else []:
        if "*" in allowed:
            yield from unknown_keys(below, allowed["*"], f"{where}.{key}")
        elif key in allowed:
            yield from unknown_keys(below, allowed[key], f"{where}.{key}")
        else:
            near = difflib.get_close_matches(key, allowed, n=1)
            yield f"{where}: unknown key '{key}'" + (f", '{near[0]}'?" if near else "")


def test_properties_files_have_no_unknown_keys():
    offenders = []
    for path in files("models", "seeds", "macros", "tests", "analyses", suffixes=(".yml", ".yaml")):
        content = yaml.safe_load(path.read_text()) or {}
        offenders += unknown_keys(content, PROPERTIES_FILE, f"{relative(path)}: ")
    none_of(offenders)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("models: [{name: a, data_tets: [unique]}]", "data_tests"),
        ("models: [{name: a, columns: [{name: b, data_tets: [unique]}]}]", "data_tests"),
        ("models: [{name: a, columns: [{name: b, data_tests: [{unique: {cfg: {}}}]}]}]", "config"),
        ("models: [{name: a, config: {contarct: {enforced: true}}}]", "contract"),
        ("modles: [{name: a}]", "models"),
        ("unit_tests: [{name: a, given: [{inptu: ref('b')}]}]", "input"),
        ("sources: [{name: a, tables: [{name: b, desription: c}]}]", "description"),
    ],
)
def test_a_misspelt_key_is_found(text, near):
    found = list(unknown_keys(yaml.safe_load(text), PROPERTIES_FILE, "file.yml"))
    assert len(found) == 1
    assert f"'{near}'?" in found[0]


def test_generic_tests_that_yaml_names_are_all_in_the_manifest(manifest):
    def named(entries: Any) -> int:
        return len(entries) if isinstance(entries, list) else 0

    expected = 0
    enabled = {model["name"] for model in of_project(manifest, "model")}
    enabled |= {seed["name"] for seed in of_project(manifest, "seed")}
    for path in files("models", "seeds", suffixes=(".yml", ".yaml")):
        content = yaml.safe_load(path.read_text()) or {}
        for node in content.get("models", []) + content.get("seeds", []):
            if node["name"] in enabled:
                expected += named(node.get("data_tests"))
                expected += sum(named(c.get("data_tests")) for c in node.get("columns") or [])
    # dbt keeps the tests of disabled models, too
    attached = [
        test
        for test in of_project(manifest, "test")
        if test.get("attached_node") in manifest["nodes"]
    ]
    assert len(attached) == expected


# --- models ---------------------------------------------------------------------------------
def test_models_seeds_and_sources_are_described(manifest):
    described = of_project(manifest, "model") + of_project(manifest, "seed")
    described += [s for s in manifest["sources"].values() if s["package_name"] == PROJECT]
    none_of(node["name"] for node in described if not node["description"].strip())


def test_models_state_their_grain(manifest):
    none_of(model["name"] for model in of_project(manifest, "model") if not grain(model))


def grain(model: dict[str, Any]) -> list[str]:
    """`config.meta.grain`: the columns that identify a row, as a list or with commas."""
    stated = model["config"]["meta"].get("grain") or []
    return re.split(r"\s*,\s*", stated.strip()) if isinstance(stated, str) else list(stated)


def key_columns(test: dict[str, Any]) -> list[str]:
    """The columns that a key test finds unique together."""
    arguments = test["test_metadata"]["kwargs"]
    for name in ("column_list", "columns", "column_names"):
        if name in arguments:
            return list(arguments[name])
    return [test["column_name"]]


def is_key_test(test: dict[str, Any]) -> bool:
    """Whether a test, of a package or of this project, says that a row is unique."""
    metadata = test["test_metadata"]
    return metadata["name"] in KEY_TESTS or (
        metadata["namespace"] is None and "unique" in metadata["name"]
    )


def test_the_grain_of_each_model_is_its_tested_key(manifest):
    # a model whose rows have no key, such as raw rows with repeats, says so in `meta.no_key`
    keyed = [m for m in of_project(manifest, "model") if not m["config"]["meta"].get("no_key")]
    tested: dict[str, list[set[str]]] = {}
    for test in of_project(manifest, "test"):
        if test.get("test_metadata") and is_key_test(test):
            tested.setdefault(test["attached_node"], []).append(set(key_columns(test)))
    offenders = [
        f"{model['name']}: grain {grain(model)}, key tests {tested.get(model['unique_id'], [])}"
        for model in keyed
        if set(grain(model)) not in tested.get(model["unique_id"], [])
    ]
    none_of(offenders)


def test_core_and_marts_have_enforced_contracts(manifest):
    none_of(m["name"] for m in contracted(manifest) if not m["contract"]["enforced"])


def test_columns_of_core_and_marts_have_type_and_description(manifest):
    offenders = [model["name"] for model in contracted(manifest) if not model["columns"]]
    offenders += [
        f"{model['name']}.{name}"
        for model in contracted(manifest)
        for name, column in model["columns"].items()
        if not column["data_type"] or not column["description"].strip()
    ]
    none_of(offenders)


def test_models_live_in_folder_and_schema_of_their_prefix(manifest):
    offenders = []
    for model in of_project(manifest, "model"):
        prefix = model["name"].split("_", 1)[0]
        expected = PREFIX_LAYER.get(prefix)
        if expected is None:
            if layer(model) in PREFIX_LAYER.values():
                offenders.append(f"{model['name']}: prefix is none of {list(PREFIX_LAYER)}")
        elif layer(model) != expected or model["schema"] != expected:
            offenders.append(f"{model['original_file_path']}, schema {model['schema']}")
        if prefix == "stg" and f"/{model['name'].split('__')[0][4:]}/" not in (
            Path(model["original_file_path"]).as_posix()
        ):
            offenders.append(f"{model['original_file_path']}: not in its provider's folder")
    none_of(offenders)


def test_layers_can_be_built_one_after_the_other(manifest):
    # with `--select +staging`, `+core`, `+marts`: nothing reads what comes later. What is made of
    # core models for others lies in `intermediate`, too, so that layer has no place in the order.
    order = ["staging", "core", "marts"]
    place = {
        model["unique_id"]: order.index(Path(model["original_file_path"]).parts[1])
        for model in of_project(manifest, "model")
        if Path(model["original_file_path"]).parts[1] in order
    }
    none_of(
        f"{unique_id} reads {upstream}, of a later layer"
        for unique_id, mine in place.items()
        for upstream in manifest["nodes"][unique_id]["depends_on"]["nodes"]
        if place.get(upstream, 0) > mine
    )


def test_columns_in_yaml_are_those_of_the_built_relations(manifest, built):
    sql = """
        select table_schema || '.' || table_name, column_name
        from information_schema.columns
        where table_catalog = current_database()
    """
    found: dict[str, set[str]] = {}
    for relation, column in built.query(sql):
        found.setdefault(relation, set()).add(column)
    offenders = []
    for model in of_project(manifest, "model"):
        if model["config"]["materialized"] == "ephemeral" or not model["columns"]:
            continue
        relation = f"{model['schema']}.{model['alias']}"
        written, real = set(model["columns"]), found.get(relation, set())
        # above the contract layers YAML may leave columns out, but not make them up
        missing = real - written if layer(model) in CONTRACT_LAYERS else set()
        if written - real or missing:
            offenders.append(
                f"{relation}: only in YAML {sorted(written - real)}, only built {sorted(missing)}"
            )
    none_of(offenders)


def test_what_the_settings_page_turns_off_is_read_by_nothing_that_stays(manifest):
    page = (PROJECT_DIR / "docs" / "settings.md").read_text()
    row = re.compile(r"^\|" + r" *(.*?) *\|" * 4 + "$", re.MULTILINE)
    section = page.split("## Turn off what you do not need")[1].split("\n## ")[0]
    groups = row.findall(section)[2:]
    assert len(groups) >= 9
    kinds = ("nodes", "exposures", "semantic_models", "metrics", "saved_queries")
    everything = {k: node for kind in kinds for k, node in manifest[kind].items()}
    offenders = []
    for title, marts, intermediate, others in groups:
        # (models or what is made of them, folder, name below it)
        named = [
            (is_model, *([folder] if folder else []), *name.split("."))
            for is_model, folder, names in (
                (True, "marts", marts),
                (True, "intermediate", intermediate),
                (False, "", others),
            )
            for name in re.findall(r"`(.*?)`", names)
        ]
        goes = {
            key
            for key, node in everything.items()
            for name in named
            if (key.startswith("model."), *node["fqn"][1:])[: len(name)] == name
        }
        if len(goes) < len(named):
            offenders.append(f"{title}: some of {named} are not there")
        offenders += [
            f"{title}: {key} reads {read}"
            for key, node in everything.items()
            for read in {*node["depends_on"].get("nodes", [])} & goes
            if key not in goes and node["resource_type"] != "test"  # tests of a model go with it
        ]
    none_of(offenders)


# --- tests and macros -----------------------------------------------------------------------
def test_singular_tests_and_unit_tests_are_described(manifest):
    singular = [test for test in of_project(manifest, "test") if not test.get("test_metadata")]
    unit = [t for t in manifest["unit_tests"].values() if t["package_name"] == PROJECT]
    none_of(t["name"] for t in singular + unit if not (t["description"] or "").strip())


VALUES_OF_TYPES = {
    "BIGINT|INTEGER|SMALLINT|TINYINT|HUGEINT": r"-?\d+",
    "BOOLEAN": r"true|false",
    "DATE": r"\d{4}-\d\d-\d\d",
    "TIMESTAMP": r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d(\.\d{1,6})?)?",
}


def is_value_of(value: Any, data_type: str) -> bool:
    """Whether a value of YAML is the same after a cast to the type."""
    if value is None:
        return True
    text = str(value).lower()
    if scale := re.fullmatch(r"DECIMAL\(\d+,(\d+)\)", data_type):
        if not re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", text):
            return False
        return round(Decimal(text), int(scale[1])) == Decimal(text)
    for types, pattern in VALUES_OF_TYPES.items():
        if data_type in types.split("|"):
            return re.fullmatch(pattern, text, re.IGNORECASE) is not None
    return True


@pytest.mark.parametrize(
    "value, data_type, is_one",
    [
        (111.11, "DECIMAL(18,2)", True),
        ("111.110", "DECIMAL(18,2)", True),
        (111.106, "DECIMAL(18,2)", False),
        (-3, "DECIMAL(18,2)", True),
        (8999.6, "BIGINT", False),
        (True, "BIGINT", False),
        (7.9e-07, "DECIMAL(18,9)", True),
        (7, "BOOLEAN", False),
        ("2026-03-01 23:59:59", "DATE", False),
        ("2026-03-01 12:00:00+02", "TIMESTAMP", False),
        (None, "BIGINT", True),
        (0.1, "DOUBLE", True),
    ],
)
def test_what_a_cast_would_change_is_told(value, data_type, is_one):
    assert is_value_of(value, data_type) is is_one


def test_unit_tests_expect_values_of_their_columns_types(manifest, built):
    """dbt casts what is expected to the column's type, so that 8999.6 would be 9000."""
    types: dict[str, dict[str, str]] = {}
    for relation, column, data_type in built.query(
        "select table_schema || '.' || table_name, column_name, data_type"
        " from information_schema.columns where table_catalog = current_database()"
    ):
        types.setdefault(relation, {})[column] = data_type
    models = {model["name"]: model for model in of_project(manifest, "model")}
    offenders = []
    for test in manifest["unit_tests"].values():
        if test["package_name"] != PROJECT:
            continue
        model = models[test["model"]]
        columns = types[f"{model['schema']}.{model['alias']}"]
        for row in test["expect"]["rows"]:
            for column, value in row.items():
                # a test's own settings may make other columns
                data_type = columns.get(column, "" if test["overrides"] else "column")
                if data_type == "column" or not is_value_of(value, data_type):
                    offenders.append(f"{test['name']}: {column} {value!r} is no {data_type}")
    none_of(offenders)


def test_macro_arguments_are_checked_by_dbt():
    project = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text())
    assert project["flags"]["validate_macro_args"] is True


def public_macros() -> dict[str, tuple[str, list[str]]]:
    """Each public macro, and generic test: its file and its arguments, as the code has them.

    Of generic tests dbt does not know the arguments, and refuses them in YAML: none are listed.
    Private are names with a leading underscore, implementations for one engine
    (`duckdb__...`), and macros/cross_db/, whose macros stand for SQL that differs. dbt has no
    descriptions of materializations.
    """
    found = {}
    paths = [path for path in files("macros") if "cross_db" not in path.parts]
    for path in paths + files("tests/generic"):
        tree = get_environment(None, capture_macros=True).parse(path.read_text())
        for macro in tree.find_all(nodes.Macro):
            name = macro.name.removeprefix("dbt_macro__")
            if not name.startswith(("_", "materialization_")) and "__" not in name:
                is_test = name.startswith("test_")
                arguments = [] if is_test else [argument.name for argument in macro.args]
                found[name] = (relative(path), arguments)
    return found


def test_public_macros_are_documented_with_all_their_arguments():
    documented = {
        macro["name"]: macro
        for path in files("macros", "tests", suffixes=(".yml", ".yaml"))
        for macro in (yaml.safe_load(path.read_text()) or {}).get("macros", [])
    }
    offenders = []
    for name, (path, arguments) in public_macros().items():
        entry = documented.get(name, {})
        described = [
            argument["name"]
            for argument in entry.get("arguments") or []
            if argument.get("type") and argument.get("description")
        ]
        if not entry.get("description"):
            offenders.append(f"{path}: {name} is not described")
        elif described != arguments:
            offenders.append(f"{path}: {name} has {arguments}, described are {described}")
    none_of(offenders)


# --- SQL files ------------------------------------------------------------------------------
def test_sql_files_are_short():
    lengths = {
        relative(path): len(path.read_text().splitlines())
        for path in files("models", "macros", "tests", "analyses")
    }
    none_of(f"{name}: {count} lines" for name, count in lengths.items() if count > MAX_SQL_LINES)


def test_sql_lines_are_short():
    none_of(
        f"{relative(path)}:{number}: {len(line)} characters"
        for path in files("models", "macros", "tests", "analyses")
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > MAX_LINE_LENGTH
    )


def test_only_cross_db_macros_know_the_engine():
    paths = [
        path
        for path in files("models", "macros", "tests", "analyses")
        if "cross_db" not in path.parts
    ]
    none_of(lines_with(re.compile(r"\btarget\.type\b|\badapter\.type\(\)"), paths))


def test_no_decimal_literal_is_divided():
    # 1.0 / 400 is 0.0025, 0.00250 or, on Trino, 0.0, and so is 1.0 * 3 / 400 of its own places
    paths = files("models", "macros", "tests", "analyses")
    none_of(lines_with(re.compile(r"\d\.\d+[^,()\n]*/(?!/)|/ *\d+\.\d"), paths))


def test_models_do_not_read_a_clock():
    # _run_clock.sql bounds when a row may claim to have been loaded, and says why it needs a clock
    paths = [path for path in files("models", "macros") if path.name != "_run_clock.sql"]
    none_of(lines_with(CLOCKS, paths))


def test_every_table_is_kept_up_to_date_by_the_projects_own_materialization(manifest):
    # dbt's own would ignore an edited model, and know nothing of late events
    none_of(
        f"{node['name']}: materialized {node['config']['materialized']}"
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["config"]["materialized"] not in ("tracked", "tracked_view", "ephemeral")
    )


def test_a_table_that_is_changed_row_by_row_says_which_rows(manifest):
    none_of(
        f"{node['name']}: has a unique_key and does not say stale_rows(...), or the reverse"
        for node in manifest["nodes"].values()
        if node["config"].get("materialized") == "tracked"
        and bool(node["config"].get("unique_key")) != ("stale_rows(" in node["raw_code"])
    )


def test_state_tables_are_made_before_the_tables_and_views_that_they_are_about(manifest):
    filled = {
        unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["config"].get("meta", {}).get("filled_by")
    }
    assert len(filled) >= 3
    none_of(
        f"{node['name']} does not depend on state_models"
        for unique_id, node in manifest["nodes"].items()
        if node["config"].get("materialized") in ("tracked", "tracked_view")
        and unique_id not in filled
        and "model.app_sessions.state_models" not in node["depends_on"]["nodes"]
    )


def above(manifest: dict[str, Any], unique_id: str) -> set[str]:
    """All nodes that are built before this one."""
    found: set[str] = set()
    waiting = [unique_id]
    while waiting:
        parents = set(manifest["parent_map"].get(waiting.pop(), [])) - found
        found |= parents
        waiting.extend(parents)
    return found


def test_no_table_consumes_changes_while_another_notes_more_of_them(manifest):
    # where nothing holds a model's statements together, the rows that it replaces would be
    # others than those that it has rebuilt
    consumes = re.compile(r"touched_(since|event|chains|events|users?|date)\b|pending_changes\(")
    notes = re.compile(r"notes_changes\(|notes_users_that_differ\(")
    tables = [n for n in of_project(manifest, "model") if n["config"]["materialized"] == "tracked"]
    consumers = [n for n in tables if consumes.search(n["raw_code"])]
    noting = [n for n in tables if notes.search(n["raw_code"])]
    assert len(consumers) > 8 and len(noting) >= 2
    none_of(
        f"{consumer['name']} may run beside {noter['name']}: say built_after in the latter"
        for noter in noting
        for consumer in consumers
        if consumer["unique_id"] != noter["unique_id"]
        and consumer["unique_id"] not in above(manifest, noter["unique_id"])
        and noter["unique_id"] not in above(manifest, consumer["unique_id"])
    )
