"""Measure this project beside what people would use instead; README.md says what and how.

Every measurement is a process of its own. What is compared is run in turn, several times over,
and no time is kept of a form whose result differs from ours.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import forecast
import forms
import ltv
import report
from generate import Stream, write
from intake import appsflyer, code_of, intake

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
NO_TESTS = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
# what dbt_mixpanel has tables of: sessions, and users by day and month
SAME_MODELS = ["--select", "+fct_sessions", "+mart_daily_engagement"]
SESSION_MODELS = ["int_sessions", "fct_installs", "fct_sessions"]
# what polars and pandas are compared in
SESSION_COLUMNS = """user_key, app_id, platform, user_id, country, app_version, started_at, ended_at,
    event_count, explicit_open_count, in_app_event_count, ad_impression_count, purchase_count,
    round(coalesce(ad_revenue_usd, 0)::double, 6), round(coalesce(iap_revenue_usd, 0)::double, 6), loaded_at"""

began = time.time()


def say(text: str) -> None:
    """Progress, with the minutes since the start."""
    print(f"[{(time.time() - began) / 60:5.1f} min] {text}", flush=True)


def run(command: list[str], environment: dict[str, str], temporary: Path | None = None) -> dict:
    """Run a command: wall seconds, peak memory of the process, most that it spilled."""
    spilled, peak, done = [0], [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.5):
            status = Path(f"/proc/{process.pid}/status")
            for line in status.read_text().splitlines() if status.exists() else []:
                if line.startswith("VmHWM"):
                    peak[0] = int(line.split()[1]) / 1024
            if temporary and temporary.exists():
                with_sizes = [f.stat().st_size for f in list(temporary.glob("*")) if f.exists()]
                spilled[0] = max(spilled[0], sum(with_sizes))

    started = time.time()
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    output, _ = process.communicate()
    seconds = time.time() - started
    done.set()
    watcher.join()
    return {
        "seconds": seconds,
        "peak_mb": peak[0],
        "spilled_mb": spilled[0] / 1e6,
        "code": process.returncode,
        "output": output,
    }


class Project:
    """One database of this project, in a folder with the events it reads."""

    def __init__(
        self,
        folder: Path,
        raw: Path | None = None,
        environment: dict | None = None,
        code: Path = PROJECT,
    ):
        self.folder, self.raw, self.code = folder, raw or folder, code
        self.database = folder / "app_sessions.duckdb"
        self.environment = environment or {}
        folder.mkdir(parents=True, exist_ok=True)

    def dbt(self, *arguments: str) -> dict:
        """Run dbt: times by node type, rows scanned and written, bytes, memory."""
        result = self.folder / "result.json"
        variables = {"providers": ["generic"], "raw_path": str(self.raw), "use_sample": False}
        if self.code == PROJECT:
            variables["deduplication_window_days"] = {"generic": 0}  # as generate.py makes copies
        outcome = run(
            [
                sys.executable,
                str(HERE / "measure_dbt.py"),
                str(result),
                "--quiet",
                "--no-use-colors",
                *arguments,
                "--vars",
                json.dumps(variables),
                "--project-dir",
                str(self.code),
                "--profiles-dir",
                str(self.code),
                "--target",
                "duckdb",
                "--target-path",
                str(self.folder / "target"),
                "--log-path",
                str(self.folder / "logs"),
            ],
            {
                "DUCKDB_PATH": str(self.database),
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
                **self.environment,
            },
            Path(f"{self.database}.tmp"),
        )
        if not result.exists():
            raise SystemExit(f"dbt {arguments[0]} stopped:\n{outcome['output']}")
        facts = json.loads(result.read_text())
        result.unlink()
        broken = {
            name: node["message"]
            for name, node in facts["nodes"].items()
            if node["status"] in ("error", "fail") and node["type"] not in ("test", "unit_test")
        }
        if broken or (not facts["success"] and not facts["nodes"]):
            raise SystemExit(f"dbt {' '.join(arguments)}: {broken or outcome['output']}")
        return summed(facts, outcome)

    def query(self, sql: str) -> list[tuple]:
        """Rows of a query on the built database."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def compiled(self) -> Path:
        """Folder of the models' SQL as of a full build."""
        self.dbt("compile", "--full-refresh", "--select", *SESSION_MODELS)
        return self.folder / "target" / "compiled"


