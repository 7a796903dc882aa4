"""What Spark takes: sessions in three forms, first builds, a day more, nothing new.

    SPARK_MEMORY=6g .venv-spark/bin/python ops/bench/spark.py --events 2e6

With the environment that `make test-spark` makes, and Java. One local session of two cores with Iceberg tables does all of it. Three
times are told: processor time of the session's tasks, which is what a cluster's executors would take; of its whole Java process and
of this one, where dbt is, planning and compiling of Java code included; and the clock's. What else runs on the machine has less say
in the first two. Events have no explicit closes, so that the forms over events need not look for any; that we do is in our time.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from generate import Stream, write

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tests" / "python"))

from dbt_harness import Dbt  # noqa: E402
from test_spark import Spark, iceberg_jar  # noqa: E402

VARS = {
    "providers": ["generic"],
    "raw_schema": "raw",
    "use_sample": False,
    "deduplication_window_days": {"generic": 0},
}
MEASURES = """
    min(event_at) as started_at, max(event_at) as ended_at, count(*) as event_count,
    count(case when event_type = 'app_open' then 1 end) as explicit_open_count,
    count(case when event_type = 'in_app_event' then 1 end) as in_app_event_count,
    count(case when event_type = 'ad_impression' then 1 end) as ad_impression_count,
    count(case when event_type = 'purchase' then 1 end) as purchase_count,
    sum(ad_revenue_usd) as ad_revenue_usd, sum(iap_revenue_usd) as iap_revenue_usd,
    min_by(country, event_at) as country, min_by(app_version, event_at) as app_version,
    min_by(campaign_id, event_at) as touch_campaign_id,
    min(app_id) as app_id, min(platform) as platform, min(user_id) as user_id,
    min(installed_at) as acquired_at, max(loaded_at) as loaded_at"""
FORMS = {
    "event-level `lag` and running sum": f"""
        select user_key, session_number, {MEASURES}
        from (
            select *, sum(is_start) over (
                partition by user_key order by event_at rows between unbounded preceding and current row
            ) as session_number
            from (
                select *, case when event_at < lag(event_at) over (partition by user_key order by event_at)
                    + interval 1800 seconds then 0 else 1 end as is_start
                from intermediate.int_events where is_activity
            ) as started
        ) as numbered
        group by user_key, session_number""",
    "Spark's `session_window`": f"""
        select user_key, session_window.start as window_started_at, {MEASURES}
        from intermediate.int_events
        where is_activity
        group by user_key, session_window(event_at, '1800 seconds')""",
}


class Measured:
    """A session, and how much processor time it has taken."""

    def __init__(self, folder: Path) -> None:
        self.spark = Spark(folder)
        self.task_log, self.task_log_read, self.task_seconds = folder / "tasks", 0, 0.0
        self.task_log.mkdir()
        (folder / "conf").mkdir()
        (folder / "conf" / "spark-defaults.conf").write_text(
            f"spark.eventLog.enabled true\nspark.eventLog.dir file://{self.task_log}\n"
        )
        os.environ["SPARK_CONF_DIR"] = str(folder / "conf")

    def executor_seconds(self) -> float:
        """Processor time of all tasks until now, by Spark's own log of them."""
        (log,) = self.task_log.iterdir()
        with log.open("rb") as lines:
            lines.seek(self.task_log_read)
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                self.task_log_read += len(line)
                if b"SparkListenerTaskEnd" in line:
                    metrics = json.loads(line).get("Task Metrics") or {}
                    self.task_seconds += metrics.get("Executor CPU Time", 0) / 1e9
        return self.task_seconds

    def processor_seconds(self) -> float:
        """Of the Java process and of this one, until now."""
        pid = self.spark.session._jvm.java.lang.ProcessHandle.current().pid()
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + time.process_time()

    def note(self, what: str, work: Callable[[], object]) -> float:
        """Do something, and say what it took; the processor time of tasks."""
        tasks, before, began = self.executor_seconds(), self.processor_seconds(), time.time()
        work()
        took = self.executor_seconds() - tasks
        print(
            f"{what}: {took:.1f} s of tasks, {self.processor_seconds() - before:.1f} s of all, "
            f"{time.time() - began:.1f} s",
            flush=True,
        )
        return took


def load(measured: Measured, folder: Path) -> None:
    """The Parquet files of a folder as one more load of the raw table."""
    session = measured.spark.session
    frame = session.read.parquet(str(folder / "events"))
    session.sql("create schema if not exists raw")
    writer = frame.writeTo("raw.events").using("iceberg")
    if session.catalog.tableExists("raw.events"):
        writer.append()
    else:
        writer.create()


def whole_runs(measured: Measured, dbt: Dbt, stream: Stream, folder: Path, days: int) -> None:
    """A first build of all models, a run with nothing new, a day more."""
    first = measured.note("first build", lambda: dbt("run"))
    again = measured.note("nothing new", lambda: dbt("run"))
    write(stream, folder / "more", days, days + 1)
    load(measured, folder / "more")
    more = measured.note("a day more", lambda: dbt("run"))
    print(
        f"a day more against a first build: {more / first:.2f}x; nothing new: {again / first:.2f}x"
    )


def main() -> None:
    """Build, compare, say the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=float, default=2e6)
    parser.add_argument("--days", type=int, default=8)
    parser.add_argument("--sessions-only", action="store_true", help="the three forms alone")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="spark-bench-"))
    os.environ |= {
        "TZ": "UTC",
        "SPARK_WAREHOUSE": str(folder / "warehouse"),
        "SPARK_JARS": os.environ.get("SPARK_JARS") or str(iceberg_jar()),
        "SPARK_MASTER": "local[2]",
        "SPARK_METHOD": "session",
    }
    time.tzset()
    measured = Measured(folder)
    dbt: Dbt = measured.spark.dbt("bench", vars=VARS)
    stream = Stream(given.events / given.days, closes=False)
    dbt("seed")  # opens the session
    write(stream, folder / "history", 0, given.days)
    load(measured, folder / "history")
    if given.sessions_only:
        measured.note("as far as `int_sessions`", lambda: dbt("run", "--select", "+int_sessions"))
    else:
        whole_runs(measured, dbt, stream, folder, given.days)
    select = ("run", "--full-refresh", "--select", "int_sessions")
    ours = measured.note("`int_sessions`", lambda: dbt(*select))
    ours_rows = measured.spark.sql("select count(*) from intermediate.int_sessions")[0][0]
    for name, sql in FORMS.items():
        statement = f"create or replace table raw.form using iceberg as {sql}"
        theirs = measured.note(name, lambda sql=statement: measured.spark.session.sql(sql))
        rows = measured.spark.sql("select count(*) from raw.form")[0][0]
        print(
            f"`int_sessions` against it: {ours / theirs:.2f}x; {ours_rows:,} and {rows:,} sessions"
        )
    measured.spark.session.stop()


if __name__ == "__main__":
    main()
