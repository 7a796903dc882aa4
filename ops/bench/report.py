"""results.json as tables for people (results.md), for programs (results.csv), and as a picture."""

from __future__ import annotations

import csv
import statistics
from pathlib import Path

FORM_NAMES = {
    "ours": "this project: `int_sessions`, `fct_installs`, `fct_sessions`",
    "ours_int_sessions": "this project: `int_sessions` alone",
    "ours_macro": "this project: the macro `sessionize` alone",
    "lag": "event-level `lag` + running sum, 64-bit key",
    "lag_string_key": "event-level `lag` + running sum, string key",
    "lag_sessions": "the same with 64-bit key, only as far as `int_sessions`",
    "floor_measures": "`group by` actor, the measures of a session",
    "floor_count": "`group by` actor, first, last, count",
    "polars": "polars, lazy and streaming",
    "pandas": "pandas",
}
# measured for fivetran's dbt_mixpanel 0.17.1 on another day, on a machine with 2 cores
MIXPANEL_ELSEWHERE = {"full": 42.8, "again": 54.9}


def table(header: list[str], rows: list[list]) -> str:
    """A Markdown table; all but the first column to the right."""
    lines = ["| " + " | ".join(header) + " |", "|---" + "|---:" * (len(header) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def seconds(value: float) -> str:
    """Seconds with as many digits as mean something."""
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def median(runs: list[dict], key: str = "seconds") -> float:
    """The median of one figure over several runs."""
    return statistics.median(run[key] for run in runs)


def times_faster(form: dict, ours: dict) -> float | None:
    """How many times its time ours is; none where its rows are not ours."""
    return form["seconds"] / ours["seconds"] if form.get("rows_that_differ") == 0 else None


def form_tables(part: dict) -> str:
    """A table per stream: the forms, their times, ratios to ours, memory, equality."""
    text = []
    for stream in part["found"]:
        forms = stream["forms"]
        ours = forms["ours"]["seconds"]
        rows = []
        for name, form in forms.items():
            if "failed" in form:
                rows.append([FORM_NAMES[name], "failed", "", "", form["failed"]])
                continue
            differ = form.get("rows_that_differ")
            rows.append(
                [
                    FORM_NAMES[name],
                    seconds(form["seconds"]),
                    f"{form['seconds'] / ours:.2f}",
                    f"{form['peak_mb']:,.0f} MB",
                    "" if differ is None else "equal" if differ == 0 else f"{differ:,} rows differ",
                ]
            )
        closes = "with explicit closes" if stream["closes"] else "without explicit closes"
        text.append(
            f"{stream['events']:,} events of {stream['actors']:,} actors, {closes}; "
            f"median of {len(forms['ours']['seconds_all'])}.\n\n"
            + table(["form", "time", "ours = 1", "peak memory", "result"], rows)
        )
    return "\n\n".join(text)


def mixpanel_seconds(found: dict, run_name: str) -> tuple[float, bool]:
    """What dbt_mixpanel took, and whether that was measured elsewhere."""
    here = [r["seconds"] for r in found["mixpanel"] if r["run"] == run_name and r["code"] == 0]
    return (statistics.median(here), False) if here else (MIXPANEL_ELSEWHERE[run_name], True)


def build_table(part: dict) -> str:
    """The whole build, with and without tests, and where its time goes."""
    found = part["found"]
    rows = []
    for key, name in [
        ("full", "`dbt build`, first run (parses, builds, tests)"),
        ("again", "`dbt build`, nothing new"),
        ("full_models", "first run without tests"),
        ("again_models", "nothing new, without tests"),
        ("full_same", "first run of sessions and daily engagement, without tests"),
        ("again_same", "nothing new of these"),
    ]:
        runs = found.get(key)
        if not runs:
            continue
        rows.append(
            [
                name,
                seconds(median(runs)),
                seconds(median(runs, "sql_seconds")),
                f"{max(r['peak_mb'] for r in runs):,.0f} MB",
                runs[0]["nodes"],
            ]
        )
    for run_name in ("full", "again"):
        theirs, is_elsewhere = mixpanel_seconds(found, run_name)
        name = f"dbt_mixpanel, {'first run' if run_name == 'full' else 'nothing new'}"
        note = ", **measured elsewhere**" if is_elsewhere else ""
        rows.append([name + note, seconds(theirs), "", "", ""])
    slowest = ", ".join(
        f"`{name}` {took:.1f} s" for took, name in found["full_models"][0]["slowest"][:8]
    )
    return (
        f"{found['events']:,.0f} events, {max(10, found['events'] / 100):,.0f} actors, 60 days, bursts of 8; "
        f"median of {len(found['full'])}.\n\n"
        + table(["run", "time", "in SQL, statements added up", "peak memory", "nodes"], rows)
        + f"\n\nThe slowest of a first run: {slowest}."
    )


def before_times(found: dict, name: str) -> dict[str, float]:
    """The median processor time of each model's statements; `then` or `now`."""
    runs = [run["models"] for run in found[name]]
    return {
        node: statistics.median(run[node]["cpu_seconds"] for run in runs)
        for node in runs[0]
        if all(node in run for run in runs)
    }


def before_ratios(found: dict) -> dict[str, float]:
    """Now over then: of the models that both have, and with all that they are built from."""
    then, now = before_times(found, "then"), before_times(found, "now")
    return {
        "alone": sum(now.get(m, 0) for m in found["kept"])
        / sum(then.get(m, 0) for m in found["kept"]),
        "all": sum(now.values()) / sum(then.values()),
    }


RUNS_BEFORE = [
    ("nothing new, all", "`dbt build` as README gives it, tests included, nothing new", 0.5),
    ("nothing new, all, without tests", "the same without tests", 0.7),
    ("a day more, kept", "1 % new, models that both have", 0.6),
]


def runs_before_table(found: dict) -> str:
    """Each run by the earlier commit and by this one."""
    rows = []
    for what in found["then"]:
        runs = [found[name][what] for name in ("then", "now")]
        figures = [seconds(run[key]) for key in ("seconds", "cpu_seconds") for run in runs]
        rows.append([what, *figures, *(str(run["nodes"]) for run in runs)])
    header = ["run", "then", "now", "processor time then", "now", "nodes then", "now"]
    return (
        f"{found['events']:,} events of {found['days']} days, by commit {found['commit']} and by this; a day more is {found['arrived']:,} "
        "events. `all` is what README says to run every day, with all models and tests of that time; `kept` are models of core "
        "and marts that both have, with all that they are built from.\n\n" + table(header, rows)
    )


def ten_loads_table(found: dict) -> str:
    """Each load: what came, what it cost."""
    rows, before = [], 0
    for number, load in enumerate(found["loads"], 1):
        rows.append(
            [
                f"{number}",
                f"{before:,}",
                f"{load['arrived']:,}",
                seconds(load["seconds"]),
                seconds(load["cpu_seconds"]),
                f"{load['peak_mb']:,.0f} MB",
            ]
        )
        before += load["arrived"]
    first, second, *_, last = (load["model_cpu_seconds"] for load in found["loads"])
    dearest = sorted(last, key=last.__getitem__, reverse=True)[:15]
    models = [
        [f"`{name}`", *(seconds(took.get(name, 0)) for took in (first, second, last))]
        for name in dearest
    ]
    return (
        f"Ten loads of 30 days each, memory limit {found['memory_limit']}, everything but tests. The first is a full build. The database "
        f"is {found['database_mb']:,.0f} MB.\n\n"
        + table(["load", "events before", "new", "time", "processor time", "peak memory"], rows)
        + "\n\nProcessor time of the models that take most in the last:\n\n"
        + table(["model", "first load", "second", "last"], models)
    )


def before_table(found: dict) -> str:
    """The models that take longest, then and now."""
    then, now = before_times(found, "then"), before_times(found, "now")
    both = sorted(set(then) | set(now), key=lambda m: -max(then.get(m, 0), now.get(m, 0)))
    rows = [
        [
            f"`{model}`",
            seconds(then[model]) if model in then else "",
            seconds(now[model]) if model in now else "",
            f"{now[model] / then[model]:.2f}" if model in then and model in now else "",
        ]
        for model in both
        if max(then.get(model, 0), now.get(model, 0)) >= 0.1
    ]
    ratios = before_ratios(found)
    rows.append(
        ["all", seconds(sum(then.values())), seconds(sum(now.values())), f"{ratios['all']:.2f}"]
    )
    return (
        f"{found['events']:,} events of 60 days; a full build of the models of core and marts that commit {found['commit']} "
        f"has, too, with all that they are built from, on one thread; median of {len(found['now'])}. Times are processor time "
        "of the models' statements: what else runs on the machine has less say in it than in the clock's. Models that came "
        "since and that none of these reads are not in it. Of the models of core and marts alone: "
        f"{ratios['alone']:.2f}. Models of 0.1 s or more:\n\n"
        + table(["model", "then", "now", "then = 1"], rows)
    )


def intake_figures(found: dict) -> dict[str, float]:
    """What the bars of the intake ask for."""
    cpu = {
        name: median(found[name], "cpu_seconds")
        for name in ("plain", "plain_same_format", "parquet")
    }
    few, many = (median(runs, "cpu_seconds") for runs in found["idle"].values())
    one_more = [run["read"] for run in found["one_more"] if "more" in run["run"]]
    return {
        "against_plain": cpu["parquet"] / cpu["plain"],
        "against_same_format": cpu["parquet"] / cpu["plain_same_format"],
        "csv": median(found["csv_before"]) / median(found["csv"]),
        "idle": many / few,
        "read": max(one_more),
    }


def intake_table(part: dict) -> str:
    """CPU of the full builds, of runs with nothing new, and files that are read."""
    found = part["found"]
    rows = []
    for name, text, events in (
        ("plain", "`create table as select *` of the Parquet files", "events"),
        ("plain_same_format", "the same in the storage format of the project's files", "events"),
        ("parquet", "models up to `int_event_log`, from Parquet", "events"),
        ("csv", "the same from CSV", "csv_events"),
        ("csv_before", f"the same from CSV, by commit {found['commit']}", "csv_events"),
    ):
        took = median(found[name])
        rows.append(
            [
                text,
                f"{found[events]:,}",
                seconds(median(found[name], "cpu_seconds")),
                seconds(took),
                f"{found[events] / took:,.0f}",
            ]
        )
    idle = [
        [f"{count} CSV files", seconds(median(runs, "cpu_seconds")), seconds(median(runs))]
        for count, runs in found["idle"].items()
    ]
    files = [
        [run["run"], f"{run['listed']:,}", f"{run['read']:,}", seconds(run["seconds"])]
        for run in found["one_more"]
    ]
    return "\n\n".join(
        [
            f"Full builds; median of {len(found['plain'])}.",
            table(["", "events", "CPU", "time", "events a second"], rows),
            "`dbt build` with nothing new, without tests, 5,000 rows a file; CPU of the whole process.",
            table(["", "CPU", "time"], idle),
            "`dbt build` without tests on 3,000 files, half of them CSV, half Parquet; files by DuckDB's own"
            " log of its file system. To list a folder opens its files and reads nothing.",
            table(["", "files listed", "files read", "time"], files),
        ]
    )


def appsflyer_table(part: dict) -> str:
    """CPU of the event log from reports of 81 columns and from files of 16."""
    found = part["found"]
    rows = []
    for place, (name, text) in enumerate(
        (("pull", "AppsFlyer Pull API reports"), ("generic", "generic CSV files"))
    ):
        cpu = median(found[name], "cpu_seconds")
        rows.append(
            [text, f"{found['columns'][place]}", f"{found['mb'][place]:,.0f} MB", seconds(cpu),
             f"{found['rows'] / cpu:,.0f}", seconds(median(found[name]))]
        )  # fmt: skip
    return "\n\n".join(
        [
            f"{found['rows']:,} events as AppsFlyer reports them and in the generic layout, models up to `int_event_log`;"
            f" median of {len(found['pull'])}.",
            table(["", "columns", "size", "CPU", "events a second of CPU", "time"], rows),
        ]
    )


def run_rows(history: str, full: dict, runs: list[dict]) -> list[list]:
    """The rows of a table of runs on one history."""
    rows = []
    for run in [{"run": "full build", "arrived": None, **full}, *runs]:
        rows.append(
            [
                history,
                run["run"],
                "" if run["arrived"] is None else f"{run['arrived']:,}",
                seconds(run["seconds"]),
                seconds(run["sql_seconds"]),
                f"{run['rows_scanned']:,}",
                f"{run['rows_written']:,}",
                f"{run['mart_rows_written']:,}",
                f"{run['mb_read']:,.0f}",
                f"{run['peak_mb']:,.0f} MB",
            ]
        )
    return rows


RUN_HEADER = [
    "history",
    "run",
    "rows arrived",
    "time",
    "in SQL, threads added up",
    "rows scanned",
    "rows written, incremental tables",
    "rows written, marts",
    "MB read",
    "peak memory",
]


def bars(results: dict) -> list[list]:
    """The bars of the project: what is asked, what was measured, whether it is met."""
    rows: list[list] = []

    def bar(
        text: str, value: float | None, limit: float, form: str, least: bool = False, note: str = ""
    ) -> None:
        if value is None:
            rows.append([text, "not measured", ""])
            return
        met = value >= limit if least else value <= limit
        rows.append([text, form.format(value) + note, "met" if met else "**not met**"])

    for stream in results.get("forms", {}).get("found", []):
        forms, closes = stream["forms"], stream["closes"]
        label = "with explicit closes" if closes else "no explicit closes"
        ours = forms["ours"]["seconds"]
        times = 3 if closes else 4
        for name, than, text in [
            ("lag", "ours", f"`fct_sessions` against event-level lag, {label}"),
            ("lag_string_key", "ours", "the same, lag over the string key"),
            ("lag_sessions", "ours_int_sessions", "the same, both only as far as `int_sessions`"),
        ]:
            faster = times_faster(forms[name], forms[than])
            bar(f"{text}: at least {times}x faster", faster, times, "{:.1f}x", True)
        limit = 12 if closes else 8
        bar(
            f"against plain `group by` actor with the same measures, {label}: at most {limit}x",
            ours / forms["floor_measures"]["seconds"],
            limit,
            "{:.1f}x",
        )
        bar(
            f"the macro alone against the same: at most {limit}x",
            forms["ours_macro"]["seconds"] / forms["floor_measures"]["seconds"],
            limit,
            "{:.1f}x",
        )
        bar(
            f"`fct_sessions` against `group by` with first, last, count only: at most {limit}x",
            ours / forms["floor_count"]["seconds"],
            limit,
            "{:.1f}x",
        )
    if "whole" in results:
        found = results["whole"]["found"]
        for run_name, what, limit in (("full", "first run", 2), ("again", "nothing new", 8)):
            theirs, is_elsewhere = mixpanel_seconds(found, run_name)
            note = f" ({theirs} s, measured elsewhere)" if is_elsewhere else ""
            for key, models in (
                ("same", "sessions and daily engagement"),
                ("models", "everything, with LTV, forecasts and campaigns"),
            ):
                if ours := found.get(f"{run_name}_{key}"):
                    bar(
                        f"{what} of {models} at {found['events'] / 1e6:.0f} M events, without tests, "
                        f"against dbt_mixpanel: at least {limit}x faster",
                        theirs / median(ours),
                        limit,
                        "{:.1f}x",
                        True,
                        note,
                    )
    if "before" in results:
        found = results["before"]["found"]
        bar(
            f"full build of core and marts at {found['events']:,} events, against commit {found['commit']}, processor time: at most 1.1x",
            before_ratios(found)["all"],
            1.1,
            "{:.2f}x",
        )
    if "runs_before" in results:
        found = results["runs_before"]["found"]
        for what, said, limit in RUNS_BEFORE:
            bar(
                f"{said} at {found['events'] / 1e6:.0f} M events, against commit {found['commit']}, processor time: at most {limit}x",
                found["now"][what]["cpu_seconds"] / found["then"][what]["cpu_seconds"],
                limit,
                "{:.2f}x",
            )
    if "ten_loads" in results:
        loads = results["ten_loads"]["found"]["loads"]
        bar(
            f"{sum(load['arrived'] for load in loads):,} events in ten loads, processor time: the tenth against the first at most 1.5x",
            loads[-1]["cpu_seconds"] / loads[0]["cpu_seconds"],
            1.5,
            "{:.2f}x",
        )
    if "intake" in results:
        got = intake_figures(results["intake"]["found"])
        bar(
            "`int_event_log`, full build from Parquet, CPU against `create table as select *`: at most 2.5x",
            got["against_plain"],
            2.5,
            "{:.1f}x",
        )
        bar(
            "the same against `create table as select *` in the storage format of the project's files",
            got["against_same_format"],
            2.5,
            "{:.1f}x",
        )
        bar(
            f"the same from CSV, events a second against commit {results['intake']['found']['commit']}: at least 2x",
            got["csv"],
            2,
            "{:.1f}x",
            True,
        )
        bar("nothing new, 150 CSV files against 10: at most 1.1x", got["idle"], 1.1, "{:.2f}x")
        bar("one file more among 3,000: files that are read", got["read"], 1, "{:.0f}")
    if "appsflyer" in results:
        found = results["appsflyer"]["found"]
        cpu = {name: median(found[name], "cpu_seconds") for name in ("generic", "pull")}
        bar(
            f"{found['rows']:,} rows of AppsFlyer Pull CSV (81 columns) into `int_event_log`, rows a second of CPU"
            " against the generic CSV (16 columns): at least 0.5x",
            cpu["generic"] / cpu["pull"],
            0.5,
            "{:.2f}x",
            True,
        )
    if "histories" in results:
        by_name = {h["history"]: h for h in results["histories"]["found"]}
        idle = {
            name: statistics.median(r["seconds"] for r in h["runs"][:2])
            for name, h in by_name.items()
        }
        bar(
            "nothing new, 100x the history against 1x: at most 1.2x",
            idle["100x"] / idle["1x"],
            1.2,
            "{:.2f}x",
        )
        bar("nothing new, 100x the history: at most 5 s", idle["100x"], 5, "{:.1f} s")
        longest = by_name["100x"]
        one = next(r for r in longest["runs"] if r["run"] == "1 % new")
        bar(
            "1 % new rows in order, 100x the history: at most 5 % of the full build",
            100 * one["seconds"] / longest["full"]["seconds"],
            5,
            "{:.1f} %",
            note=f" ({one['seconds']:.1f} s of {longest['full']['seconds']:.0f} s)",
        )
    if "large" in results:
        found = results["large"]["found"]
        if "skipped" in found:
            rows.append(["100 M events: full build within 16 GiB", found["skipped"], ""])
        else:
            bar(
                f"{found['events']:,} events: full build within 16 GiB",
                found["full"]["peak_mb"] / 1024,
                16,
                "{:.1f} GiB",
            )
    for build in results.get("predictions", {}).get("found", []):
        bar(
            f"predictions at {build['events']:,} events of {build['days']} days, processor time against the rest of the marts: at most 0.5x",
            sum(build["predictions"].values()) / sum(build["rest"].values()),
            0.5,
            "{:.2f}x",
        )
    if "forecasts" in results:
        rows += forecast_bars(results["forecasts"]["found"])
    for stream in results.get("outside", {}).get("found", []):
        forms = stream["forms"]
        label = "with explicit closes" if stream["closes"] else "no explicit closes"
        for name in ("polars", "pandas"):
            form = forms[name]
            if "failed" in form:
                rows.append([f"faster than {name}, {label}", form["failed"], ""])
            else:
                faster = times_faster(form, forms["ours"])
                bar(f"faster than {name}, {label}", faster, 1, "{:.1f}x", True)
    return rows


def forecast_bars(found: list[dict]) -> list[list]:
    """The bars of predictions, each on every simulated year."""
    rows = []

    def bar(text: str, values: list[float], low: float, high: float, form: str) -> None:
        met = all(low <= value <= high for value in values)
        rows.append([text, ", ".join(map(form.format, values)), "met" if met else "**not met**"])

    def of(part: str, method: str, figure: str) -> list[float]:
        return [
            next(
                row[figure]
                for row in year[part]
                if row["method"] == method and row.get("measure", "sessions") == "sessions"
            )
            for year in found
        ]

    naive = map(min, of("ltv", "last_cohort", "wape"), of("ltv", "app_average", "wape"))
    bar(
        "D90 LTV of a campaign from 7 days, WAPE against the better naive baseline: at most 0.7x",
        [ours / theirs for ours, theirs in zip(of("ltv", "default", "wape"), naive, strict=True)],
        0,
        0.7,
        "{:.2f}x",
    )
    bar("its bias: within 3 %", of("ltv", "default", "bias"), -0.03, 0.03, "{:.1%}")
    inside = "in the 80 % interval: 75 to 85 %"
    bar(f"outcomes {inside}", of("ltv", "default", "coverage"), 0.75, 0.85, "{:.0%}")
    ours, theirs = (of("forecast", method, "wape") for method in ("cohort_curves", "same_weekday"))
    bar(
        "sessions of 28 days, WAPE against the same weekday last week: at most 0.7x",
        [one / other for one, other in zip(ours, theirs, strict=True)],
        0,
        0.7,
        "{:.2f}x",
    )
    bar(f"days {inside}", of("forecast", "cohort_curves", "coverage"), 0.75, 0.85, "{:.0%}")
    return rows


def forecast_table(found: list[dict]) -> str:
    """WAPE, bias and coverage of every year, measure and method."""

    def share(value: float | None, form: str) -> str:
        return "" if value is None else form.format(value)

    rows = [
        [
            f"{row.get('measure', 'D90 LTV')}, {row['method']}",
            year["seed"],
            share(row["wape"], "{:.4f}"),
            share(row["bias"], "{:.1%}"),
            share(row["coverage"], "{:.0%}"),
            seconds(row["seconds"]),
        ]
        for year in found
        for row in [*year["ltv"], *year["forecast"]]
    ]
    return table(["what, how", "seed", "WAPE", "bias", "in the interval", "processor time"], rows)


def prediction_table(found: list[dict]) -> str:
    """Processor time of predictions' models, and of the rest of the marts."""
    text = []
    for build in found:
        rows = [
            [f"`{name}`", "predictions" if part == "predictions" else "", seconds(took)]
            for took, name, part in sorted(
                (
                    (took, name, part)
                    for part in ("predictions", "rest")
                    for name, took in build[part].items()
                ),
                reverse=True,
            )
            if took >= 0.1
        ]
        ours, theirs = (sum(build[part].values()) for part in ("predictions", "rest"))
        text.append(
            f"{build['events']:,} events of {build['days']} days, one full build on one thread: {seconds(ours)} of processor time for "
            f"predictions (LTV, budget, forecast of sessions, churn, with the models that only they read), {seconds(theirs)} for all other "
            "marts and the models of metrics behind them. Models of 0.1 s or more:\n\n"
            + table(["model", "of", "processor time"], rows)
        )
    return "\n\n".join(text)


def write(results: dict, folder: Path) -> None:
    """Write results.md, results.csv and results.png of whatever parts there are."""
    parts = list(results.values())
    newest = max(parts, key=lambda part: part["measured"]["date"])["measured"]
    dates = sorted({part["measured"]["date"][:10] for part in parts})
    processors = sorted({part["measured"]["processor"] for part in parts})
    text = [
        "# Benchmark",
        f"{' and '.join(dates)}; {newest['cores']} cores ({' or '.join(processors)}), {newest['memory_gib']} GiB; "
        f"Python {newest['python']}, DuckDB {newest['duckdb']}, polars {newest['polars']}, pandas {newest['pandas']}. "
        "Written by `make bench`; what is measured and how: [README](../README.md).",
    ]
    if any(part["is_quick"] for part in parts):
        text.append(
            "**Sizes of `--quick`: these figures show that the benchmark runs, and nothing else.**"
        )
    text.append("## Bars\n\n" + table(["asked", "measured", ""], bars(results)))
    if "forms" in results:
        text.append(
            "## Sessions from the same `int_events`, on DuckDB\n\n" + form_tables(results["forms"])
        )
    if "outside" in results:
        text.append("## Sessions from the same Parquet file\n\n" + form_tables(results["outside"]))
    if "whole" in results:
        text.append("## The whole build\n\n" + build_table(results["whole"]))
    if "before" in results:
        text.append("## The build of before\n\n" + before_table(results["before"]["found"]))
    if "runs_before" in results:
        text.append("## Runs of before\n\n" + runs_before_table(results["runs_before"]["found"]))
    if "intake" in results:
        text.append("## Taking files in\n\n" + intake_table(results["intake"]))
    if "appsflyer" in results:
        text.append("## AppsFlyer's reports\n\n" + appsflyer_table(results["appsflyer"]))
    if "histories" in results:
        found = results["histories"]["found"]
        rows = [row for h in found for row in run_rows(h["history"], h["full"], h["runs"])]
        sizes = "; ".join(
            f"{h['history']}: {h['events']:,} events of {h['days']} days" for h in found
        )
        text.append(
            f"## Runs on a growing history\n\n{sizes}. `dbt build` without tests.\n\n"
            + table(RUN_HEADER, rows)
        )
    if "predictions" in results:
        text.append(
            "## What predictions cost\n\n" + prediction_table(results["predictions"]["found"])
        )
    if "forecasts" in results:
        text.append(
            "## Predictions on simulated years\n\n" + forecast_table(results["forecasts"]["found"])
        )
    if "ten_loads" in results:
        text.append("## Ten loads\n\n" + ten_loads_table(results["ten_loads"]["found"]))
    if "large" in results and "skipped" not in results["large"]["found"]:
        found = results["large"]["found"]
        text.append(
            f"## {found['events']:,} events, memory limit {found['memory_limit']}\n\n"
            f"Spilled: {found['full']['spilled_mb']:,.0f} MB; the database is {found['database_mb']:,.0f} MB.\n\n"
            + table(RUN_HEADER, run_rows("200 days", found["full"], found["runs"]))
        )
    (folder / "results.md").write_text("\n\n".join(text) + "\n")
    write_csv(results, folder / "results.csv")
    write_picture(results, folder / "results.png")


def write_csv(results: dict, path: Path) -> None:
    """One row per measurement: part, case, what, seconds, memory, rows scanned, rows written."""
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["part", "case", "what", "seconds", "peak_mb", "rows_scanned", "rows_written"])
        for part in ("forms", "outside"):
            for stream in results.get(part, {}).get("found", []):
                case = f"{stream['events']} events, {'closes' if stream['closes'] else 'no closes'}"
                for name, form in stream["forms"].items():
                    for took in form.get("seconds_all", []):
                        out.writerow(
                            [part, case, name, round(took, 3), round(form["peak_mb"]), "", ""]
                        )
        intake = results.get("intake", {}).get("found", {})
        for name in ("plain", "plain_same_format", "parquet", "csv", "csv_before"):
            for run in intake.get(name, []):
                out.writerow(["intake", name, "CPU", round(run["cpu_seconds"], 3), "", "", ""])
        for name in ("pull", "generic"):
            for run in results.get("appsflyer", {}).get("found", {}).get(name, []):
                out.writerow(["appsflyer", name, "CPU", round(run["cpu_seconds"], 3), "", "", ""])
        for key in ("full", "again", "full_models", "again_models"):
            for run in results.get("whole", {}).get("found", {}).get(key, []):
                out.writerow(["whole", key, "dbt build", *figures(run)])
        for name in ("then", "now"):
            for run in results.get("before", {}).get("found", {}).get(name, []):
                out.writerow(["before", name, "dbt run", *figures(run)])
        large = results.get("large", {}).get("found", {})
        histories = list(results.get("histories", {}).get("found", []))
        if "full" in large:
            histories.append({"history": "large", **large})
        for history in histories:
            for run in [{"run": "full build", **history["full"]}, *history["runs"]]:
                out.writerow(["histories", history["history"], run["run"], *figures(run)])


def figures(run: dict) -> list:
    """The last four columns of results.csv."""
    return [
        round(run["seconds"], 3),
        round(run["peak_mb"]),
        run["rows_scanned"],
        run["rows_written"] + run["mart_rows_written"],
    ]


def write_picture(results: dict, path: Path) -> None:
    """Sessions by form on the left, time of a run against length of history on the right."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    plt.rcParams.update({"font.size": 11, "axes.spines.top": False, "axes.spines.right": False})
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(14, 5.2), gridspec_kw={"width_ratios": [1.15, 1]}
    )
    blue, grey = "#2563a8", "#9aa4ae"
    labels = {
        "ours": "this project",
        "lag": "event-level lag\n64-bit key",
        "lag_string_key": "event-level lag\nstring key",
        "polars": "polars",
        "pandas": "pandas",
    }
    bars_drawn: list[tuple[str, float, str]] = []
    for part in ("forms", "outside"):
        for stream in results.get(part, {}).get("found", []):
            if not stream["closes"]:
                continue
            ours = stream["forms"]["ours"]["seconds"]
            for name in labels:
                form = stream["forms"].get(name, {})
                if "seconds" in form and not (part == "outside" and name == "ours"):
                    bars_drawn.append(
                        (labels[name], form["seconds"] / ours, blue if name == "ours" else grey)
                    )
    names = [name for name, _, _ in bars_drawn]
    left.barh(
        names, [value for _, value, _ in bars_drawn], color=[colour for _, _, colour in bars_drawn]
    )
    left.invert_yaxis()
    left.bar_label(left.containers[0], fmt="%.1f", padding=4) if left.containers else None
    left.set_title(
        "Sessions from the same events, with explicit closes\ntime, this project = 1",
        loc="left",
        fontsize=12,
    )
    left.xaxis.set_visible(False)
    left.spines["bottom"].set_visible(False)
    found = [
        h
        for h in results.get("histories", {}).get("found", [])
        if h["history"].endswith("0x") or h["history"] == "1x"
    ]
    if found:
        events = [h["events"] for h in found]
        lines = [("full build", [h["full"]["seconds"] for h in found], grey)]
        for run_name, colour in [
            ("10 % new", "#d9822b"),
            ("1 % new", "#3b8f5a"),
            ("nothing new", blue),
        ]:
            lines.append(
                (
                    run_name,
                    [next(r["seconds"] for r in h["runs"] if r["run"] == run_name) for h in found],
                    colour,
                )
            )
        for label, values, colour in lines:
            right.plot(events, values, marker="o", color=colour, linewidth=2.2)
            right.annotate(
                f" {label}, {values[-1]:.0f} s", (events[-1], values[-1]), va="center", color=colour
            )
        right.set_xscale("log")
        right.set_yscale("log")
        right.set_xlim(events[0] / 1.5, events[-1] * 6)
        right.set_xlabel("events in the history, the same number a day")
        right.set_title("A run on a growing history\nseconds", loc="left", fontsize=12)
    else:
        right.axis("off")
    newest = max(results.values(), key=lambda part: part["measured"]["date"])["measured"]
    figure.text(
        0.01,
        0.01,
        f"{newest['date'][:10]}, {newest['cores']} cores, {newest['memory_gib']:.0f} GiB, DuckDB {newest['duckdb']}",
        fontsize=9,
        color="#666666",
    )
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    figure.savefig(path, dpi=110)
    plt.close(figure)
