"""The definition of a session in plain SQL, `analyses/`, is that of `fct_sessions`."""

from __future__ import annotations

from pathlib import Path

from dbt_harness import Dbt
from pipeline import Pipeline
from streams import random_stream

RULE = "session_rule_in_plain_sql"
COLUMNS = "user_key, started_at, ended_at, start_reason"


def sessions_that_differ(dbt: Dbt) -> tuple[int, list[tuple]]:
    """How many sessions there are by the plain rule, and those that only it or the fact has."""
    dbt("compile", "--select", RULE)
    (compiled,) = (dbt.target_path / "compiled").rglob(f"{RULE}.sql")
    rule, fact = compiled.read_text(), f"select {COLUMNS} from core.fct_sessions"
    count = dbt.query(f"select count(*) from ({rule})")[0][0]
    differing = dbt.query(
        f"select 'by the rule only' as side, * from"
        f" (select {COLUMNS} from ({rule}) except all {fact})"
        f" union all select 'in fct_sessions only', * from"
        f" ({fact} except all select {COLUMNS} from ({rule})) order by all limit 20"
    )
    return count, differing


def test_plain_rule_gives_the_sessions_of_the_sample(built: Dbt):
    count, differing = sessions_that_differ(built)
    assert count > 1000
    assert differing == []


def test_plain_rule_gives_the_sessions_of_random_streams(tmp_path: Path):
    # hostile times: ties, gaps around the timeout, opens and closes at one instant
    pipeline = Pipeline(tmp_path, select=["+fct_sessions"])
    pipeline.load(row for seed in range(12000, 12150) for row in random_stream(seed))
    reasons = dict(
        pipeline.query("select start_reason, count(*) from core.fct_sessions group by start_reason")
    )
    assert min(reasons[reason] for reason in ("first", "timeout", "reopen")) > 50, reasons
    count, differing = sessions_that_differ(pipeline.dbt)
    assert count == sum(reasons.values())
    assert differing == []
