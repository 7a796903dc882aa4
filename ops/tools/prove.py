"""Try to break the first promise: incremental runs equal a full refresh and the reference.

Random streams, cut into random loads, delivered in random order, in files that are also replaced,
archived, split and merged, some of the runs killed. Each stream comes in the layout of a provider
that is drawn for it. After the last load every table is compared with those of one run over all
files there ever were, and the facts with what the plain Python reference makes of what the layouts
say. Many streams share a build, so thousands of them take minutes.

    python ops/tools/prove.py --streams 2000 --seed 1 --kills 50

On a difference the case is made as small as can be found within --shrink-minutes, written to
target/prove/ and printed with the command that replays it. Exit code 1 then, else 0.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

PROJECT_DIR = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_DIR / "tests" / "python"))

import layouts  # noqa: E402
import pipeline as pipelines  # noqa: E402
from dbt_harness import DbtFailed  # noqa: E402
from kills import dbt_process, kill, wait_for_models  # noqa: E402
from reference import EVENT_COLUMNS, SessionSettings  # noqa: E402
from streams import (  # noqa: E402
    FileChange,
    RandomChooser,
    Row,
    Shape,
    batches_hostile,
    batches_in_order,
    file_plan,
    generic_csv_row,
    random_stream,
    rows_of,
    stream_config,
)

# Sets of variables, and what they are for the reference; few, since dbt parses once for each.
VARIANTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    (
        {
            "cohort_day_basis": "calendar",
            "reporting_timezone": "America/New_York",
            "session_timeout_seconds": 60,
            "reengagement_inactivity_days": 1,
        },
        {
            "cohort_day_basis": "calendar",
            "reporting_timezone": "America/New_York",
            "defaults": SessionSettings(session_timeout_seconds=60),
            "reengagement_inactivity_days": 1,
        },
    ),
    (
        {"infer_installs": False, "reinstall_window_days": 30},
        {"infer_installs": False, "reinstall_window_days": 30},
    ),
]
SHAPES = (
    Shape(),
    Shape(max_actors=1, max_events=25, duplicate_percent=5, invalid_percent=1),
    Shape(max_actors=2, max_events=120, attributes=False, duplicate_percent=3),
    Shape(duplicate_percent=40, null_event_id_percent=40, max_loads=3),
)
MONEY = ("revenue", "ad_revenue_usd", "duration_seconds")
PROVIDERS = tuple(layouts.ROWS)


@dataclass
class Case:
    """Loads in the order of their arrival, and under which variables."""

    loads: list[list[Row]]
    variant: int = 0
    lookback_days: int = 3
    kills: list[tuple[int, int]] = field(default_factory=list)  # (load, lines of dbt's output)
    files_seed: int | None = None  # of what becomes of files; None: a file a load, for good

    @property
    def plan(self) -> list[list[FileChange]]:
        """Per load the files that change, those of each provider by themselves."""
        plan: list[list[FileChange]] = [[] for _ in self.loads]
        for provider in PROVIDERS:
            loads = [[row for row in load if row["provider"] == provider] for load in self.loads]
            if self.files_seed is None:
                changes = [[(f"load_{number:03}", load)] for number, load in enumerate(loads)]
            else:
                generator = random.Random(f"{self.files_seed} {provider}")
                changes = file_plan(loads, RandomChooser(generator))
            for of_load, more in zip(plan, changes, strict=True):
                of_load += [(f"{provider}/{name.split('.')[0]}", rows) for name, rows in more]
        return plan

    @property
    def rows(self) -> list[Row]:
        """All rows."""
        return [row for load in self.loads for row in load]

    def save(self, path: Path) -> None:
        """Write the case as JSON; null columns are left out."""
        slim = asdict(self)
        slim["loads"] = [
            [{key: value for key, value in row.items() if value is not None} for row in load]
            for load in self.loads
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(slim, indent=1, default=str) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Case:
        """A case that `save` wrote."""
        case = cls(**json.loads(path.read_text(encoding="utf-8")))
        case.kills = [(load, lines) for load, lines in case.kills]
        for row in case.rows:
            for column in EVENT_COLUMNS:
                row.setdefault(column, None)
            for column in MONEY:
                if row.get(column) is not None:
                    row[column] = Decimal(row[column])
        return case


def check(case: Case, folder: Path, select: Sequence[str] = ()) -> list[str]:
    """Run the case; every difference as a line."""
    shutil.rmtree(folder, ignore_errors=True)
    vars, overrides = VARIANTS[case.variant]
    vars = vars | {"load_lookback_days": case.lookback_days}
    overrides = overrides | {"event_types": layouts.LAYOUT_EVENT_TYPES}
    pipeline = pipelines.Pipeline(folder, vars=vars, select=select, predicts=True)
    try:
        plan = case.plan
        for number, changes in enumerate(plan):
            layouts.deliver(pipeline, changes)
            # GA4's files come with its first event, and a provider is named once it has files
            pipeline.dbt.vars["providers"] = [
                name for name in PROVIDERS if layouts.folder_of(pipeline.kept, name).exists()
            ]
            if not pipeline.dbt.vars["providers"]:
                continue
            for _, lines in (at for at in case.kills if at[0] == number):
                process = dbt_process(pipeline)
                wait_for_models(process, lines)
                kill(process)
            pipeline.run()
        before = pipeline.fingerprints()
        pipeline.run()
        found = []
        if pipeline.fingerprints() != before:
            found.append("a run with nothing new wrote rows")
        rows = [layouts.said(row) for row in rows_of(plan)]
        found += pipelines.reference_differences(pipeline, rows, stream_config(**overrides))
        full = pipeline.rebuilt(raw=pipeline.kept)
        found += map(str, pipelines.differences(pipeline.dbt.database, full.dbt.database))
    except DbtFailed as error:
        found = [str(error)]
    return found


def random_case(generator: random.Random, seed: int, count: int, kills: int) -> Case:
    """`count` streams in a few loads, each in the layout of a provider."""
    shape = generator.choice(SHAPES)
    streams = [
        in_a_layout(random_stream(seed + number, shape=shape), generator) for number in range(count)
    ]
    chooser = RandomChooser(generator)
    k = generator.randint(2, 5)
    way = generator.choice(("in order", "hostile", "any"))
    lookback_days = 5000  # each stream has a calendar of its own
    if way == "hostile":
        lookback_days = generator.choice((0, 1, 3))
        rows = [row for stream in streams for row in stream]
        loads = batches_hostile(rows, k, chooser, load_lookback_days=lookback_days)
    elif way == "in order":
        cuts = [batches_in_order(stream, k, chooser) for stream in streams]
        loads = [[row for load in part for row in load] for part in zip(*cuts, strict=True)]
    else:
        loads = [[] for _ in range(k)]
        for row in (row for stream in streams for row in stream):
            loads[generator.randrange(k)].append(row)
    moments = [(generator.randrange(k), generator.randrange(4, 60)) for _ in range(kills)]
    variant = generator.choice((0, 0, *range(len(VARIANTS))))
    files_seed = generator.choice((None, seed, seed))
    return Case(loads, variant, lookback_days, moments, files_seed)


def in_a_layout(rows: list[Row], generator: random.Random) -> list[Row]:
    """The rows as those of a provider that is drawn, without those of which its layout has none.

    Half are `generic`, the one layout that can say all of a hostile stream.
    """
    provider = generator.choice((*PROVIDERS, "generic", "generic", "generic"))
    rows = [row | {"provider": provider} for row in rows]
    return [row for row in rows if layouts.said(row)]


# --------------------------------------------------------------------------------- smaller cases


def minimized(items: Sequence[Any], fails: Callable[[list[Any]], bool], until: float) -> list[Any]:
    """Delta debugging: a smaller list that still fails, every single item needed if time allows."""
    items, parts = list(items), 2
    while len(items) > 1 and time.monotonic() < until:
        size = -(-len(items) // parts)
        pieces = [items[start : start + size] for start in range(0, len(items), size)]
        for number, piece in enumerate(pieces):
            rest = [item for other in pieces[:number] + pieces[number + 1 :] for item in other]
            if parts == 2 and fails(piece):
                items, parts = piece, 2
                break
            if rest and time.monotonic() < until and fails(rest):
                items, parts = rest, max(parts - 1, 2)
                break
        else:
            if parts >= len(items):
                break
            parts = min(parts * 2, len(items))
    return items


def shrunk(case: Case, found: list[str], folder: Path, minutes: float) -> Case:
    """A small case that still fails: fewer streams, then fewer rows, then fewer loads."""
    until = time.monotonic() + minutes * 60
    facts = ["+fct_user_days", "+dim_users"]
    select = facts if any("fct_" in line or "int_" in line for line in found) else []

    def smaller(placed: Sequence[tuple[int, Row]]) -> Case:
        loads: list[list[Row]] = [[] for _ in case.loads]
        for number, row in placed:
            loads[number].append(row)
        return Case(loads, case.variant, case.lookback_days, case.kills, case.files_seed)

    def fails(placed: Sequence[tuple[int, Row]]) -> bool:
        differs = bool(check(smaller(placed), folder, select))
        print(f"    {len(placed):6,} rows: {'still differs' if differs else 'equal'}", flush=True)
        return differs

    placed = [(number, row) for number, load in enumerate(case.loads) for row in load]
    # the differences name users, and these their streams
    names = set(re.findall(r"\b(s\d+)-", " ".join(found)))
    if names:
        suspects = [item for item in placed if _stream_of(item[1]) in names]
        if suspects and fails(suspects):
            placed = suspects
    by_stream: dict[str, list[tuple[int, Row]]] = {}
    for item in placed:
        by_stream.setdefault(_stream_of(item[1]), []).append(item)
    groups = minimized(
        list(by_stream.values()), lambda some: fails([i for group in some for i in group]), until
    )
    placed = minimized([item for group in groups for item in group], fails, until)
    case = smaller(placed)
    # a load less, if it takes no difference away
    for number in reversed(range(1, len(case.loads))):
        joined = Case(
            [
                *case.loads[: number - 1],
                case.loads[number - 1] + case.loads[number],
                *case.loads[number + 1 :],
            ],
            case.variant,
            case.lookback_days,
            files_seed=case.files_seed,
        )
        if time.monotonic() < until and check(joined, folder, select):
            case = joined
    return case


def _stream_of(row: Row) -> str:
    text = " ".join(str(row.get(column)) for column in ("event_id", "device_id", "user_id"))
    match = re.search(r"\b(s\d+)-", text)
    return match.group(1) if match else "?"


def report(case: Case, found: list[str]) -> None:
    """Print a small case so that it can be read."""
    print(
        f"\n{len(case.rows)} rows in {len(case.loads)} loads, variables"
        f" {VARIANTS[case.variant][0] | {'load_lookback_days': case.lookback_days}}:"
    )
    for number, load in enumerate(case.loads):
        for row in load:
            shown = {"provider": row["provider"]} | generic_csv_row(layouts.said(row) or {})
            text = " ".join(f"{key}={value}" for key, value in shown.items() if value)
            print(f"  load {number}: {text}")
    print("differs:")
    for line in found[:10]:
        print("  " + line.replace("\n", "\n  "))


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--streams", type=int, default=200, help="how many streams (200)")
    parser.add_argument("--seed", type=int, default=None, help="first seed (from the clock)")
    parser.add_argument("--kills", type=int, default=4, help="how many runs to kill (4)")
    parser.add_argument("--batch", type=int, default=100, help="streams per build (100)")
    parser.add_argument("--shrink-minutes", type=float, default=10, help="time to shrink (10)")
    parser.add_argument("--replay", type=Path, help="a case that an earlier run has written")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="app_sessions_prove_"))
    try:
        if arguments.replay:
            case = Case.read(arguments.replay)
            found = check(case, folder)
            report(case, found)
            print("equal" if not found else f"{len(found)} differences")
            return 1 if found else 0
        return _prove(arguments, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prove(arguments: argparse.Namespace, folder: Path) -> int:
    seed = int(time.time()) if arguments.seed is None else arguments.seed
    first, last = seed, seed + arguments.streams
    builds = -(-arguments.streams // arguments.batch)
    started = time.monotonic()
    rows = loads = killed = differing = 0
    print(
        f"{arguments.streams:,} streams from seed {seed} in {builds} builds,"
        f" {arguments.kills} runs to be killed",
        flush=True,
    )
    for build in range(builds):
        count = min(arguments.batch, last - seed)
        generator = random.Random(seed)
        kills = arguments.kills * (build + 1) // builds - arguments.kills * build // builds
        case = random_case(generator, seed, count, kills)
        found = check(case, folder)
        rows, loads, killed = rows + len(case.rows), loads + len(case.loads), killed + kills
        print(
            f"  seeds {seed}-{seed + count - 1}: {len(case.rows):,} rows,"
            f" {len(case.loads)} loads, lookback {case.lookback_days} d, variables {case.variant},"
            f" {kills} kills:"
            f" {'equal' if not found else f'{len(found)} DIFFERENCES'}"
            f"  [{seed + count - first:,} streams, {time.monotonic() - started:,.0f} s]",
            flush=True,
        )
        if found:
            differing += 1
            path = PROJECT_DIR / "target" / "prove" / f"case_{seed}.json"
            case.save(path)
            case = shrunk(case, found, folder, arguments.shrink_minutes)
            report(case, check(case, folder))
            case.save(path)
            print(f"replay: python ops/tools/prove.py --replay {path.relative_to(PROJECT_DIR)}")
            break
        seed += count
    print(
        f"{seed - first:,} streams, {rows:,} rows, {loads} loads, {killed} killed runs,"
        f" {differing} differences, {time.monotonic() - started:,.0f} s"
    )
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
