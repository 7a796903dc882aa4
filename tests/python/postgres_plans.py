"""Postgres' plans of what dbt sends: which joins compare every row with every row.

The server writes each plan into its log. Nested loops are off in the session, as they are while
a model is built: of tiny tables the planner would take one anywhere. So one that is left is a join
without an equality, by which alone tables are hashed or sorted.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SETTINGS = {
    "enable_nestloop": "off",
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_format": "json",
}
# the rows of such a leaf are written in the statement
WRITTEN_OUT = {"Result", "Values Scan"}
# nodes that give no more rows than they are given
NO_MORE_ROWS = re.compile(
    "Aggregate|Append|CTE Scan|Gather|Gather Merge|Group|Hash|Incremental Sort|Limit|LockRows"
    "|Materialize|Memoize|Nested Loop|Result|SetOp|Sort|Subquery Scan|Unique|WindowAgg"
)


def has_few_rows(node: dict[str, Any], ctes: dict[str, dict]) -> bool:
    """Whether the plan itself says so, however large the tables are."""
    kind, below = node["Node Type"], rows_from(node)
    if kind == "Aggregate" and node["Strategy"] == "Plain":
        return True
    if kind == "CTE Scan":
        below = [ctes[node["CTE Name"]]] if node["CTE Name"] in ctes else []
    if not below:
        return kind in WRITTEN_OUT
    return bool(NO_MORE_ROWS.fullmatch(kind)) and all(has_few_rows(child, ctes) for child in below)


def rows_from(node: dict[str, Any]) -> list[dict]:
    """The nodes whose rows a node reads."""
    return [
        child
        for child in node.get("Plans", [])
        if child["Parent Relationship"] in ("Outer", "Inner", "Member", "Subquery")
    ]


def below(node: dict[str, Any]) -> Iterator[dict]:
    """A node and all below it."""
    yield node
    for child in node.get("Plans", []):
        yield from below(child)


def nested_loops(plan: dict[str, Any]) -> set[str]:
    """The conditions of the nested loops of which neither side is known to have few rows.

    A subquery that reads a table for each row is one, too.
    """
    nodes = list(below(plan))
    ctes = {
        node["Subplan Name"].removeprefix("CTE "): node
        for node in nodes
        if node.get("Subplan Name", "").startswith("CTE ")
    }
    hashed = set(re.findall(r"hashed (SubPlan \d+)", json.dumps(plan)))
    subqueries = {
        f"{node['Subplan Name']} for each row"
        for node in nodes
        if node.get("Parent Relationship") == "SubPlan" and node["Subplan Name"] not in hashed
        if any({"Relation Name", "CTE Name"} & child.keys() for child in below(node))
    }
    return subqueries | {
        f"{node['Join Type']}, {node.get('Join Filter', 'any row')}"
        for node in nodes
        if node["Node Type"] == "Nested Loop"
        and not any(has_few_rows(child, ctes) for child in rows_from(node))
    }


@contextlib.contextmanager
def nested_loops_by_model(log: Path) -> Iterator[dict[str, set[str]]]:
    """The nested loops of all that dbt's models send meanwhile, {model: conditions}.

    A model whose statements have none is there as well.

    Arguments:
        log: the server's log.
    """
    found: dict[str, set[str]] = {}
    start = log.stat().st_size
    with pytest.MonkeyPatch.context() as patch:
        options = [f"-c {name}={value}" for name, value in SETTINGS.items()]
        patch.setenv("PGOPTIONS", " ".join([os.environ.get("PGOPTIONS", ""), *options]))
        yield found
    with log.open(encoding="utf-8") as lines:
        lines.seek(start)
        for message in re.split(r"\n(?!\t)", lines.read()):
            if " plan:\n" not in message:
                continue
            explained = json.loads(message.split(" plan:\n", 1)[1].replace("\n\t", "\n"))
            model = re.search(r'"node_id": "model\.\w+\.(\w+)"', explained["Query Text"])
            if model:
                found.setdefault(model[1], set()).update(nested_loops(explained["Plan"]))
