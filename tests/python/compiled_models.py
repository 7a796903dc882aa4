"""Models' SQL, as dbt compiles it, on tables that a test makes: no run of dbt is needed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
from dbt_harness import Dbt

# what tells how complete the feeds are, beside core.fct_ad_spend
TABLES = """
    create schema core; create schema intermediate; create schema marts;
    create table core.fct_ad_revenue (
        provider varchar, app_id varchar, updated_at timestamp, loaded_at timestamp,
        revenue_date date
    );
    create table intermediate.int_event_loads (
        provider varchar, event_status varchar, last_loaded_at timestamp
    );
"""


# views are steps of what reads them: their SQL takes the place of their names
VIEWS = " ".join(
    f"path:models/intermediate/{folder},config.materialized:tracked_view"
    for folder in ("metrics", "predictions")
)
RELATION = re.compile(r'"app_sessions"\."\w+"\."(\w+)"')


def compiled(dbt: Dbt, models: Mapping[str, str], *given: str) -> dict[str, str]:
    """The SQL of models, {name with its schema: select statement}, in the order given.

    Arguments:
        dbt: a built project.
        models: the schema of each model, by name.
        given: views that a test makes itself.
    """
    dbt("compile", "--select", *models, VIEWS, "--exclude", "resource_type:unit_test")
    found = inlined(dbt.target_path, models, *given)
    return {f"{schema}.{model}": found[model] for model, schema in models.items()}


def inlined(target: Path, models: Iterable[str], *given: str) -> dict[str, str]:
    """The SQL of models by name, as dbt compiled it into a target folder, views written out."""
    # what a unit test is given has a model's name, too, in the folder of its YAML file
    texts = {
        path.stem: path.read_text()
        for path in (target / "compiled").rglob("*.sql")
        if path.parent.suffix != ".yml"
    }
    nodes = json.loads((target / "manifest.json").read_text())["nodes"].values()
    views = {
        node["name"]
        for node in nodes
        if node["config"].get("materialized") == "tracked_view" and node["name"] in texts
    } - {*given}

    def whole(model: str) -> str:
        return RELATION.sub(
            lambda found: f"(\n{whole(found[1])}\n)" if found[1] in views else found[0],
            texts[model],
        )

    return {model: whole(model) for model in models}


@contextmanager
def made_database(folder: Path, tables: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database of `TABLES` and more; the SQL names it, and the name is the file's."""
    with duckdb.connect(str(folder / "app_sessions.duckdb")) as connection:
        connection.execute(TABLES + tables)
        yield connection


def make(connection: duckdb.DuckDBPyConnection, sql: Mapping[str, str]) -> None:
    """Make each model a table, one after the other."""
    for model, select in sql.items():
        connection.execute(f"create table {model} as {select}")