def summed(facts: dict, outcome: dict) -> dict:
    """What one dbt run did, in figures."""
    kept = [s for s in facts["statements"] if not s["is_scratch"]]
    writes = [s for s in kept if s["target"]]
    tables: dict[str, int] = {}
    for statement in writes:
        name = statement["target"].split("__dbt_")[0]
        tables[name] = tables.get(name, 0) + statement["rows_written"]
    sql = sum(s["seconds"] for s in facts["statements"])
    nodes = facts["nodes"]
    models: dict[str, dict[str, float]] = {}
    for statement in facts["statements"]:
        if nodes.get(statement["node"], {}).get("type") == "model":
            spent = models.setdefault(statement["node"], {"seconds": 0, "cpu_seconds": 0})
            for name in spent:
                spent[name] += statement[name]
    by_type: dict[str, float] = {}
    for node in nodes.values():
        by_type[node["type"]] = by_type.get(node["type"], 0) + node["seconds"]
    incremental = sum(
        rows
        for name, rows in tables.items()
        if not name.startswith(("mart_", "dim_")) or name == "dim_users"
    )
    return {
        "seconds": outcome["seconds"],
        "sql_seconds": sql,
        "cpu_seconds": facts["cpu_seconds"],
        "models": models,
        "peak_mb": facts["peak_mb"],
        "spilled_mb": outcome["spilled_mb"],
        "rows_scanned": sum(s["rows_scanned"] for s in facts["statements"]),
        "rows_written": incremental,
        "mart_rows_written": sum(tables.values()) - incremental,
        "mb_read": facts["mb_read"],
        "mb_written": facts["mb_written"],
        "nodes": len(nodes),
        "seconds_by_type": by_type,
        "seconds_by_node": {name: node["seconds"] for name, node in nodes.items()},
        "slowest": sorted(((n["seconds"], name) for name, n in nodes.items()), reverse=True)[:12],
        "written_by_table": tables,
        "failed_tests": [
            name
            for name, n in nodes.items()
            if n["type"] in ("test", "unit_test")
            and n["status"] not in ("pass", "success", "warn", "skipped")
        ],
    }


def measure_form(folder: Path, name: str, request: dict) -> tuple[dict, Path]:
    """One measurement of one form, and where its result is."""
    out = folder / f"form_{name}.{'duckdb' if request['engine'] == 'duckdb' else 'parquet'}"
    for path in (out, Path(f"{out}.wal")):
        path.unlink(missing_ok=True)
    asked, result = folder / "request.json", folder / "measured.json"
    result.unlink(missing_ok=True)
    asked.write_text(json.dumps({**request, "out": str(out), "result": str(result)}))
    outcome = run([sys.executable, str(HERE / "forms.py"), str(asked)], {}, Path(f"{out}.tmp"))
    if not result.exists():
        lines = [line for line in outcome["output"].splitlines() if "Error" in line] or ["killed"]
        return {"failed": lines[-1][:200]}, out
    return {**json.loads(result.read_text()), "spilled_mb": outcome["spilled_mb"]}, out


def in_turn(folder: Path, requests: dict[str, dict], repetitions: int, compare) -> dict[str, dict]:
    """All forms, in turn, so many times; the first time their results are compared.

    Arguments:
        folder: where results go.
        requests: name of the form: what forms.py is asked.
        repetitions: how often each is run.
        compare: called with the results' paths by name; {name: rows that differ from ours}.
    """
    times: dict[str, list[dict]] = {name: [] for name in requests}
    differing: dict[str, int] = {}
    for repetition in range(repetitions):
        outs = {}
        for name, request in requests.items():
            if times[name] and "failed" in times[name][0]:
                continue
            measured, outs[name] = measure_form(folder, name, request)
            times[name].append(measured)
            say(
                f"  {repetition + 1}/{repetitions} {name}: "
                + (
                    measured.get("failed")
                    or f"{measured['seconds']:.2f} s, {measured['peak_mb']:.0f} MB"
                )
            )
        if repetition == 0:
            differing = compare({n: o for n, o in outs.items() if "failed" not in times[n][0]})
            for name, rows in differing.items():
                if rows:
                    say(f"  {name}: {rows} rows differ from ours, its times do not count")
    found = {}
    for name, runs in times.items():
        if "failed" in runs[0]:
            found[name] = {"failed": runs[0]["failed"]}
            continue
        found[name] = {
            "seconds": statistics.median(r["seconds"] for r in runs),
            "seconds_all": [r["seconds"] for r in runs],
            "cpu_seconds": statistics.median(r["cpu_seconds"] for r in runs),
            "peak_mb": max(r["peak_mb"] for r in runs),
            "spilled_mb": max(r["spilled_mb"] for r in runs),
            "rows_that_differ": differing.get(name),
        }
    for path in folder.glob("form_*"):
        path.unlink()
    return found


