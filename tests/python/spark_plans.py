"""Spark's plans of what dbt sends: which joins compare every row with every row."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

NESTED_LOOPS = ("BroadcastNestedLoopJoin", "CartesianProduct")
# the rows of a leaf are written in the plan itself, or are one
FEW_ROWS = ("LocalTableScan", "Scan OneRowRelation", "Range")
# of an aggregate without keys there is one row
ONE_ROW = re.compile(r"(Hash|Sort|ObjectHash)Aggregate\(keys=\[\]")
# nodes that give no more rows than they are given
NO_MORE_ROWS = re.compile(
    r"(Project|Filter|(Broadcast)?Exchange|Sort|Window|Union|(Global|Local)Limit"
    r"|(Hash|Sort|ObjectHash)Aggregate|BroadcastNestedLoopJoin|CartesianProduct)\b"
)


class Node:
    """A node of a plan, read from its text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.children: list[Node] = []

    @property
    def is_nested_loop(self) -> bool:
        """Whether it compares each row of one side with each of the other."""
        return self.text.startswith(NESTED_LOOPS)

    def below(self) -> Iterator[Node]:
        """It and all below it."""
        yield self
        for child in self.children:
            yield from child.below()

    def has_few_rows(self, exchanges: dict[str, Node]) -> bool:
        """Whether the plan itself says so, however large the tables are."""
        reused = re.match(r"ReusedExchange .*\[plan_id=(\d+)\]", self.text)
        if reused:
            return reused[1] in exchanges and exchanges[reused[1]].has_few_rows(exchanges)
        if self.text.startswith(FEW_ROWS) or ONE_ROW.match(self.text):
            return True
        return bool(
            NO_MORE_ROWS.match(self.text)
            and self.children
            and all(child.has_few_rows(exchanges) for child in self.children)
        )


def read_plan(text: str) -> list[Node]:
    """The nodes of a plan's text that have no parent: its root, and the roots of subqueries."""
    roots: list[Node] = []
    path: list[tuple[int, Node]] = []
    for line in text.splitlines():
        found = re.match(r"([ :+-]*)(?:\*\(\d+\) )?(.+)", line)
        if not found:
            continue
        depth, node = len(found[1]), Node(found[2])
        while path and path[-1][0] >= depth:
            path.pop()
        (path[-1][1].children if path else roots).append(node)
        path.append((depth, node))
    return roots


def nested_loops(text: str) -> list[str]:
    """The nested loops of a plan of which neither side is known to have few rows."""
    nodes = [node for root in read_plan(text) for node in root.below()]
    exchanges = {}
    for node in nodes:
        exchange = re.match(r"(?:Broadcast)?Exchange .*\[plan_id=(\d+)\]", node.text)
        if exchange:
            exchanges[exchange[1]] = node
    return [
        node.text
        for node in nodes
        if node.is_nested_loop and not any(child.has_few_rows(exchanges) for child in node.children)
    ]


class Listener:
    """What Spark calls after each statement, in Java's words."""

    def __init__(self) -> None:
        self.plans: list[str] = []

    def onSuccess(self, name: str, query: Any, nanoseconds: int) -> None:
        """Keep the plan that was carried out."""
        self.plans.append(query.executedPlan().toString())

    def onFailure(self, name: str, query: Any, error: Any) -> None:
        """Leave it to dbt."""

    class Java:
        """Which interface it has."""

        implements = ("org.apache.spark.sql.util.QueryExecutionListener",)


@contextlib.contextmanager
def nested_loops_by_model() -> Iterator[dict[str, set[str]]]:
    """The nested loops of all that dbt's models send meanwhile, {model: joins without ids}.

    A model whose statements have none is there as well.
    """
    from dbt.adapters.spark.session import Cursor
    from pyspark.java_gateway import ensure_callback_server_started
    from pyspark.sql import SparkSession

    found: dict[str, set[str]] = {}
    listener, model, execute = Listener(), "", Cursor.execute
    listened: list[Any] = []

    def note() -> None:
        if listened:
            listened[0].sparkContext._jsc.sc().listenerBus().waitUntilEmpty()
        while listener.plans:
            loops = (re.sub(r"#\d+L?", "", loop) for loop in nested_loops(listener.plans.pop()))
            if model:
                found.setdefault(model, set()).update(loops)

    def noted(self: Any, sql: str, *parameters: Any) -> None:
        nonlocal model
        note()
        node = re.search(r'"node_id": "model\.\w+\.(\w+)"', sql)
        model = node[1] if node else ""
        execute(self, sql, *parameters)
        if not listened:  # the first statement opens the session
            session = SparkSession.builder.getOrCreate()
            ensure_callback_server_started(session.sparkContext._gateway)
            session._jsparkSession.listenerManager().register(listener)
            listened.append(session)

    Cursor.execute = noted
    try:
        yield found
        note()
    finally:
        Cursor.execute = execute
        for session in listened:
            session._jsparkSession.listenerManager().unregister(listener)
