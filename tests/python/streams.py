"""Small hostile event streams for property tests, and hostile ways to deliver them.

One generator, two sources of choice: a seeded `random.Random` (`random_stream`, for long runs that
print a seed) and hypothesis (`stream_strategy`, which can shrink: every first choice is the tame
one). Rows are what `reference.deduplicate` takes: canonical columns, times as `int` microseconds.

Times of an actor are steps of nothing, a microsecond, the grace, the timeout, and their microsecond
neighbours, and jumps to multiples of the timeout counted from the epoch. Identifiers of users and
events carry the stream's name, so streams with different names can share one load and one build:
actors never mix. `SESSION_SETTINGS`, `MIN_OPEN_INTERVALS`, `EVENT_TYPES` and `EXCHANGE_RATES` are
fixed for that reason.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from reference import (
    EVENT_COLUMNS,
    MICROS_PER_DAY,
    MICROS_PER_SECOND,
    Config,
    SessionSettings,
    micros,
    moment_of,
    resolve_settings,
)
from reference import (
    EVENT_TYPES as TYPE_NAMES,
)

Row = dict[str, Any]

# One day before the clocks of America/New_York go forward, three weeks before those of Europe.
BASE = micros("2024-03-09")

SESSION_SETTINGS: list[dict[str, str]] = [
    {
        "app_id": app_id,
        "platform": platform,
        "session_timeout_seconds": timeout,
        "close_grace_seconds": grace,
        "max_session_seconds": longest,
        "reporting_timezone": zone,
    }
    for app_id, platform, timeout, grace, longest, zone in (
        ("app.one", "", "1", "0", "3", "Pacific/Kiritimati"),  # 14 hours ahead
        ("app.one", "amazon", "1", "2", "", ""),  # a grace longer than the timeout
        ("app.seven", "", "7", "1", "30", ""),
        ("app.seven", "android", "60", "", "600", ""),
        ("app.sixty", "", "60", "5", "", "America/New_York"),
        ("app.sixty", "ios", "", "30", "7200", ""),
        ("", "amazon", "7", "7", "60", ""),
    )
]
DEFAULTS = SessionSettings()

# seconds by provider; more than the timeout of some apps, so that opens of two sessions are closer
MIN_OPEN_INTERVALS = {"generic": 10, "appsflyer": 600}

# `app.plain` has no row: its timeout is the var's, except on amazon.
APPS = ("app.seven", "app.one", "app.sixty", "app.plain")
APP_PLATFORMS = ("ios", "android", "amazon", "web", "other")

NON_ACTIVITY_NAMES = ("push_received", "attribution_update")
EVENT_TYPES: dict[tuple[str, str], tuple[str, bool]] = {
    ("generic", name): (name, name != "refund") for name in TYPE_NAMES
} | {("generic", name): ("in_app_event", False) for name in NON_ACTIVITY_NAMES}

# Rates with few places: every product is exact at six places, whatever rounds how.
EXCHANGE_RATES: dict[str, list[tuple[date, Decimal]]] = {
    "USD": [(date(2000, 1, 1), Decimal("1"))],
    "EUR": [(date(2000, 1, 1), Decimal("1.08")), (date(2024, 3, 10), Decimal("1.0925"))],
    "JPY": [(date(2000, 1, 1), Decimal("0.0067"))],
}


def stream_config(**overrides: Any) -> Config:
    """The reference's configuration for the streams of this module."""
    settings: dict[str, Any] = {
        "defaults": DEFAULTS,
        "session_settings": tuple(SESSION_SETTINGS),
        "min_open_interval_seconds": MIN_OPEN_INTERVALS,
        "event_types": EVENT_TYPES,
        "exchange_rates": EXCHANGE_RATES,
    }
    return Config(**(settings | overrides))


# ----------------------------------------------------------------------------- sources of choice