def differences(ours: str, theirs: str, attach: dict[str, Path]) -> int:
    """How many rows are in one query's result and not in the other's."""
    with duckdb.connect() as connection:
        for name, path in attach.items():
            connection.execute(f"attach '{path}' as {name} (read_only)")
        return connection.execute(
            f"select (select count(*) from (({ours}) except all ({theirs})))"
            f" + (select count(*) from (({theirs}) except all ({ours})))"
        ).fetchone()[0]


def sessions_over_events(
    work: Path, events: float, repetitions: int, closes: bool, outside: bool
) -> dict:
    """fct_sessions from the same int_events in several forms; with `outside` polars and pandas too."""
    folder = work / ("outside" if outside else "forms")
    shutil.rmtree(folder, ignore_errors=True)
    project = Project(folder)
    written = write(Stream(events / 60, closes), folder, 0, 60)
    say(f"  {written:,} events; building int_events")
    project.dbt("build", *NO_TESTS, "--select", "+fct_sessions", "--exclude", *SESSION_MODELS)
    compiled = project.compiled()
    accepted, actors = project.query(
        "select count(*), count(distinct user_key) "
        f"from {forms.EVENTS.split('.', 1)[1]} where is_activity"
    )[0]
    duck = {"engine": "duckdb", "database": str(project.database)}
    whole, macro = forms.ours(compiled, SESSION_MODELS), forms.macro_alone(compiled)
    if outside:
        path = str(folder / "activity.parquet")
        with duckdb.connect(str(project.database), read_only=True) as connection:
            connection.execute(
                "copy (select * from intermediate.int_events where is_activity) "
                f"to '{path}' (format parquet)"
            )
        requests = {
            "ours": {
                "engine": "duckdb",
                "statements": forms.from_parquet(whole[:1], path),
                "database": str(project.database),
            },
            "polars": {"engine": "polars", "path": path},
            "pandas": {"engine": "pandas", "path": path},
        }

        def compare(outs: dict[str, Path]) -> dict[str, int]:
            ours = f"select {SESSION_COLUMNS} from ours.int_sessions"
            return {
                name: differences(
                    ours,
                    f"select {SESSION_COLUMNS} from read_parquet('{out}')",
                    {"ours": outs["ours"]},
                )
                for name, out in outs.items()
                if name != "ours"
            }
    else:
        requests = {
            "ours": {**duck, "statements": whole},
            "ours_int_sessions": {**duck, "statements": whole[:1]},
            "ours_macro": {**duck, "statements": macro},
            "lag": {**duck, "statements": forms.lag(closes)},
            "lag_string_key": {**duck, "statements": forms.lag(closes, "string")},
            "lag_sessions": {**duck, "statements": forms.lag(closes, alone=True)},
            "floor_measures": {**duck, "statements": forms.floor_measures()},
            "floor_count": {**duck, "statements": forms.floor_count()},
        }

        def compare(outs: dict[str, Path]) -> dict[str, int]:
            with duckdb.connect(str(outs["ours"]), read_only=True) as connection:
                columns = ", ".join(
                    row[0] for row in connection.execute("describe fct_sessions").fetchall()
                )
            return {
                name: differences(
                    f"select {shared} from ours.{table}",
                    f"select {shared} from {name}.{table}",
                    {"ours": outs["ours"], name: outs[name]},
                )
                for name, table, shared in (
                    ("lag", "fct_sessions", columns),
                    ("lag_string_key", "fct_sessions", columns),
                    ("lag_sessions", "int_sessions", SESSION_COLUMNS),
                )
                if name in outs
            }

    found = in_turn(folder, requests, repetitions, compare)
    shutil.rmtree(folder)
    return {"events": accepted, "actors": actors, "closes": closes, "forms": found}


