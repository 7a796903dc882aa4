"""A run that dies is repaired by the next one (G5), and what stands in a run's way is said clearly.

Runs are killed by SIGKILL at moments spread over their whole length, and again and again; a full
disk, a file that is cut short and a file that vanishes are failures of the same kind.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
from dbt_harness import PROJECT_DIR
from kills import dbt_process, kill, wait_for_models
from pipeline import Pipeline, assert_equal_tables, assert_equals_reference
from streams import RandomChooser, Row, batches_hostile, random_stream, stream_config

KILLS = 6
FACTS = ("+fct_user_days", "+dim_users")
STOPS = (None, "fct_installs", "int_event_log", "int_sessions", "fct_sessions", None)


def hostile_loads(count: int, seed: int, streams: int = 40) -> list[list[Row]]:
    """Loads of many streams at once."""
    rows = [row for number in range(streams) for row in random_stream(seed + number)]
    return batches_hostile(rows, count, RandomChooser(random.Random(seed)))


def test_killed_runs_are_repaired_by_the_next(tmp_path: Path):
    generator = random.Random(9)
    loads = hostile_loads(3, 8000)
    pipeline = Pipeline(tmp_path)
    pipeline.load(loads[0])
    killed_in: list[str] = []
    for number in range(KILLS):
        if number % (KILLS // 2) == 0:
            pipeline.add(loads[1 + number // (KILLS // 2)])
        process = dbt_process(pipeline)
        # spread over the run: before the first model, ..., after the last incremental one
        said = wait_for_models(process, lines=generator.randrange(4, 58))
        time.sleep(generator.random() * 0.2)
        said += kill(process)
        killed_in.append(said.strip().splitlines()[-1][-70:])
        with pipeline.connect(read_only=False) as connection:  # the file opens: not corrupt
            connection.execute("select count(*) from intermediate.int_event_log").fetchall()
    pipeline.run()
    rows = [row for load in loads for row in load]
    assert_equals_reference(pipeline, rows, stream_config())
    assert_equal_tables(pipeline, pipeline.rebuilt())
    assert len(set(killed_in)) > KILLS // 2, killed_in


def test_a_killed_first_build_is_repaired_by_the_next(tmp_path: Path):
    pipeline = Pipeline(tmp_path)
    rows = [row for load in hostile_loads(1, 8100) for row in load]
    pipeline.add(rows)
    for lines in (26, 40):
        process = dbt_process(pipeline)
        wait_for_models(process, lines=lines)
        kill(process)
    pipeline.run()
    assert_equals_reference(pipeline, rows, stream_config())
    assert_equal_tables(pipeline, pipeline.rebuilt())


def test_a_second_run_at_the_same_time_fails_with_a_clear_message(tmp_path: Path):
    pipeline = Pipeline(tmp_path, select=FACTS)
    loads = hostile_loads(2, 8200, streams=10)
    pipeline.load(loads[0])
    pipeline.add(loads[1])
    holder = duckdb.connect(str(pipeline.dbt.database))  # as a run that is under way
    process = dbt_process(pipeline)
    said = process.communicate()[0]
    holder.close()
    assert process.returncode != 0
    assert "Could not set lock on file" in said
    assert f"PID {os.getpid()}" in said
    pipeline.run()
    assert_equal_tables(pipeline, pipeline.rebuilt())


def test_a_full_disk_fails_the_run_and_the_next_repairs_it(tmp_path: Path):
    """The database grows on a file system of a few megabytes, until nothing fits any more."""
    pipeline = Pipeline(tmp_path / "there")
    loads = hostile_loads(2, 8300)
    pipeline.load(loads[0])
    pipeline.add(loads[1] + large_rows(60_000))
    pipeline.point()
    size = pipeline.dbt.database.stat().st_size
    # the limit holds for every file the process writes, the database and its log among them
    script = (
        "import resource, runpy, sys\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size + 2_000_000}, {size + 2_000_000}))\n"
        "from dbt.cli.main import cli; cli()"
    )
    process = subprocess.run(
        [
            *(sys.executable, "-c", script, "--warn-error", "--no-use-colors", "run"),
            *("--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)),
            *("--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")),
            *("--vars", json.dumps(pipeline.dbt.vars)),
        ],
        env={**os.environ, "DUCKDB_PATH": str(pipeline.dbt.database)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode != 0
    said = process.stdout + process.stderr
    assert "File too large" in said or "IO Error" in said, said[-2000:]
    pipeline.run()
    assert_equal_tables(pipeline, pipeline.rebuilt())


def large_rows(count: int) -> list[Row]:
    """Rows that do not compress well."""
    generator = random.Random(4)
    rows = [row for seed in range(9000, 9040) for row in random_stream(seed)]
    return [
        rows[number % len(rows)]
        | {"event_id": f"{generator.getrandbits(160):040x}", "country": None}
        for number in range(count)
    ]


def test_a_file_cut_short_is_read_whole_once_it_is_whole(tmp_path: Path):
    pipeline = Pipeline(tmp_path, select=FACTS)
    loads = hostile_loads(2, 8400, streams=20)
    pipeline.load(loads[0])
    path = pipeline.add(loads[1])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2 - 7])
    pipeline.run()  # half a row is refused
    assert pipeline.count("intermediate.int_event_log", "rejection_reason = 'unreadable_line'") == 1
    path.write_bytes(whole)
    pipeline.run()
    rows = [row for load in loads for row in load]
    assert_equals_reference(pipeline, rows, stream_config())


def test_a_file_that_vanishes_takes_nothing_with_it(tmp_path: Path):
    pipeline = Pipeline(tmp_path, select=FACTS)
    loads = hostile_loads(2, 8500, streams=20)
    rows = [row for load in loads for row in load]
    pipeline.load(loads[0])
    path = pipeline.add(loads[1])
    pipeline.run()
    shutil.move(path, tmp_path / "gone.csv")
    pipeline.run()
    assert_equals_reference(pipeline, rows, stream_config())
    shutil.move(tmp_path / "gone.csv", path)
    pipeline.run()
    assert_equals_reference(pipeline, rows, stream_config())
    assert_equal_tables(pipeline, pipeline.rebuilt())


def test_what_a_killed_build_of_the_log_left_unfinished_is_dropped(tmp_path: Path):
    """The log is written under another name, and has its own once its duplicates are marked."""
    pipeline = Pipeline(tmp_path, select=["+int_event_log"])
    loads = hostile_loads(2, 8700, streams=5)
    pipeline.load(loads[0])
    with pipeline.connect(read_only=False) as connection:
        connection.execute(
            "create table intermediate.int_event_log__unfinished as from intermediate.int_event_log"
        )
    pipeline.add(loads[1])
    pipeline.run("--full-refresh")
    assert not pipeline.query(
        "select table_name from duckdb_tables() where table_name like '%unfinished'"
    )
    assert_equal_tables(pipeline, pipeline.rebuilt())


def test_runs_that_stop_between_models_are_continued(tmp_path: Path):
    """Several loads reach only some of the models before all of them are run."""
    pipeline = Pipeline(tmp_path, select=FACTS)
    loads = hostile_loads(6, 8600, streams=20)
    for load, last_model in zip(loads, STOPS, strict=True):
        pipeline.add(load)
        pipeline.point()
        if last_model:
            pipeline.dbt("run", "--select", f"+{last_model}")
        else:
            pipeline.run()
    rows = [row for load in loads for row in load]
    assert_equals_reference(pipeline, rows, stream_config())