class Chooser(Protocol):
    """Where a generator's choices come from."""

    def integer(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included; `low` is the tame choice."""
        ...


@dataclass
class RandomChooser:
    """Choices of a seeded generator."""

    generator: random.Random

    def integer(self, low: int, high: int) -> int:
        """A uniform integer."""
        return self.generator.randint(low, high)


@dataclass
class BytesChooser:
    """Choices read from bytes, one or two a choice; when they are used up, the tame choice. Fewer
    and smaller bytes make a simpler stream, which is what hypothesis needs to shrink one."""

    data: bytes
    position: int = 0

    def integer(self, low: int, high: int) -> int:
        """An integer that falls to `low` as the bytes fall to zero."""
        width = 1 if high - low < 256 else 2
        taken = self.data[self.position : self.position + width]
        self.position += width
        return low + int.from_bytes(taken, "big") % (high - low + 1)


def _chance(chooser: Chooser, percent: int) -> bool:
    """True in `percent` of 100 cases; false is the tame choice."""
    return chooser.integer(0, 99) >= 100 - percent


def _pick(chooser: Chooser, options: Sequence[Any]) -> Any:
    """One of `options`; the first is the tame choice."""
    return options[chooser.integer(0, len(options) - 1)]


def _pick_weighted(chooser: Chooser, options: Mapping[Any, int]) -> Any:
    """One key of `options` by weight; the first is the tame choice."""
    position = chooser.integer(0, sum(options.values()) - 1)
    for option, weight in options.items():
        if position < weight:
            return option
        position -= weight
    raise AssertionError("weights do not add up")


# ------------------------------------------------------------------------------------ one stream


@dataclass(frozen=True)
class Shape:
    """How large and how hostile a stream is; percentages of rows."""

    max_actors: int = 4
    max_events: int = 60
    max_loads: int = 6
    duplicate_percent: int = 12
    invalid_percent: int = 4
    null_event_id_percent: int = 12
    non_activity: bool = True
    attributes: bool = True  # campaigns, money, durations, countries, installed_at


@dataclass(frozen=True)
class _ActorPlan:
    app_id: str
    platform: str
    device_id: str | None
    user_id: str | None
    settings: SessionSettings


EVENT_NAME_WEIGHTS = {
    "screen_view": 26,
    "app_open": 24,
    "app_close": 24,
    "ad_impression": 8,
    "purchase": 8,
    "refund": 4,
    "install": 4,
    "reengagement": 2,
    "level_up": 4,
}
# Every shape of a load calendar: minutes apart, days apart, a silence of more than a month.
LOAD_GAPS = (
    MICROS_PER_DAY,
    3_600 * MICROS_PER_SECOND,
    1,
    60 * MICROS_PER_SECOND,
    3 * MICROS_PER_DAY,
    10 * MICROS_PER_DAY,
    40 * MICROS_PER_DAY,
)
UNUSABLE = (None, "", "00000000-0000-0000-0000-000000000000", "Unknown", "n/a", "000", " ")


def _actor_plan(chooser: Chooser, name: str, number: int) -> _ActorPlan:
    app_id = _pick(chooser, APPS)
    platform = _pick(chooser, APP_PLATFORMS)
    # now and then the identity of another actor, in another app or in this one by another column
    identity = f"{name}-{_pick(chooser, (number, number, 0))}"
    device_id, user_id = _pick(
        chooser,
        (
            (identity, None),
            (identity, f"{name}-customer"),
            (_pick(chooser, UNUSABLE), identity),
        ),
    )
    settings = resolve_settings(SESSION_SETTINGS, app_id, platform, DEFAULTS)
    return _ActorPlan(app_id, platform, device_id, user_id, settings)


def _next_time(chooser: Chooser, at: int, settings: SessionSettings) -> int:
    """The time of an actor's next event: near a boundary more often than not."""
    timeout, grace = settings.timeout, settings.grace
    neighbour = _pick(chooser, (0, -1, 1, -1))
    kind = _pick_weighted(
        chooser,
        {
            "soon": 34,
            "tie": 14,
            "grace": 16,
            "timeout": 12,
            "slot": 10,
            "near": 8,
            "far": 2,
            "days": 4,
        },
    )
    if kind == "tie":
        return at
    if kind == "grace":
        return max(at, at + grace + neighbour)
    if kind == "timeout":
        return at + timeout + neighbour
    if kind == "slot":
        # the next border of a slot `floor(epoch / timeout)`, or one microsecond beside it
        return max(at, (at // timeout + _pick(chooser, (1, 1, 1, 2))) * timeout + neighbour)
    if kind == "near":
        return at + _pick(chooser, (1, 2, timeout // 2, timeout - 2))
    if kind == "far":
        return at + _pick(chooser, (2, 3, 10)) * timeout + neighbour
    if kind == "days":
        # midnights, the inactivity of a re-engagement, the window of a reinstall
        return at + _pick(chooser, (1, 7, 8, 30, 90)) * MICROS_PER_DAY + neighbour
    return at + chooser.integer(0, 8) * timeout // 10


def _attributes(chooser: Chooser, event_name: str, at: int) -> Row:
    row: Row = {
        "country": _pick(chooser, (None, "DE", "US")),
        "app_version": _pick(chooser, (None, "1.0", "1.1")),
    }
    if _chance(chooser, 20 if event_name not in ("install", "reengagement") else 70):
        row["campaign_id"] = _pick(chooser, (None, "c1", "c2", "c3"))
        row["channel"] = _pick(chooser, (None, "network_a", "network_b"))
    if _chance(chooser, 5):
        row["is_reengagement"] = _pick(chooser, (True, False))
    if _chance(chooser, 4):
        before = _pick(chooser, (0, 1, 1800 * MICROS_PER_SECOND, MICROS_PER_DAY, -MICROS_PER_DAY))
        row["installed_at"] = at - before
    if _chance(chooser, 40):
        # a vendor's session: its own cuts, an id that comes again after weeks, or none
        cut = at // _pick(chooser, (30 * MICROS_PER_SECOND, 7 * MICROS_PER_SECOND, MICROS_PER_DAY))
        row["vendor_session_id"] = _pick(chooser, (str(cut), "v1", "v2", "(not set)"))
    if _chance(chooser, 8):
        row["duration_seconds"] = _pick(chooser, tuple(map(Decimal, ("0", "1.5", "61.000001"))))
    if event_name == "purchase":
        row["revenue"] = _pick(chooser, tuple(map(Decimal, ("4.99", "0", "0.01", "120", "-3"))))
        row["currency"] = _pick(chooser, (None, "USD", "EUR", "JPY", ""))
    if event_name == "refund":
        row["revenue"] = _pick(chooser, tuple(map(Decimal, ("-4.99", "-0.01", "120"))))
        row["currency"] = _pick(chooser, (None, "USD", "EUR", "JPY", ""))
    if event_name in NON_ACTIVITY_NAMES and _chance(chooser, 30):
        # a store's server tells of a renewal
        row["revenue"] = _pick(chooser, tuple(map(Decimal, ("9.99", "-9.99"))))
    if event_name in ("ad_impression", *NON_ACTIVITY_NAMES[:1]):
        row["ad_revenue_usd"] = _pick(chooser, tuple(map(Decimal, ("0.001234", "0", "0.5"))))
    return row


def _spoil(chooser: Chooser, row: Row) -> Row:
    """The row with one thing wrong, or right on the border of being wrong."""
    skew = 900 * MICROS_PER_SECOND
    return row | _pick(
        chooser,
        (
            {"device_id": _pick(chooser, UNUSABLE), "user_id": _pick(chooser, UNUSABLE)},
            {"event_at": row["loaded_at"] + skew + 1},
            {"event_at": row["loaded_at"] + skew},
            {"event_at": micros("2099-01-01")},
            {"event_at": micros("2008-01-01") - 1},
            {"event_at": micros("1970-01-01")},
            {"event_at": None},
            {"event_name": _pick(chooser, (None, ""))},
            {"app_id": _pick(chooser, (None, ""))},
            {"ad_revenue_usd": Decimal("-1")},
            {"revenue": Decimal("1"), "currency": "XXX"},
            {"duration_seconds": Decimal("-1")},
            {"installed_at": row["loaded_at"] + skew + 1},
            {"installed_at": micros("2007-12-31")},
        ),
    )


def _copy(chooser: Chooser, row: Row, loads: Sequence[int], timeout: int) -> Row:
    """A second delivery of a row: the same load or another, the same content or not."""
    copy = row | {"loaded_at": _pick(chooser, (row["loaded_at"], *loads))}
    if row["event_at"] is not None and _chance(chooser, 50):
        copy |= _pick(
            chooser,
            (
                {"event_at": row["event_at"] + 1},
                {"event_at": row["event_at"] + timeout},
                {"event_at": row["event_at"] - MICROS_PER_DAY},
                {"event_name": _pick(chooser, ("app_open", "app_close"))},
                {"country": "FR"},
                {"campaign_id": "c9"},
                {"received_at": row["loaded_at"]},
                {"device_id": f"{row['device_id'] or row['user_id']}-moved"},
            ),
        )
    return copy


def _event(chooser: Chooser, actor: _ActorPlan, at: int, names: Mapping[str, int]) -> Row:
    event_name = _pick_weighted(chooser, names)
    return dict.fromkeys(EVENT_COLUMNS) | {
        "provider": "generic",
        "app_id": actor.app_id,
        "platform": actor.platform,
        "device_id": actor.device_id,
        "user_id": actor.user_id,
        "event_name": event_name,
        "event_at": at,
    }


def make_stream(
    head: Chooser, events: Sequence[Chooser], name: str = "s", shape: Shape | None = None
) -> list[Row]:
    """One stream: `head` makes the choices for the whole, each of `events` those for one event.

    The order of the rows means nothing; `loaded_at` says when each landed.
    """
    shape = shape or Shape()
    actors = [_actor_plan(head, name, n) for n in range(head.integer(1, shape.max_actors))]
    names = dict(EVENT_NAME_WEIGHTS)
    if shape.non_activity:
        names |= dict.fromkeys(NON_ACTIVITY_NAMES, 3)

    # events of all actors from the same few starts, so that the actors' times meet
    clocks = {actor: BASE + _pick(head, (0, 1, -1, MICROS_PER_DAY - 1)) for actor in actors}
    # a calendar of few loads, so that many rows share a `loaded_at`
    loads = [BASE + MICROS_PER_DAY]
    for _ in range(head.integer(0, shape.max_loads - 1)):
        loads.append(loads[-1] + _pick(head, LOAD_GAPS))

    timeouts: list[int] = []
    rows: list[Row] = []
    for number, chooser in enumerate(events):
        actor = _pick(chooser, actors)
        at = clocks[actor] = _next_time(chooser, clocks[actor], actor.settings)
        row = _event(chooser, actor, at, names) | {"event_id": f"{name}-e{number}"}
        if _chance(chooser, shape.null_event_id_percent):
            row["event_id"] = _pick(chooser, (None, ""))
        if shape.attributes:
            row |= _attributes(chooser, row["event_name"], at)
        rows.append(row)
        timeouts.append(actor.settings.timeout)

    # the last load admits every event
    loads[-1] = max([loads[-1], *(row["event_at"] for row in rows)])
    stream: list[Row] = []
    for row, chooser, timeout in zip(rows, events, timeouts, strict=True):
        # not before the event itself, else it would be refused as dated in the future
        row["loaded_at"] = _pick(chooser, [load for load in loads if load >= row["event_at"]])
        deliveries = [row]
        if _chance(chooser, shape.duplicate_percent):
            deliveries.append(_copy(chooser, row, loads, timeout))
        stream += [
            _spoil(chooser, delivery) if _chance(chooser, shape.invalid_percent) else delivery
            for delivery in deliveries
        ]
    return stream


def random_stream(seed: int, shape: Shape | None = None) -> list[Row]:
    """The stream of a seed: the same rows for the same seed and shape."""
    shape = shape or Shape()
    generator = random.Random(seed)
    chooser = RandomChooser(generator)
    events = [chooser] * generator.randint(0, shape.max_events)
    rows = make_stream(chooser, events, f"s{seed}", shape)
    generator.shuffle(rows)
    return rows


def stream_strategy(shape: Shape | None = None) -> Any:
    """The hypothesis strategy of such streams: some bytes for the whole, and a list with some for
    each event, so that shrinking drops events one by one."""
    from hypothesis import strategies as st

    shape = shape or Shape()
    event_bytes = st.binary(min_size=48, max_size=48)
    few_events = st.lists(event_bytes, max_size=shape.max_events)
    many_events = st.lists(event_bytes, min_size=shape.max_events // 4, max_size=shape.max_events)

    def build(head: bytes, events: list[bytes]) -> list[Row]:
        return make_stream(BytesChooser(head), [BytesChooser(e) for e in events], "s", shape)

    return st.builds(build, st.binary(min_size=32, max_size=32), few_events | many_events)


def chooser_strategy() -> Any:
    """The hypothesis strategy of a source of choice, for the batches of a stream."""
    from hypothesis import strategies as st

    return st.builds(BytesChooser, st.binary(max_size=400))


# -------------------------------------------------------------------------------------- delivery


def batches_in_order(rows: Iterable[Row], k: int, chooser: Chooser) -> list[list[Row]]:
    """The rows in `k` loads by `loaded_at`: no load holds a row older than the load before it, and
    rows of one `loaded_at` stay together. Loads may be empty."""
    ordered = sorted(rows, key=lambda row: row["loaded_at"])
    instants = sorted({row["loaded_at"] for row in ordered})
    cuts = sorted(chooser.integer(0, len(instants)) for _ in range(k - 1))
    load_of = {at: sum(cut <= index for cut in cuts) for index, at in enumerate(instants)}
    batches: list[list[Row]] = [[] for _ in range(k)]
    for row in ordered:
        batches[load_of[row["loaded_at"]]].append(row)
    return batches


def batches_hostile(
    rows: Iterable[Row],
    k: int,
    chooser: Chooser,
    load_lookback_days: int = 3,
) -> list[list[Row]]:
    """The rows in `k` loads that a careful incremental run must still get right.

    The cuts fall anywhere, also between rows of one `loaded_at`; then rows are held back for later
    loads, as long as they are not more than `load_lookback_days` behind the greatest `loaded_at`
    that has arrived before them (the watermark of any sane model). Loads may be empty, and the
    calendar of `make_stream` leaves gaps of 10 and 40 days between them.
    """
    ordered = sorted(rows, key=lambda row: row["loaded_at"])
    cuts = sorted(chooser.integer(0, len(ordered)) for _ in range(k - 1))
    planned = [sum(cut <= index for cut in cuts) for index in range(len(ordered))]
    lookback = load_lookback_days * MICROS_PER_DAY

    wanted = [chooser.integer(load, k - 1) if _chance(chooser, 30) else load for load in planned]
    # Place rows by `loaded_at`: what is placed later can only raise the watermark of loads after
    # it, so each row is checked again at the end and brought forward until all are in reach.
    arrival = list(wanted)
    moved = True
    while moved:
        moved = False
        watermark = _watermarks(ordered, arrival, k)
        for index, row in enumerate(ordered):
            while arrival[index] > planned[index] and (
                row["loaded_at"] < watermark[arrival[index]] - lookback
            ):
                arrival[index] -= 1
                moved = True
    batches: list[list[Row]] = [[] for _ in range(k)]
    for row, load in zip(ordered, arrival, strict=True):
        batches[load].append(row)
    return batches


def _watermarks(rows: Sequence[Row], arrival: Sequence[int], k: int) -> list[int]:
    """Per load, the greatest `loaded_at` of all rows that arrived in the loads before it."""
    greatest = [0] * (k + 1)
    for row, load in zip(rows, arrival, strict=True):
        greatest[load + 1] = max(greatest[load + 1], row["loaded_at"])
    for load in range(1, k + 1):
        greatest[load] = max(greatest[load], greatest[load - 1])
    return greatest[:k]


# ----------------------------------------------------------------------------------------- files

FileChange = tuple[str, list[Row] | None]


def file_plan(loads: Sequence[Sequence[Row]], chooser: Chooser) -> list[list[FileChange]]:
    """The loads as files that are also replaced, archived, renamed, split and merged.

    Per load the files that change: their name and rows, or None where one is archived. A file may
    come as a draft first, with rows more, less or other than it should have; the last load sets
    all drafts right.
    """
    right: dict[str, list[Row]] = {}  # what a file should hold
    there: set[str] = set()
    drafts: set[str] = set()
    plan: list[list[FileChange]] = []

    def name() -> str:
        # now and then earlier in order than the files before it
        return f"{_pick(chooser, ('load', 'again', 'z'))}_{len(right):03}.csv"

    for number, load in enumerate(loads):
        last = number == len(loads) - 1
        changes: dict[str, list[Row] | None] = {}

        def write(file: str, rows: list[Row], changes: dict = changes) -> None:
            changes[file] = rows
            there.add(file)

        def archive(file: str, changes: dict = changes) -> None:
            changes[file] = None
            there.discard(file)

        # files of earlier loads
        for file in sorted(right):
            if file in drafts:
                if last or _chance(chooser, 60):
                    write(file, right[file])
                    drafts.discard(file)
            elif file not in there:
                if _chance(chooser, 15):
                    write(file, right[file])  # it is back
            elif _chance(chooser, 50):
                rows = right[file]
                what = _pick(chooser, ("archive", "order", "rename", "split", "merge", "move"))
                others = [f for f in sorted(there - {file}) if f not in drafts | set(changes)]
                if what == "archive":
                    archive(file)
                elif what == "order":
                    write(file, rows[::-1])
                elif what == "rename":
                    archive(file)
                    new = name()
                    right[new] = rows
                    write(new, rows)
                elif what == "split":
                    archive(file)
                    for part in (rows[::2], rows[1::2]):
                        new = name()
                        right[new] = part
                        write(new, part)
                elif others:
                    other = _pick(chooser, others)
                    if what == "merge":
                        new = name()
                        right[new] = rows + right[other]
                        archive(file)
                        archive(other)
                        write(new, right[new])
                    else:  # rows move from one file to another
                        right[file], right[other] = rows[::2], right[other] + rows[1::2]
                        write(file, right[file])
                        write(other, right[other])
        # this load's own files
        rows = list(load)
        cuts = sorted(chooser.integer(0, len(rows)) for _ in range(_pick(chooser, (0, 1, 2))))
        for start, end in zip([0, *cuts], [*cuts, len(rows)], strict=True):
            file = name()
            right[file] = rows[start:end]
            if not last and _chance(chooser, 40):
                drafts.add(file)
                write(file, [_draft(chooser, row) for row in right[file] if _chance(chooser, 80)])
            else:
                write(file, right[file])
        plan.append(list(changes.items()))
    return plan


def _draft(chooser: Chooser, row: Row) -> Row:
    """A row as an unfinished file may have it."""
    return row | _pick(
        chooser,
        (
            {},
            {},
            {"device_id": None, "user_id": None},
            {"revenue": Decimal("77"), "country": "FR"},
            {"loaded_at": row["loaded_at"] + 1},
            {"event_at": row["loaded_at"]},
            {"event_id": None},
        ),
    )


def rows_of(plan: Iterable[Iterable[FileChange]]) -> list[Row]:
    """The rows of all files there ever were, each as it was last; a row of two files is two."""
    files: dict[str, list[Row]] = {}
    for changes in plan:
        files |= {name: rows for name, rows in changes if rows is not None}
    return [dict(row) for rows in files.values() for row in rows]


def timestamp_text(instant: int | None) -> str:
    """A time as raw files carry it: UTC, microseconds, no offset; blank where missing."""
    if instant is None:
        return ""
    return moment_of(instant).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def generic_csv_row(row: Row) -> dict[str, str]:
    """The row in the layout of the `generic` provider's event files, every cell as text."""
    cells = {}
    for column in EVENT_COLUMNS:
        if column == "provider":
            continue
        value = row.get(column)
        if column.endswith("_at"):
            cells[column] = timestamp_text(value)
        elif isinstance(value, bool):
            cells[column] = "true" if value else "false"
        else:
            cells[column] = "" if value is None else str(value)
    return cells


def write_generic_csv(rows: Iterable[Row], path: Path) -> None:
    """Write rows as one event file of the `generic` provider."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [column for column in EVENT_COLUMNS if column != "provider"])
        writer.writeheader()
        writer.writerows(generic_csv_row(row) for row in rows)