def whole_build(work: Path, events: float, repetitions: int, mixpanel: Path | None) -> dict:
    """`dbt build` of everything, tests included, twice: all is new, nothing is new."""
    folder = work / "whole"
    shutil.rmtree(folder, ignore_errors=True)
    raw = Project(folder)
    days = 60
    write(Stream(events / days, True, bursts=8, users=max(10, int(events / 100))), raw.raw, 0, days)
    found: dict = {
        "events": events,
        "full": [],
        "again": [],
        "full_models": [],
        "again_models": [],
        "full_same": [],
        "again_same": [],
        "mixpanel": [],
    }
    for repetition in range(repetitions):
        for kind, options in (
            ("", ["--exclude-resource-type", "unit_test"]),
            ("_models", NO_TESTS),
            ("_same", [*NO_TESTS, *SAME_MODELS]),
        ):
            project = Project(folder / "build", raw=folder)
            # the first run parses the project too, as anybody's first run does
            for run_name in ("full", "again"):
                measured = project.dbt("build", *options)
                found[run_name + kind].append(measured)
                say(
                    f"  {repetition + 1}/{repetitions} dbt build, {run_name}{kind}: "
                    f"{measured['seconds']:.1f} s"
                )
            shutil.rmtree(folder / "build")
        if mixpanel:
            # as mixpanel.py writes it
            for run_name in ("full", "again"):
                outcome = run(
                    [
                        str(Path(sys.executable).with_name("dbt")),
                        "run",
                        "--project-dir",
                        str(mixpanel),
                        "--profiles-dir",
                        str(mixpanel),
                        *(["--full-refresh"] if run_name == "full" else []),
                    ],
                    {"BENCH_EVENTS": str(folder / "events")},
                )
                found["mixpanel"].append(
                    {"run": run_name, **{k: outcome[k] for k in ("seconds", "peak_mb", "code")}}
                )
                say(
                    f"  mixpanel, {run_name}: {outcome['seconds']:.1f} s, "
                    f"exit code {outcome['code']}"
                )
    shutil.rmtree(folder)
    return found


# what both this and the commit before it have of core and marts
KEPT_MODELS = [
    *(f"dim_{name}" for name in ("apps", "campaigns", "dates", "users")),
    *(f"fct_{name}" for name in ("ad_revenue", "ad_spend", "installs", "sessions", "user_days")),
    *(f"mart_{name}_n_day" for name in ("campaigns", "cohorts", "cpm")),
    *(f"mart_{name}" for name in ("daily_engagement", "data_quality", "rejections", "users")),
]


def before(work: Path, events: float, repetitions: int, commit: str) -> dict:
    """A full build of the core and marts that an earlier commit has, too, by both, in turn.

    With all that they are built from, and nothing else; one thread, so that models do not share cores. Processor time is
    kept beside the clock's: what else runs on the machine has little say in it.
    """
    folder = work / "before"
    shutil.rmtree(folder, ignore_errors=True)
    code = code_of(commit, folder / "code")
    written = write(Stream(events / 60), folder, 0, 60)
    found: dict = {"commit": commit, "events": written, "kept": KEPT_MODELS, "then": [], "now": []}
    for repetition in range(repetitions):
        for name, path in (("then", code), ("now", PROJECT)):
            one_thread = {"BENCH_ONE_THREAD": "1"}
            project = Project(folder / name, folder, one_thread, path)
            project.dbt("seed", "--threads", "1")
            selected = [f"+{model}" for model in KEPT_MODELS]
            measured = project.dbt("run", "--threads", "1", "--select", *selected)
            found[name].append(measured)
            say(
                f"  {repetition + 1}/{repetitions} {name}: {measured['seconds']:.1f} s,"
                f" {sum(measured['seconds_by_node'].values()):.1f} s in models"
            )
            shutil.rmtree(project.folder)
    shutil.rmtree(folder)
    return found


