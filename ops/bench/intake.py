"""What it costs to take files in: CPU of the event log, runs with nothing new, files that are read."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from generate import Stream, write

PROJECT = Path(__file__).resolve().parents[2]
LOG = ("--select", "+int_event_log", "--threads", "1", "--exclude-resource-type", "test",
       "--exclude-resource-type", "unit_test")  # fmt: skip
ALL = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
FEW, MANY, FOLDER = 10, 150, 3_000
ROWS_OF_A_FILE = 5_000


def intake(
    work: Path,
    events: float,
    repetitions: int,
    commit: str,
    project_of: Callable[..., Any],
    say: Callable,
) -> dict:
    """All of it, in turn, on the same events.

    Arguments:
        work: where files and databases go.
        events: how many, for the full builds of int_event_log.
        repetitions: how often each is measured; the medians count.
        commit: the code that is compared with, which had no ledger of files.
        project_of: run.py's Project.
        say: where progress goes.
    """
    folder = work / "intake"
    shutil.rmtree(folder, ignore_errors=True)
    parquet, texts = folder / "parquet", folder / "csv"
    rows = write(Stream(events / 60), parquet, 0, 60)
    text_rows = as_csv(parquet, texts, int(events / 3), max(1, int(events / 3e6)))
    old = code_of(commit, folder / "code")
    found: dict = {"commit": commit, "events": rows, "csv_events": text_rows, "plain": [], "parquet": [], "csv": [],
                   "csv_before": [], "idle": {str(FEW): [], str(MANY): []}}  # fmt: skip
    for _ in range(repetitions):
        found["plain"].append(plain_copy(parquet, folder / "plain.duckdb"))
        for name, raw, code in (
            ("parquet", parquet, PROJECT),
            ("csv", texts, PROJECT),
            ("csv_before", texts, old),
        ):
            project = project_of(folder / "build", raw=raw, code=code)
            found[name].append(log_alone(project.dbt("build", *LOG)))
            shutil.rmtree(project.folder)
        say(
            "  int_event_log, CPU: "
            + ", ".join(
                f"{name} {found[name][-1]['cpu_seconds']:.1f} s"
                for name in ("plain", "parquet", "csv", "csv_before")
            )
        )
    for count in (FEW, MANY):
        raw = folder / f"files_{count}"
        cut(texts, raw, count, ROWS_OF_A_FILE)
        project = project_of(folder / f"idle_{count}", raw=raw)
        project.dbt("build", *ALL)
        for repetition in range(repetitions + 1):
            measured = project.dbt("build", *ALL)
            if repetition:  # the first run after a full build parses the incremental models
                found["idle"][str(count)].append(measured)
        say(f"  nothing new, {count} files: {measured['cpu_seconds']:.1f} s of CPU")
    found["one_more"] = one_file_more(texts, folder, project_of, say)
    shutil.rmtree(folder)
    return found


def log_alone(measured: dict) -> dict:
    """CPU and seconds of the models up to int_event_log; seeds, which come with it, left out."""
    models = measured["models"].values()
    return {name: sum(model[name] for model in models) for name in ("seconds", "cpu_seconds")} | {
        "models": measured["models"], "peak_mb": measured["peak_mb"]
    }  # fmt: skip


def plain_copy(parquet: Path, database: Path) -> dict:
    """`create table as select *` of the same files."""
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as connection:
        began, cpu = time.time(), time.process_time()
        connection.execute(
            f"create table events as select * from read_parquet('{parquet}/events/*.parquet')"
        )
        spent = {"seconds": time.time() - began, "cpu_seconds": time.process_time() - cpu}
    database.unlink()
    return spent


def as_csv(parquet: Path, texts: Path, rows: int, files: int) -> int:
    """Some of the events as CSV files; how many."""
    (texts / "events").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"create table events as from read_parquet('{parquet}/events/*.parquet') limit {rows}"
        )
        for number in range(files):
            connection.execute(
                f"copy (from events where rowid % {files} = {number}) to"
                f" '{texts}/events/{number:03}.csv' (format csv, header)"
            )
        return connection.execute("select count(*) from events").fetchone()[0]


def cut(source: Path, target: Path, count: int, rows: int, endings: tuple = ("csv",)) -> None:
    """So many files of so many rows of other files of events."""
    (target / "events").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"create table events as from read_csv('{source}/events/*.csv', all_varchar = true)"
            f" limit {count * rows}"
        )
        for number in range(count):
            ending = endings[number % len(endings)]
            connection.execute(
                f"copy (from events where rowid // {rows} = {number}) to"
                f" '{target}/events/{number:05}.{ending}' (format {ending})"
            )


def one_file_more(
    texts: Path, folder: Path, project_of: Callable[..., Any], say: Callable
) -> list[dict]:
    """Runs on a folder of many files, with which of them DuckDB read anything of."""
    raw, log = folder / "many", folder / "file_log"
    endings = ("csv", "parquet")
    cut(texts, raw, FOLDER, 20, endings)
    project = project_of(folder / "many_build", raw=raw, environment={"BENCH_FILE_LOG": str(log)})
    runs = []
    for what in ("full build", "nothing new", "one CSV file more", "one Parquet file more"):
        new = raw / "events" / f"new.{'csv' if 'CSV' in what else 'parquet'}"
        if "more" in what:
            ending = new.suffix[1:]
            kept = next((raw / "events").glob(f"*.{ending}"))
            shutil.copy(kept, new)
        log.mkdir()
        measured = project.dbt("build", *ALL)
        opened, read = files_of(log, raw)
        runs.append({"run": what, "seconds": measured["seconds"], "listed": len(opened),
                     "read": len(read), "read_names": sorted(read)[:5]})  # fmt: skip
        say(f"  {FOLDER:,} files, {what}: {len(read):,} read, {measured['seconds']:.1f} s")
    return runs


def files_of(log: Path, raw: Path) -> tuple[set[str], set[str]]:
    """Files of a folder that DuckDB opened, and those that it read anything of; a listing opens
    files and reads nothing. The log is gone afterwards."""
    csv.field_size_limit(10_000_000)
    found: dict[str, set[str]] = {"OPEN": set(), "READ": set()}
    for path in log.rglob("*entries*.csv"):
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                entry = json.loads(row["message"])
                if entry["op"] in found and entry["path"].startswith(f"{raw}{os.sep}"):
                    found[entry["op"]].add(Path(entry["path"]).name)
    shutil.rmtree(log)
    return found["OPEN"], found["READ"]


def code_of(commit: str, folder: Path) -> Path:
    """The project as it was at a commit, in a folder of its own.

    Raises:
        SystemExit: git does not have the commit here.
    """
    folder.mkdir(parents=True)
    packed = subprocess.run(["git", "archive", commit], cwd=PROJECT, stdout=subprocess.PIPE)
    if packed.returncode:
        raise SystemExit(f"there is no commit {commit} here to compare with")
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed.stdout, check=True)
    shutil.copytree(PROJECT / "dbt_packages", folder / "dbt_packages")
    return folder
