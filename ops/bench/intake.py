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
# the header of AppsFlyer's Pull API: 81 columns
PULL = (
    "Attributed Touch Type,Attributed Touch Time,Install Time,Event Time,Event Name,Event Value,Event Revenue,"
    "Event Revenue Currency,Event Revenue USD,Event Source,Is Receipt Validated,Partner,Media Source,Channel,Keywords,"
    "Campaign,Campaign ID,Adset,Adset ID,Ad,Ad ID,Ad Type,Site ID,Sub Site ID,Sub Param 1,Sub Param 2,Sub Param 3,"
    "Sub Param 4,Sub Param 5,Cost Model,Cost Value,Cost Currency,"
    + "".join(
        f"Contributor {n} Partner,Contributor {n} Media Source,Contributor {n} Campaign,Contributor {n} Touch Type,"
        f"Contributor {n} Touch Time,"
        for n in (1, 2, 3)
    )
    + "Region,Country Code,State,City,Postal Code,DMA,IP,WIFI,Operator,Carrier,Language,AppsFlyer ID,Advertising ID,IDFA,"
    "Android ID,Customer User ID,IMEI,IDFV,Platform,Device Type,OS Version,App Version,SDK Version,App ID,App Name,"
    "Bundle ID,Is Retargeting,Retargeting Conversion Type,Attribution Lookback,Reengagement Window,"
    "Is Primary Attribution,User Agent,HTTP Referrer,Original URL"
).split(",")
# what a report has in them; the others are blank. Texts that are read by nobody are as long as usual
FILLED = {
    "Attributed Touch Type": "'click'",
    "Attributed Touch Time": "strftime(event_at - interval 3 day, '%Y-%m-%d %H:%M:%S')",
    "Install Time": "strftime(event_at - interval 2 day, '%Y-%m-%d %H:%M:%S')",
    "Event Time": "strftime(event_at, '%Y-%m-%d %H:%M:%S')",
    "Event Name": "case event_name when 'app_open' then 'launch' when 'ad_impression' then 'af_ad_revenue'"
    " when 'purchase' then 'af_purchase' else event_name end",
    "Event Value": "'{\"af_id\":\"' || event_id || '\"}'",
    "Event Revenue": "coalesce(revenue, ad_revenue_usd)",
    "Event Revenue Currency": "'USD'",
    "Event Revenue USD": "coalesce(revenue, ad_revenue_usd)",
    "Event Source": "'SDK'",
    "Media Source": "'googleadwords_int'",
    "Campaign": "'DE_Blocks_ACI'",
    "Campaign ID": "coalesce(campaign_id, '20830000001')",
    "Adset": "'Adset of DE_Blocks'",
    "Adset ID": "'118000000001'",
    "Region": "'EU'",
    "Country Code": "country",
    "State": "'BE'",
    "City": "'Berlin'",
    "Postal Code": "'10115'",
    "DMA": "'None'",
    "IP": "'203.0.113.7'",
    "WIFI": "'true'",
    "Carrier": "'Example Telecom'",
    "Language": "'Deutsch'",
    "AppsFlyer ID": "'1704067200000-' || (hash(device_id) % 10000000000)::varchar",
    "Advertising ID": "device_id",
    "Platform": "platform",
    "Device Type": "device_model",
    "OS Version": "'14'",
    "App Version": "app_version",
    "SDK Version": "'v6.12.1'",
    "App ID": "app_id",
    "App Name": "'Blocks'",
    "Bundle ID": "app_id",
    "Is Retargeting": "'false'",
    "Attribution Lookback": "'7d'",
    "User Agent": "'Dalvik/2.1.0 (Linux; U; Android 14; SamplePhone Build/UP1A.231005.007)'",
    "Original URL": "'https://app.example.com/id?pid=googleadwords_int&c=DE_Blocks_ACI&af_siteid=1&clickid=' || event_id",
}


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
    found: dict = {"commit": commit, "events": rows, "csv_events": text_rows, "plain": [], "plain_same_format": [], "parquet": [], "csv": [],
                   "csv_before": [], "idle": {str(FEW): [], str(MANY): []}}  # fmt: skip
    for _ in range(repetitions):
        found["plain"].append(plain_copy(parquet, folder / "plain.duckdb"))
        found["plain_same_format"].append(
            plain_copy(
                parquet, folder / "plain.duckdb", {"storage_compatibility_version": "v1.3.0"}
            )
        )
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


def appsflyer(
    work: Path, events: float, repetitions: int, project_of: Callable[..., Any], say: Callable
) -> dict:
    """CPU of the event log of the same events in AppsFlyer's 81 columns and in the generic 16, in turn.

    Arguments:
        work: where files and databases go.
        events: how many.
        repetitions: how often each is measured; the medians count.
        project_of: run.py's Project.
        say: where progress goes.
    """
    folder = work / "appsflyer"
    shutil.rmtree(folder, ignore_errors=True)
    parquet, texts = folder / "parquet", folder / "csv"
    # late rows and copies come on top
    write(Stream(1.02 * events / 60), parquet, 0, 60)
    files = max(1, int(events / 1e6))
    rows = as_csv(parquet, texts, int(events), files)
    shutil.rmtree(parquet)
    pull = as_pull_reports(texts, folder / "pull", files)
    found: dict = {"rows": rows, "columns": [len(PULL), 16], "pull": [], "generic": [],
                   "mb": [megabytes(pull), megabytes(texts)]}  # fmt: skip
    for _ in range(repetitions):
        for name, raw, provider in (("generic", texts, "generic"), ("pull", pull, "appsflyer")):
            project = project_of(folder / "build", raw=raw, providers=[provider])
            found[name].append(log_alone(project.dbt("build", *LOG)))
            log = "intermediate.int_event_log"
            ((logged, known),) = project.query(f"select count(*), count(user_id) from {log}")
            if (logged, known) != (rows, rows):
                raise SystemExit(
                    f"{name}: {logged} of {rows} rows are in the log, {known} with a user"
                )
            shutil.rmtree(project.folder)
        say(
            "  int_event_log, CPU: "
            + ", ".join(
                f"{name} {found[name][-1]['cpu_seconds']:.1f} s" for name in ("generic", "pull")
            )
        )
    shutil.rmtree(folder)
    return found


def as_pull_reports(texts: Path, folder: Path, files: int) -> Path:
    """The events of CSV files in AppsFlyer's columns; the folder."""
    (folder / "appsflyer" / "events").mkdir(parents=True)
    columns = ", ".join(f'{FILLED.get(name, "null")} as "{name}"' for name in PULL)
    with duckdb.connect() as connection:
        for number in range(files):
            connection.execute(
                f"copy (select {columns} from read_csv('{texts}/events/{number:03}.csv'))"
                f" to '{folder}/appsflyer/events/report_{number:03}.csv' (format csv, header)"
            )
    return folder


def megabytes(folder: Path) -> float:
    """How large a folder's files are."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def log_alone(measured: dict) -> dict:
    """CPU and seconds of the models up to int_event_log; seeds, which come with it, left out."""
    models = measured["models"].values()
    return {name: sum(model[name] for model in models) for name in ("seconds", "cpu_seconds")} | {
        "models": measured["models"], "peak_mb": measured["peak_mb"]
    }  # fmt: skip


def plain_copy(parquet: Path, database: Path, config: dict | None = None) -> dict:
    """`create table as select *` of the same files, in a database of its own and of these settings."""
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database), config=config or {}) as connection:
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