def runs_before(work: Path, per_day: float, days: int, commit: str) -> dict:
    """Runs on a built history by an earlier commit and by this one: nothing new, and a day more.

    `kept` are models that both have, with all that they are built from; `all` is what README says to run every day.
    """
    folder = work / "runs_before"
    shutil.rmtree(folder, ignore_errors=True)
    code, stream = code_of(commit, folder / "code"), Stream(per_day)
    events = write(stream, folder, 0, days)
    found: dict = {"commit": commit, "events": events, "days": days, "then": {}, "now": {}}
    kept = ["--select", *(f"+{model}" for model in KEPT_MODELS)]
    for name, path, daily in (
        ("then", code, ["build"]),
        ("now", PROJECT, ["build", "--exclude-resource-type", "unit_test"]),
    ):
        project = Project(folder / name, folder, code=path)

        def note(what: str, *arguments: str, project=project, name=name) -> None:
            measured = project.dbt(*arguments)
            found[name][what] = {key: measured[key] for key in ("seconds", "cpu_seconds", "nodes")}
            say(
                f"  {name}, {what}: {measured['seconds']:.1f} s, {measured['cpu_seconds']:.1f} s CPU"
            )

        more = folder / "events" / f"{name}.parquet"
        note("full build, all", *daily)
        project.dbt(*daily)
        note("nothing new, all", *daily)
        project.dbt("run")
        note("nothing new, all, without tests", "run")
        note("nothing new, kept", "run", *kept)
        found["arrived"] = write(stream, project.folder, days, days + 1)
        for file in (project.folder / "events").iterdir():
            file.rename(more)
        note("a day more, kept", "run", *kept)
        more.unlink()
        shutil.rmtree(project.folder)
    shutil.rmtree(folder)
    return found


def increments(
    project: Project, stream: Stream, days: int, shares: dict[str, tuple[float, str]]
) -> list[dict]:
    """Runs on a built history: nothing new twice, then what each share adds, then nothing new."""
    runs: list[dict] = []
    position = float(days)

    def note(name: str, arrived: int) -> None:
        measured = project.dbt("build", *NO_TESTS)
        runs.append({"run": name, "arrived": arrived, **measured})
        say(
            f"  {name}: {arrived:,} new, {measured['seconds']:.1f} s, "
            f"{measured['rows_scanned']:,} rows scanned"
        )

    # the first run after a full build writes nothing either, but parses the incremental models anew
    note("warm", 0)
    runs.clear()
    note("nothing new", 0)
    note("nothing new", 0)
    for name, (share, late) in shares.items():
        hours = max(1, round(days * 24 * share))
        arrived = write(stream, project.raw, position, position + hours / 24, late=late)
        position += hours / 24
        note(name, arrived)
    note("nothing new", 0)
    return runs


SHARES = {
    "0.1 % new": (0.001, "none"),
    "1 % new": (0.01, "none"),
    "1 % new, 1 % of them days late": (0.01, "days"),
    "1 % new, 40 rows 60 days late": (0.01, "two_months"),
    "10 % new": (0.1, "none"),
}


def histories(work: Path, per_day: float, base_days: int) -> list[dict]:
    """Increments at 1, 10 and 100 times the history, and at ten times the volume."""
    found = []
    for name, days, volume in [
        ("1x", base_days, per_day),
        ("10x", base_days * 10, per_day),
        ("100x", base_days * 100, per_day),
        ("10x a day", base_days, per_day * 10),
    ]:
        folder = work / "history"
        shutil.rmtree(folder, ignore_errors=True)
        project, stream = Project(folder), Stream(volume)
        rows = write(stream, folder, 0, days)
        project.dbt("parse")
        full = project.dbt("build", *NO_TESTS)
        say(f"  history {name}: {rows:,} events of {days} days, full build {full['seconds']:.1f} s")
        runs = increments(project, stream, days, SHARES)
        found.append(
            {
                "history": name,
                "days": days,
                "events": rows,
                "full": full,
                "runs": runs,
                "database_mb": project.database.stat().st_size / 1e6,
            }
        )
        shutil.rmtree(folder)
    return found


def large(work: Path, events: float, memory: str) -> dict:
    """A full build and one day's increment under a memory limit."""
    folder = work / "large"
    shutil.rmtree(folder, ignore_errors=True)
    days = 200
    free = shutil.disk_usage(work).free / 1e9
    needed = events * 500 / 1e9
    if free < needed:
        return {"skipped": f"{needed:.0f} GB of disk are needed, {free:.0f} GB are free"}
    project = Project(folder, environment={"DUCKDB_MEMORY_LIMIT": memory})
    stream = Stream(events / days)
    rows = write(stream, folder, 0, days, say=lambda text: say("  " + text))
    project.dbt("parse")
    full = project.dbt("build", *NO_TESTS)
    say(
        f"  full build of {rows:,} events: {full['seconds']:.0f} s, {full['peak_mb']:.0f} MB, "
        f"spilled {full['spilled_mb']:.0f} MB"
    )
    runs = increments(project, stream, days, {"one day": (1 / days, "none")})
    size = project.database.stat().st_size / 1e6
    shutil.rmtree(folder)
    return {"events": rows, "memory_limit": memory, "full": full, "runs": runs, "database_mb": size}


def ten_loads(work: Path, events: float, memory: str) -> dict:
    """A history that comes in ten loads of 30 days each: what a load costs on top of all before it."""
    folder, days = work / "ten_loads", 30
    shutil.rmtree(folder, ignore_errors=True)
    project = Project(folder, environment={"DUCKDB_MEMORY_LIMIT": memory})
    stream = Stream(events / (10 * days))
    project.dbt("parse")
    loads = []
    for number in range(10):
        arrived = write(stream, folder, number * days, (number + 1) * days)
        facts = project.dbt("build", *NO_TESTS)
        figures = {name: value for name, value in facts.items() if isinstance(value, int | float)}
        models = {name: round(took["cpu_seconds"], 1) for name, took in facts["models"].items()}
        loads.append({"arrived": arrived, **figures, "model_cpu_seconds": models})
        say(
            f"  load {number + 1}: {arrived:,} events, {loads[-1]['seconds']:.0f} s, "
            f"{loads[-1]['cpu_seconds']:.0f} s CPU, {loads[-1]['peak_mb']:.0f} MB"
        )
    size = project.database.stat().st_size / 1e6
    shutil.rmtree(folder)
    return {"memory_limit": memory, "loads": loads, "database_mb": size}


def forecasts(work: Path, seeds: list[int], statsforecast: str | None) -> list[dict]:
    """How wrong predicted LTV and forecast sessions are, on simulated years."""
    folder = work / "forecasts"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    sql = ltv.compiled(folder, ltv.MODELS + forecast.MODELS)
    found = []
    for seed in seeds:
        ltv.write_year(folder, seed)
        found.append(
            {
                "seed": seed,
                "ltv": ltv.measured(folder, sql),
                "forecast": forecast.measured(folder, sql, statsforecast),
            }
        )
        say(f"  seed {seed}")
    shutil.rmtree(folder)
    return found


# what tells of days to come; the models that nothing else reads are theirs, too
PREDICTION_MARTS = [
    *(f"mart_ltv_{name}" for name in ("predictions", "predictions_by_country", "backtest")),
    *(f"mart_session_forecast{name}" for name in ("", "_backtest")),
    *(f"mart_churn_{name}" for name in ("risk", "reliability")),
    "mart_budget",
]


def parts_of_marts(manifest: dict) -> dict[str, list[str]]:
    """Names of the models behind predictions, and of the rest of the marts with the models of metrics behind them."""
    models = {
        key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }
    children = {
        key: [child for child in manifest["child_map"][key] if child in models] for key in models
    }
    own = {key for key, node in models.items() if node["name"] in PREDICTION_MARTS}
    while more := {
        key
        for key, read_by in children.items()
        if key not in own
        and "marts" not in models[key]["fqn"]
        and read_by
        and own.issuperset(read_by)
    }:
        own |= more
    rest = [
        node["name"]
        for key, node in models.items()
        if key not in own and ("marts" in node["fqn"] or "metrics" in node["fqn"])
    ]
    return {"predictions": [models[key]["name"] for key in own], "rest": rest}


def predictions(work: Path, events: float) -> list[dict]:
    """What predictions cost beside the rest of the marts, in one full build of 60 days and in one of a year."""
    found = []
    for days in (60, 365):
        folder = work / "predictions"
        shutil.rmtree(folder, ignore_errors=True)
        written = write(Stream(events / days), folder, 0, days)
        project = Project(folder / "build", folder, {"BENCH_ONE_THREAD": "1"})
        project.dbt("seed", "--threads", "1")
        models = project.dbt("run", "--threads", "1")["models"]
        manifest = json.loads((project.folder / "target" / "manifest.json").read_text())
        times = {
            part: {name: models[name]["cpu_seconds"] for name in names if name in models}
            for part, names in parts_of_marts(manifest).items()
        }
        found.append({"events": written, "days": days, **times})
        say(
            f"  {days} days: " + ", ".join(f"{k} {sum(v.values()):.1f} s" for k, v in times.items())
        )
        shutil.rmtree(folder)
    return found


def machine() -> dict:
    """What this was measured on."""
    import pandas
    import polars

    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":")[1].strip()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "polars": polars.__version__,
        "pandas": pandas.__version__,
        "load_at_start": os.getloadavg()[0],
    }


def main() -> None:
    """Measure what is asked for, and write results and report after each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, five minutes; proves little"
    )
    parser.add_argument(
        "--only",
        default="forms,outside,whole,intake,appsflyer,before,histories,predictions,forecasts",
        help="parts, by comma; runs_before, ten_loads and large are more",
    )
    parser.add_argument("--events", type=float, default=10e6, help="for the forms over int_events")
    parser.add_argument("--outside-events", type=float, default=5e6, help="for polars and pandas")
    parser.add_argument("--build-events", type=float, default=2e6, help="for the whole build")
    parser.add_argument("--intake-events", type=float, default=6e6, help="for int_event_log")
    parser.add_argument("--pull-events", type=float, default=5e6, help="for AppsFlyer's reports")
    parser.add_argument(
        "--per-day", type=float, default=500_000, help="events a day of the histories"
    )
    parser.add_argument("--days", type=int, default=1, help="days of the shortest history")
    parser.add_argument("--large-events", type=float, default=100e6)
    parser.add_argument("--load-events", type=float, default=300e6, help="of ten loads together")
    parser.add_argument("--before-events", type=float, default=10e6, help="for the build of before")
    parser.add_argument("--prediction-events", type=float, default=10e6, help="for predictions")
    parser.add_argument("--before", default="5544ed0", help="the commit that is compared with")
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[401, 402, 403], help="simulated years to forecast"
    )
    parser.add_argument("--statsforecast", help="an interpreter that can import it")
    parser.add_argument("--memory-limit", default="12GB", help="of DuckDB, for ten_loads and large")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument(
        "--mixpanel", type=Path, help="a dbt project with fivetran's package (mixpanel.py)"
    )
    parser.add_argument("--work", type=Path, default=PROJECT / "target" / "bench")
    parser.add_argument("--results", type=Path, default=HERE / "results")
    given = parser.parse_args()
    if given.quick:
        given.events, given.outside_events, given.build_events = 300_000, 300_000, 100_000
        given.per_day, given.days, given.repetitions = 2_000, 1, 1
        given.intake_events = given.pull_events = 100_000
        given.before_events = given.prediction_events = 100_000
        given.seeds = given.seeds[:1]
    given.work.mkdir(parents=True, exist_ok=True)
    given.results.mkdir(parents=True, exist_ok=True)
    file = given.results / "results.json"
    results = json.loads(file.read_text()) if file.exists() else {}
    parts = {
        "forms": lambda: [
            sessions_over_events(given.work, given.events, given.repetitions, closes, False)
            for closes in (False, True)
        ],
        "outside": lambda: [
            sessions_over_events(given.work, given.outside_events, given.repetitions, closes, True)
            for closes in (False, True)
        ],
        "whole": lambda: whole_build(
            given.work, given.build_events, given.repetitions, given.mixpanel
        ),
        "intake": lambda: intake(
            given.work, given.intake_events, given.repetitions, given.before, Project, say
        ),
        "appsflyer": lambda: appsflyer(
            given.work, given.pull_events, given.repetitions, Project, say
        ),
        "before": lambda: before(given.work, given.before_events, given.repetitions, given.before),
        "runs_before": lambda: runs_before(
            given.work, given.per_day, given.days * 100, given.before
        ),
        "predictions": lambda: predictions(given.work, given.prediction_events),
        "histories": lambda: histories(given.work, given.per_day, given.days),
        "ten_loads": lambda: ten_loads(given.work, given.load_events, given.memory_limit),
        "large": lambda: large(given.work, given.large_events, given.memory_limit),
        "forecasts": lambda: forecasts(given.work, given.seeds, given.statsforecast),
    }
    for name in given.only.split(","):
        say(f"{name} ...")
        here = machine()
        results[name] = {"measured": here, "is_quick": given.quick, "found": parts[name]()}
        file.write_text(json.dumps(results, indent=1, default=str))
        report.write(results, given.results)
    print((given.results / "results.md").read_text())


if __name__ == "__main__":
    main()
