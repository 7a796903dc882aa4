"""Independent reference: what the definitions say, event by event, in plain Python.

Written from the written definitions alone (what a session is, and the decisions on top of it). It
shares neither code nor approach with the SQL models: no slots, no windows, no incremental logic.
It walks one actor's events in time order and applies each rule where its sentence stands. It is
slow on purpose; the models are compared with it on random streams.

Conventions: times are `int` microseconds since 1970-01-01 UTC, money and seconds are `Decimal`
with six places, a missing value is `None`. A *row* is a staged event: a dict with the canonical
event columns plus `provider` and `installed_at`; columns that are absent count as `None`.

The usual order of calls:

    dedup = deduplicate(rows, config)              # accepted, duplicates, rejected
    sessions = sessionize(dedup.accepted, config)  # fct_sessions
    installed = installs(dedup.accepted, config)   # fct_installs
    days = user_days(dedup.accepted, config)       # fct_user_days
    cells = cohort_cells(days, installed, max_day=7)
    loads = event_loads(dedup)                     # int_event_loads
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]
Actor = tuple[str, str, str]  # (app_id, platform, user_id)

MICROS_PER_SECOND = 1_000_000
MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SIX_PLACES = Decimal("0.000001")
NINE_PLACES = Decimal("0.000000001")

PLATFORMS = ("ios", "android", "amazon", "web", "other")
EVENT_TYPES = (
    "install",
    "app_open",
    "app_close",
    "ad_impression",
    "purchase",
    "refund",
    "reengagement",
    "in_app_event",
)

# Section 3, table "events", plus `installed_at`; `event_id`, `received_at`, `loaded_at` left out.
BUSINESS_COLUMNS = (
    "app_id",
    "platform",
    "device_id",
    "user_id",
    "event_name",
    "event_kind",
    "event_at",
    "country",
    "app_version",
    "os_version",
    "device_model",
    "campaign_id",
    "channel",
    "is_reengagement",
    "revenue",
    "currency",
    "ad_revenue_usd",
    "duration_seconds",
    "installed_at",
    "vendor_session_id",
)
EVENT_COLUMNS = ("provider", "event_id", *BUSINESS_COLUMNS, "received_at", "loaded_at")

SESSION_COLUMNS = (
    "session_id",
    "user_key",
    "app_id",
    "platform",
    "user_id",
    "country",
    "app_version",
    "start_reason",
    "session_number",
    "started_at",
    "ended_at",
    "session_date",
    "session_length_seconds",
    "session_interval_seconds",
    "event_count",
    "app_open_count",
    "in_app_event_count",
    "ad_impression_count",
    "purchase_count",
    "ad_revenue_usd",
    "iap_revenue_usd",
    "is_first_session",
    "is_reengagement",
    "reengagement_campaign_id",
    "exceeds_max_length",
    "is_measured",
    "loaded_at",
)


# ---------------------------------------------------------------------------------------- time


def micros(text: str) -> int:
    """Microseconds since the epoch of an ISO time; a text without offset is UTC."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment_of(instant: int) -> datetime:
    """The aware UTC datetime of an instant in microseconds."""
    return EPOCH + timedelta(microseconds=instant)


def local_date(instant: int, timezone: str) -> date:
    """The calendar date of an instant in a time zone ("dates in `reporting_timezone`")."""
    return moment_of(instant).astimezone(ZoneInfo(timezone)).date()


def seconds(span: int) -> Decimal:
    """A span of microseconds as seconds with six places (decimal(18,6))."""
    return (Decimal(span) / MICROS_PER_SECOND).quantize(SIX_PLACES)


def six_places(value: Decimal | int) -> Decimal:
    """A number as decimal(18,6); halves are rounded away from zero, as SQL decimals are."""
    return Decimal(value).quantize(SIX_PLACES, rounding=ROUND_HALF_UP)


def nine_places(value: Decimal | int) -> Decimal:
    """A number as decimal(18,9), which impression revenue is: "real rows are as small as
    0.00000079"."""
    return Decimal(value).quantize(NINE_PLACES, rounding=ROUND_HALF_UP)


# -------------------------------------------------------------------------------- configuration


@dataclass(frozen=True)
class SessionSettings:
    """The three settings of one (app, platform), as resolved from seed and vars."""

    session_timeout_seconds: int = 1800
    close_grace_seconds: int = 5
    max_session_seconds: int = 86_400

    @property
    def timeout(self) -> int:
        """The timeout in microseconds."""
        return self.session_timeout_seconds * MICROS_PER_SECOND

    @property
    def grace(self) -> int:
        """The close grace in microseconds."""
        return self.close_grace_seconds * MICROS_PER_SECOND

    @property
    def max_length(self) -> int:
        """The greatest credible session length in microseconds."""
        return self.max_session_seconds * MICROS_PER_SECOND


def _generic_event_types() -> dict[tuple[str, str], tuple[str, bool]]:
    """In the `generic` layout the event types' own names are the `event_name`s; "a refund is no
    activity"."""
    return {
        ("generic", event_type): (event_type, event_type != "refund") for event_type in EVENT_TYPES
    }


@dataclass(frozen=True)
class Config:
    """Vars and seeds that have a say in the definitions; defaults are those of the project."""

    defaults: SessionSettings = SessionSettings()
    session_settings: Sequence[Row] = ()
    event_types: Mapping[tuple[str, str], tuple[str, bool]] = field(
        default_factory=_generic_event_types
    )
    exchange_rates: Mapping[str, Sequence[tuple[date, Decimal]]] = field(
        default_factory=lambda: {"USD": ((date(1970, 1, 1), Decimal(1)),)}
    )
    known_apps: frozenset[str] | None = None
    max_clock_skew_seconds: int = 900
    min_event_at: int = micros("2008-01-01")
    cohort_day_basis: str = "relative_24h"
    reporting_timezone: str = "UTC"
    reinstall_window_days: int = 90
    infer_installs: bool = True
    reengagement_inactivity_days: int = 7
    min_measured_seconds: int = 1
    min_open_interval_seconds: Mapping[str, int] = field(default_factory=dict)  # by provider

    def settings_of(self, app_id: str, platform: str) -> SessionSettings:
        """The resolved session settings of one (app, platform)."""
        return resolve_settings(self.session_settings, app_id, platform, self.defaults)

    def zone_of(self, app_id: str) -> str:
        """ "`reporting_timezone` per app (a column of the settings seed), default the variable"; an
        app's row is the one without a platform."""
        for row in self.session_settings:
            if row.get("app_id") == app_id and _is_blank(row.get("platform")):
                return row.get("reporting_timezone") or self.reporting_timezone
        return self.reporting_timezone


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip() == "")


def _whole_number(row: Row, column: str, least: int) -> int | None:
    """A blank cell is `None`; anything but a whole number of at least `least` is an error."""
    if _is_blank(row.get(column)):
        return None
    try:
        number = Decimal(str(row[column]).strip())
        valid = number.is_finite() and number == number.to_integral_value() and number >= least
    except ArithmeticError:
        valid = False
    if not valid:
        raise ValueError(f"session_settings: {column} must be a whole number >= {least}: {row}")
    return int(number)


def resolve_settings(
    rows: Sequence[Row], app_id: str, platform: str, defaults: SessionSettings
) -> SessionSettings:
    """Section 4: "Timeouts resolve from `seeds/session_settings.csv` (...; a blank cell means any,
    or the default): `(app_id, platform)`, then `app_id`, then `platform`, then the vars."

    The most specific row that fits decides alone: a blank number in it is the var's value, not
    that of a less specific row. A row blank in both keys fits every app, after all others.
    "An invalid setting stops the build": every row is checked, also those that do not fit.
    """
    by_key: dict[tuple[str | None, str | None], SessionSettings] = {}
    for row in rows:
        key = (
            None if _is_blank(row.get("app_id")) else row["app_id"],
            None if _is_blank(row.get("platform")) else row["platform"],
        )
        if key[1] is not None and key[1] not in PLATFORMS:
            raise ValueError(f"session_settings: platform must be one of {PLATFORMS}: {row}")
        if key in by_key:
            raise ValueError(f"session_settings: more than one row for {key}")
        timeout = _whole_number(row, "session_timeout_seconds", least=1)
        grace = _whole_number(row, "close_grace_seconds", least=0)
        longest = _whole_number(row, "max_session_seconds", least=1)
        by_key[key] = SessionSettings(
            defaults.session_timeout_seconds if timeout is None else timeout,
            defaults.close_grace_seconds if grace is None else grace,
            defaults.max_session_seconds if longest is None else longest,
        )
    for key in ((app_id, platform), (app_id, None), (None, platform), (None, None)):
        if key in by_key:
            return by_key[key]
    return defaults


def load_event_types(path: Path) -> dict[tuple[str, str], tuple[str, bool]]:
    """`seeds/event_types.csv` as `(provider, event_name) -> (event_type, is_activity)`; `*` is any
    other name of the provider."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (row["provider"], row["event_name"]): (
                row["event_type"],
                row["is_activity"].strip().lower() in ("true", "t", "1", "yes"),
            )
            for row in csv.DictReader(file)
        }


# -------------------------------------------------------------- canonical values of one raw row

# Section 3: "one list of texts that mean null, for every id and every optional value"
NULL_TEXTS = frozenset(
    [
        "null",
        "none",
        "nil",
        "nan",
        "n/a",
        "na",
        "#n/a",
        "-",
        "--",
        "\\n",
        "(null)",
        "(none)",
        "unknown",
        "undefined",
    ]
) | {"", "(not set)"}
# "the known constants of emulators"
SHARED_IDS = frozenset({"9774d56d682e549c", "358240051111110"})


def known_text(value: str | None) -> str | None:
    """A trimmed text; `None` where it is one of those that mean null, "whatever the case"."""
    trimmed = (value or "").strip()
    return None if trimmed.lower() in NULL_TEXTS else trimmed


def usable_id(value: str | None) -> str | None:
    """Section 3: an id that does not mean null; "ids made only of `0`, `-`, `:` and braces are
    unusable, and so are the known constants of emulators"."""
    known = known_text(value)
    if known is None or set(known) <= set("0-:{}") or known in SHARED_IDS:
        return None
    return known


def actor_id(row: Row) -> str | None:
    """Section 3: "the actor, `user_id` in the models, is the first usable of provider device id,
    advertising id, vendor id, customer id": in canonical rows `device_id`, then `user_id`."""
    return usable_id(row.get("device_id")) or usable_id(row.get("user_id"))


def canonical_platform(value: str | None) -> str:
    """Decision: "platform: lower-cased, trimmed; `ios`, `android`, `amazon`, `web` as such;
    anything else or blank -> `other`"."""
    platform = (value or "").strip().lower()
    return platform if platform in PLATFORMS else "other"


def user_key(app_id: str, platform: str, user_id: str) -> int:
    """Decision: "low 63 bits of md5 of `<platform>:<character length of app_id>:<app_id>:
    <user_id>`". An md5 digest is written least significant byte first (RFC 1321), so the low half
    is its last eight bytes read in that order."""
    digest = hashlib.md5(f"{platform}:{len(app_id)}:{app_id}:{user_id}".encode()).digest()
    return int.from_bytes(digest[8:], "little") & (2**63 - 1)


def session_id(key: int, started_at: int) -> str:
    """Decision: "md5 hex of `<user_key>-<epoch microseconds of started_at>`"."""
    return hashlib.md5(f"{key}-{started_at}".encode()).hexdigest()


def usd_per_unit(currency: str, on: date, config: Config) -> Decimal:
    """Decision: "usd_per_unit (latest valid_from <= event date)"; "before the first valid_from of
    a currency: the first one holds"."""
    rates = config.exchange_rates[currency]
    valid = [(start, rate) for start, rate in rates if start <= on]
    return max(valid)[1] if valid else min(rates)[1]


def _currency(row: Row) -> str:
    """Decision: "blank currency = USD"."""
    return known_text(row.get("currency")) or "USD"


def iap_revenue_usd(row: Row, event_type: str, config: Config) -> Decimal:
    """Decision: "A file's `revenue` times exchange_rates.usd_per_unit = iap_revenue_usd"; "negative
    on a `refund`", whatever sign was sent. In a currency without a rate it is not known, and adds
    nothing."""
    if row.get("revenue") is None or _currency(row) not in config.exchange_rates:
        return six_places(0)
    rate = usd_per_unit(_currency(row), local_date(row["event_at"], "UTC"), config)
    amount = -abs(row["revenue"]) if event_type == "refund" else row["revenue"]
    return six_places(amount * rate)


def _amount(value: Decimal | None, least: Decimal | None = None) -> Decimal | None:
    """A number that can be; else `None`."""
    if value is None or not Decimal(value).is_finite() or (least is not None and value < least):
        return None
    return value


def optional_values(row: Row, config: Config) -> dict[str, Any]:
    """G4: "an optional value that cannot be read (money, currency, flag, duration, install time)
    becomes null, the row stays". Revenue may be negative, on a refund."""
    installed_at = row.get("installed_at")
    latest = row["loaded_at"] + config.max_clock_skew_seconds * MICROS_PER_SECOND
    if installed_at is not None and not config.min_event_at <= installed_at <= latest:
        installed_at = None
    return {
        "revenue": _amount(row.get("revenue")),
        "ad_revenue_usd": _amount(row.get("ad_revenue_usd"), least=Decimal(0)),
        "duration_seconds": _amount(row.get("duration_seconds"), least=Decimal(0)),
        "installed_at": installed_at,
    }


def rejection_reason(row: Row, config: Config) -> str | None:
    """G4: "a row is refused for what a session needs"; the first reason that applies, on typed
    values: the `unparsable_*` reasons concern raw text and cannot occur here."""
    loaded_at, event_at = row.get("loaded_at"), row.get("event_at")
    if loaded_at is None:
        return "missing_loaded_at"
    latest = loaded_at + config.max_clock_skew_seconds * MICROS_PER_SECOND
    if usable_id(row.get("app_id")) is None:
        return "missing_app_id"
    if config.known_apps is not None and row["app_id"] not in config.known_apps:
        return "unknown_app"
    if actor_id(row) is None:
        return "missing_actor"
    if _is_blank(row.get("event_name")):
        return "missing_event_name"
    if event_at is None:
        return "missing_event_at"
    if event_at > latest:
        return "event_at_in_future"
    if event_at < config.min_event_at:
        return "event_at_too_old"
    return None


# ------------------------------------------------------------------------------- deduplication


@dataclass
class Deduplication:
    """Every row once: `accepted` and `duplicates` as canonical events, `rejected` and `left_out` as
    the row it was plus `rejection_reason`; `admissible` holds, per key, every row that may be
    accepted."""

    accepted: list[dict[str, Any]] = field(default_factory=list)
    duplicates: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    admissible: dict[tuple, list[dict[str, Any]]] = field(default_factory=dict)

    def undecided(self) -> list[tuple]:
        """Keys whose admissible rows differ in content: the definitions allow either."""
        return [
            key
            for key, rows in self.admissible.items()
            if any(_content(row) != _content(rows[0]) for row in rows)
        ]


def event_key(row: Row) -> tuple:
    """The key of a row: section 3, "the same `(provider, app_id, event_id)`"; decision: "event_id
    unusable -> md5 hash of all business columns (not loaded_at, not received_at)", here the
    columns themselves."""
    if usable_id(row.get("event_id")) is None:
        business = {
            column: known_text(value)
            if isinstance(value := row.get(column), str) and column != "event_name"
            else value
            for column in BUSINESS_COLUMNS
        }
        business["platform"] = canonical_platform(row.get("platform"))
        identity = ("content", *business.values())
    else:
        identity = ("event_id", row["event_id"])
    return (row.get("provider"), row["app_id"], identity)


def _content(row: Row) -> tuple:
    """All that a row says, `loaded_at` aside."""
    return tuple(row.get(column) for column in EVENT_COLUMNS if column != "loaded_at")


def canonical_event(row: Row, config: Config) -> dict[str, Any]:
    """A valid row with platform, actor, event type and money resolved.

    Section 3: "`seeds/event_types.csv` maps `(provider, event_name)` to `event_type` (...) and to
    `is_activity`"; "Unlisted names are `in_app_event`, activity"; what staging says of a row, its
    kind or `is_activity`, comes before what its name says."""
    event = {column: row.get(column) for column in EVENT_COLUMNS} | dict(row)
    event |= optional_values(row, config)
    event["platform"] = canonical_platform(row.get("platform"))
    event["user_id"] = actor_id(row)
    event["vendor_session_id"] = usable_id(row.get("vendor_session_id"))
    kind = row.get("event_kind") or row["event_name"]
    others = config.event_types.get((row.get("provider"), "*"), ("in_app_event", True))
    event["event_type"], event["is_activity"] = config.event_types.get(
        (row.get("provider"), kind), others
    )
    if row.get("is_activity") is not None:
        event["is_activity"] = row["is_activity"]
    event["iap_revenue_usd"] = iap_revenue_usd(event, event["event_type"], config)
    return event


def deduplicate(
    rows: Iterable[Row],
    config: Config | None = None,
    content_rank: Callable[[Row], Any] | None = None,
) -> Deduplication:
    """Refuse, then keep one row per key.

    Decision: "Validation comes first, then deduplication among valid rows: of rows with the same
    (provider, app_id, event_id) the earliest `loaded_at` is accepted, ties by content (smallest
    content hash); the others are `duplicate`."

    The hash is the implementation's: `content_rank(row)`, given the row as it came in, must return
    it (anything that sorts). Without it all rows of the earliest `loaded_at` are admissible; the
    first of them by plain text is accepted and `undecided()` names the keys where that matters.
    """
    config = config or Config()
    result = Deduplication()
    groups: dict[tuple, list[Row]] = defaultdict(list)
    for row in rows:
        if row.get("left_out_reason"):
            result.left_out.append(dict(row) | {"rejection_reason": row["left_out_reason"]})
            continue
        reason = rejection_reason(row, config)
        if reason is None:
            groups[event_key(row)].append(row)
        else:
            result.rejected.append(dict(row) | {"rejection_reason": reason})
    for key, copies in groups.items():
        earliest = min(row["loaded_at"] for row in copies)
        admissible = [row for row in copies if row["loaded_at"] == earliest]
        if content_rank is not None:
            least = min(content_rank(row) for row in admissible)
            admissible = [row for row in admissible if content_rank(row) == least]
        winner = min(admissible, key=lambda row: repr(_content(row)))
        losers = [row for row in copies if row is not winner]
        result.accepted.append(canonical_event(winner, config))
        result.duplicates.extend(canonical_event(row, config) for row in losers)
        result.admissible[key] = [canonical_event(row, config) for row in admissible]
    return result


EVENT_LOAD_KEY = ("provider", "load_date", "event_status", "rejection_reason")


def event_loads(dedup: Deduplication) -> list[dict[str, Any]]:
    """`int_event_loads`: what became of the rows of each provider and load date, and how late the
    accepted ones were, by nearest rank: the least lateness that a share of them do not exceed."""
    outcomes: dict[tuple, list[Row]] = defaultdict(list)
    for status, rows in (
        ("accepted", dedup.accepted),
        ("duplicate", dedup.duplicates),
        ("rejected", dedup.rejected),
        ("left_out", dedup.left_out),
    ):
        for row in rows:
            loaded_at = row.get("loaded_at")
            load_date = None if loaded_at is None else local_date(loaded_at, "UTC")
            reason = row.get("rejection_reason")
            outcomes[row.get("provider"), load_date, status, reason].append(row)
    return [
        dict(zip(EVENT_LOAD_KEY, key, strict=True)) | _load_facts(rows, key[2])
        for key, rows in outcomes.items()
    ]


def _load_facts(rows: Sequence[Row], status: str) -> dict[str, Any]:
    is_accepted = status == "accepted"
    waits = sorted(row["loaded_at"] - row["event_at"] for row in rows) if is_accepted else []

    def percentile(percent: int) -> Decimal | None:
        rank = (len(waits) * percent + 99) // 100  # rounded up, from 1
        return seconds(waits[rank - 1]) if waits else None

    def latest(column: str) -> int | None:
        return max((row[column] for row in rows if row.get(column) is not None), default=None)

    return {
        "row_count": len(rows),
        "missing_actor_count": 0
        if status in ("accepted", "left_out")
        else sum(actor_id(row) is None for row in rows),
        "late_count": sum(wait > MICROS_PER_DAY for wait in waits),
        "lateness_p50_seconds": percentile(50),
        "lateness_p90_seconds": percentile(90),
        "lateness_p99_seconds": percentile(99),
        "lateness_max_seconds": percentile(100),
        "last_event_at": latest("event_at"),
        "last_loaded_at": latest("loaded_at"),
    }


# ------------------------------------------------------------------------------- sessionization


def actor_of(event: Row) -> Actor:
    """Section 4: "An actor is one `(app_id, platform, user_id)`"."""
    return (event["app_id"], event["platform"], event["user_id"])


def _by_actor(events: Iterable[Row]) -> dict[Actor, list[Row]]:
    actors: dict[Actor, list[Row]] = defaultdict(list)
    for event in events:
        actors[actor_of(event)].append(event)
    return {actor: actors[actor] for actor in sorted(actors)}


def split_into_sessions(
    activity: Iterable[Row], settings: SessionSettings
) -> list[tuple[str, list[Row]]]:
    """One actor's activity events as `(start_reason, events)`, in time order.

    Section 4, "What a session is (event-level, time-only, so no ordering of ties can change it)":
    events at one instant stay together, so the walk goes from instant to instant. All it has to
    remember of a chain is the time of the previous event, that of the previous instant with a
    lifecycle event, and whether the app is closed.
    """
    sessions: list[tuple[str, list[Row]]] = []
    previous_at: int | None = None
    lifecycle_at: int | None = None  # the previous instant of the chain with a lifecycle event
    is_closed: bool | None = None  # whether it left the app closed; None where nothing is known
    in_time_order = sorted(activity, key=lambda event: event["event_at"])
    for at, group in groupby(in_time_order, key=lambda event: event["event_at"]):
        events = list(group)
        has_close = any(event["event_type"] == "app_close" for event in events)
        has_open = any(event["event_type"] == "app_open" for event in events)

        # 1. "it is the actor's first"
        if previous_at is None:
            reason = "first"
        # 2. "the previous event was `session_timeout_seconds` or more ago"; "nothing outside a
        #    chain has any say in it", so what was known of the app is forgotten
        elif at - previous_at >= settings.timeout:
            reason = "timeout"
            lifecycle_at = is_closed = None
        # 3. "An instant with an open is a reopen if the app was closed before it and the lifecycle
        #    instant before it is more than `close_grace_seconds` earlier"
        elif (
            has_open
            and is_closed
            and lifecycle_at is not None
            and at - lifecycle_at > settings.grace
        ):
            reason = "reopen"
        else:
            reason = None

        if reason is None:
            sessions[-1][1].extend(events)
        else:
            sessions.append((reason, events))

        # "An instant with opens only leaves the app open, with closes only closed; an instant with
        # both leaves it as it was, closed where nothing is known before"
        if has_open and has_close:
            is_closed = True if is_closed is None else is_closed
        elif has_open or has_close:
            is_closed = has_close
        if has_open or has_close:
            lifecycle_at = at
        previous_at = at
    return sessions


def _smallest(values: Iterable[Any]) -> Any:
    """The smallest value that is not null, or null."""
    return min((value for value in values if value is not None), default=None)


def _earliest(events: Iterable[Row]) -> list[Row]:
    """All events at the earliest instant."""
    events = list(events)
    first = min((event["event_at"] for event in events), default=None)
    return [event for event in events if event["event_at"] == first]


def _smallest_touch(events: Iterable[Row]) -> tuple[str | None, str | None]:
    """`(campaign_id, channel)` of the event that comes first by "smallest campaign_id, then
    channel", a null after every value; `(None, None)` without events."""
    touches = [(event.get("campaign_id"), event.get("channel")) for event in events]
    return min(
        touches,
        key=lambda touch: [(value is None, value or "") for value in touch],
        default=(None, None),
    )


def install_time(events: Sequence[Row], config: Config) -> tuple[int | None, bool]:
    """`(installed_at, is_install_inferred)` of one actor, from all its accepted events.

    Decision: "the least of (event_at of `install` events, `installed_at` on events), over accepted
    activity events... and accepted non-activity events too; else (infer_installs) the first
    activity event's time, `is_install_inferred = true`"."""
    given = [event["event_at"] for event in events if event["event_type"] == "install"]
    given += [event["installed_at"] for event in events if event.get("installed_at") is not None]
    if given:
        return min(given), False
    activity = [event["event_at"] for event in events if event["is_activity"]]
    if config.infer_installs and activity:
        return min(activity), True
    return None, False


def _events_of_install(events: Sequence[Row], config: Config) -> list[Row]:
    """One actor's earliest install events, unless they come `reinstall_window_days` or more after
    the install of which other events tell: then they are a reinstall."""
    earliest = _earliest(event for event in events if event["event_type"] == "install")
    window = config.reinstall_window_days * MICROS_PER_DAY
    if not earliest:
        return []
    late = earliest[0]["event_at"] - (install_time(events, config)[0] or 0)
    return [] if late > 0 and late >= window else earliest


def acquisition(events: Sequence[Row], config: Config) -> tuple[str | None, str | None]:
    """The acquiring `(campaign_id, channel)` of one actor.

    Decision: "of the actor's earliest `install` event (ties: smallest campaign_id, then channel);
    if the actor has none, or it is a reinstall: of the actor's earliest activity event that carries
    a campaign_id within the actor's first session; else null = organic"; "a channel alone does not
    count"."""
    of_install = _events_of_install(events, config)
    if of_install:
        return _smallest_touch(of_install)
    runs = _sessions_of_actor(events, config)
    first_session = runs[0][1] if runs else []
    return _smallest_touch(
        _earliest(event for event in first_session if event.get("campaign_id") is not None)
    )


def _sessions_of_actor(events: Sequence[Row], config: Config) -> list[tuple[str, list[Row]]]:
    """Section 3: what is "not activity (...) neither start[s] nor extend[s] a session"; decision:
    "non-activity events belong to no session"."""
    activity = [event for event in events if event["is_activity"]]
    if not activity:
        return []
    app_id, platform, _ = actor_of(activity[0])
    return split_into_sessions(activity, config.settings_of(app_id, platform))


def counted_opens(session_events: Iterable[Row], config: Config) -> list[Row]:
    """The app opens of one session that count.

    Section 4: "Opens closer to the one before than the provider's `min_open_interval_seconds` (...)
    count as one"; decisions: the one before is the provider's open before in the session, counted
    or not, so that a session's first always counts.
    """
    counted = []
    open_before: dict[Any, int] = {}
    for event in sorted(session_events, key=lambda event: event["event_at"]):
        if event["event_type"] != "app_open":
            continue
        provider = event.get("provider")
        interval = config.min_open_interval_seconds.get(provider, 0) * MICROS_PER_SECOND
        if provider not in open_before or event["event_at"] - open_before[provider] >= interval:
            counted.append(event)
        open_before[provider] = event["event_at"]
    return counted


def _session_facts(
    reason: str, events: Sequence[Row], settings: SessionSettings, config: Config
) -> dict[str, Any]:
    """The columns that a session has from its own events alone."""
    started_at = min(event["event_at"] for event in events)
    ended_at = max(event["event_at"] for event in events)
    first_events = _earliest(events)
    durations = [
        event["duration_seconds"] for event in events if event.get("duration_seconds") is not None
    ]
    # "explicit duration if supplied, at most the span plus `session_timeout_seconds`; else last
    # minus first event"; decision: the explicit duration is the sum over the session's events
    span = seconds(ended_at - started_at)
    if durations:
        length = min(six_places(sum(durations)), span + settings.session_timeout_seconds)
    else:
        length = span
    # "exceeds_max_length = (ended_at - started_at) > max_session_seconds"
    exceeds_max_length = ended_at - started_at > settings.max_length
    # "`is_measured` is false for a session without explicit duration whose span is below
    # `min_measured_seconds` (...) and for one that `exceeds_max_length`"
    is_measured = not exceeds_max_length and (
        bool(durations) or span >= config.min_measured_seconds
    )

    def count(event_type: str) -> int:
        return sum(event["event_type"] == event_type for event in events)

    return {
        # Decision: "those of its first event; of several events at that instant the smallest
        # non-null value; null if they have none"
        "country": _smallest(event.get("country") for event in first_events),
        "app_version": _smallest(event.get("app_version") for event in first_events),
        "start_reason": reason,
        "started_at": started_at,
        "ended_at": ended_at,
        "session_length_seconds": length,
        "event_count": len(events),
        # "`app_open_count`: explicit opens, at least 1"
        "app_open_count": max(1, len(counted_opens(events, config))),
        "in_app_event_count": count("in_app_event"),
        "ad_impression_count": count("ad_impression"),
        "purchase_count": count("purchase"),
        "ad_revenue_usd": nine_places(sum(event.get("ad_revenue_usd") or 0 for event in events)),
        "iap_revenue_usd": six_places(sum(event.get("iap_revenue_usd") or 0 for event in events)),
        "exceeds_max_length": exceeds_max_length,
        "is_measured": is_measured,
        "loaded_at": max(event["loaded_at"] for event in events),
    }


def _campaign_touch(events: Iterable[Row]) -> str | None:
    """Decision: "campaign_id of its earliest event that has one (ties: smallest)"."""
    with_campaign = [event for event in events if event.get("campaign_id") is not None]
    return _smallest(event["campaign_id"] for event in _earliest(with_campaign))


def _reengagement(
    events: Sequence[Row],
    interval: int | None,
    is_first_session: bool,
    acquiring_campaign: str | None,
    config: Config,
) -> tuple[bool, str | None]:
    """`(is_reengagement, reengagement_campaign_id)` of one session.

    Decision: "true if any event of the session has is_reengagement = true or event_type
    `reengagement`; then `reengagement_campaign_id` = campaign_id of the earliest such event that
    has one (ties: smallest), else null. Otherwise true if the session has a campaign touch that
    `is distinct from` the acquiring campaign, the session is not the install's session and
    session_interval_seconds >= reengagement_inactivity_days * 86400; then
    reengagement_campaign_id = that touch. Else false, null."
    """
    flagged = [
        event
        for event in events
        if event.get("is_reengagement") is True or event["event_type"] == "reengagement"
    ]
    if flagged:
        return True, _campaign_touch(flagged)
    touch = _campaign_touch(events)
    inactivity = config.reengagement_inactivity_days * MICROS_PER_DAY
    if (
        touch is not None
        and touch != acquiring_campaign
        and not is_first_session
        and interval is not None
        and interval >= inactivity
    ):
        return True, touch
    return False, None


def sessionize(events: Iterable[Row], config: Config | None = None) -> list[dict[str, Any]]:
    """`fct_sessions`: one dict per session with exactly `SESSION_COLUMNS`, from accepted events
    (`Deduplication.accepted`), ordered by actor and start."""
    config = config or Config()
    sessions: list[dict[str, Any]] = []
    for (app_id, platform, user_id), own_events in _by_actor(events).items():
        settings = config.settings_of(app_id, platform)
        key = user_key(app_id, platform, user_id)
        installed_at, _ = install_time(own_events, config)
        acquiring_campaign, _ = acquisition(own_events, config)
        install_session_seen = False
        previous_end: int | None = None
        runs = _sessions_of_actor(own_events, config)
        for number, (reason, session_events) in enumerate(runs, start=1):
            facts = _session_facts(reason, session_events, settings, config)
            started_at, ended_at = facts["started_at"], facts["ended_at"]
            # "start minus the previous session's end; null for the first"
            interval = None if previous_end is None else started_at - previous_end
            previous_end = ended_at
            # Decision: "the actor's first session that lies within one timeout of the install time
            # (install time - timeout < ended_at and started_at < install time + timeout); at most
            # one per actor"
            is_first_session = (
                installed_at is not None
                and not install_session_seen
                and installed_at - settings.timeout < ended_at
                and started_at < installed_at + settings.timeout
            )
            install_session_seen = install_session_seen or is_first_session
            is_reengagement, reengagement_campaign_id = _reengagement(
                session_events, interval, is_first_session, acquiring_campaign, config
            )
            session = facts | {
                "session_id": session_id(key, started_at),
                "user_key": key,
                "app_id": app_id,
                "platform": platform,
                "user_id": user_id,
                "session_number": number,
                # Decision: "session_date: date of started_at in reporting_timezone"
                "session_date": local_date(started_at, config.zone_of(app_id)),
                "session_interval_seconds": None if interval is None else seconds(interval),
                "is_first_session": is_first_session,
                "is_reengagement": is_reengagement,
                "reengagement_campaign_id": reengagement_campaign_id,
            }
            sessions.append({column: session[column] for column in SESSION_COLUMNS})
    return sessions


def session_id_of_events(
    events: Iterable[Row], config: Config | None = None
) -> list[tuple[Row, str | None]]:
    """`int_events_sessionized`: every accepted event with the id of its session; null for
    non-activity events ("session_id null in int_events_sessionized")."""
    config = config or Config()
    pairs: list[tuple[Row, str | None]] = []
    for actor, own_events in _by_actor(events).items():
        for _, session_events in _sessions_of_actor(own_events, config):
            started_at = min(event["event_at"] for event in session_events)
            identity = session_id(user_key(*actor), started_at)
            pairs.extend((event, identity) for event in session_events)
        pairs.extend((event, None) for event in own_events if not event["is_activity"])
    return pairs


def session_agreement(events: Iterable[Row], config: Config | None = None) -> list[dict[str, Any]]:
    """`mart_session_agreement`: sessions of a vendor beside ours, by app, platform and date.

    Decision: "a vendor's session is `(user, vendor_session_id)`. Only activity events are compared,
    and events without an id have no say, but are counted. A vendor's session equals one of ours if
    all its events are in that one and no event there has another id. Neighbouring events, those
    without an id left out, agree if both sides see one session or both see two. A vendor's session
    counts on the date of our session that holds its first event, a pair on that of the session
    that holds its later event. Apps without any id have no row."
    """
    config = config or Config()
    dates: dict[tuple, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_AGREEMENT_COUNTS, 0))
    apps_with_ids = set()
    for (app_id, platform, _), own_events in _by_actor(events).items():
        runs = [run for _, run in _sessions_of_actor(own_events, config)]
        zone = config.zone_of(app_id)
        days = []
        pieces: dict[str, list[int]] = defaultdict(list)
        known: list[tuple[int, str, int]] = []
        for number, run in enumerate(runs):
            started_at = min(event["event_at"] for event in run)
            days.append(dates[app_id, platform, local_date(started_at, zone)])
            with_id = [event for event in run if event["vendor_session_id"] is not None]
            known += [(event["event_at"], event["vendor_session_id"], number) for event in with_id]
            days[number]["session_count"] += 1
            days[number]["session_without_id_count"] += not with_id
            days[number]["event_count"] += len(run)
            days[number]["event_without_id_count"] += len(run) - len(with_id)
            for identity in {event["vendor_session_id"] for event in with_id}:
                pieces[identity].append(number)
        if known:
            apps_with_ids.add((app_id, platform))
        for identity, numbers in pieces.items():
            days[numbers[0]]["vendor_session_count"] += 1
            has_company = any(
                numbers[0] in held for other, held in pieces.items() if other != identity
            )
            days[numbers[0]]["equal_session_count"] += len(numbers) == 1 and not has_company
        for (_, one_id, one_run), (_, next_id, next_run) in pairwise(sorted(known)):
            day = days[next_run]
            day["pair_count"] += 1
            day["agreeing_pair_count"] += (one_id == next_id) == (one_run == next_run)
            day["our_split_count"] += one_id == next_id and one_run != next_run
            day["vendor_split_count"] += one_id != next_id and one_run == next_run
    return [
        {"app_id": app_id, "platform": platform, "activity_date": day}
        | counts
        | {
            "equal_session_rate": _ratio(
                counts["equal_session_count"], counts["vendor_session_count"]
            ),
            "agreeing_pair_rate": _ratio(counts["agreeing_pair_count"], counts["pair_count"]),
        }
        for (app_id, platform, day), counts in dates.items()
        if (app_id, platform) in apps_with_ids
    ]


_AGREEMENT_COUNTS = (
    "session_count",
    "vendor_session_count",
    "equal_session_count",
    "session_without_id_count",
    "event_count",
    "event_without_id_count",
    "pair_count",
    "agreeing_pair_count",
    "our_split_count",
    "vendor_split_count",
)


# opens a session where several events are at one instant, closes it
_PATH_ORDER = {"install": 0, "app_open": 1, "app_close": 3}


def session_paths(
    events: Iterable[Row],
    newest_load: int,
    config: Config | None = None,
    churn_days: int = 30,
    late_days: int = 3,
    steps: int = 10,
    names: int = 20,
) -> dict[tuple, list[Decimal | None]]:
    """`mart_session_paths`: per key the seconds to the next event of each session, None at the end.

    Decision: "paths are of a user's first session, from its start, and of the last session of each
    of the user's weeks, or before a silence, from its end. An event that comes again at once is one
    step. A user has churned who starts no further session on the session's last date and the
    `churn_days` dates after it; known of all sessions of a week at once."
    """
    config = config or Config()
    events = list(events)
    rows = {row["session_id"]: row for row in sessionize(events, config)}
    runs: dict[str, list[Row]] = defaultdict(list)
    for event, identity in session_id_of_events(events, config):
        if identity is not None:
            runs[identity].append(event)
    by_user: dict[int, list[Row]] = defaultdict(list)
    for row in sorted(rows.values(), key=lambda row: row["started_at"]):
        by_user[row["user_key"]].append(row)
    found: list[tuple] = []
    uses: dict[str, Counter] = defaultdict(Counter)
    for row, following in (
        pair for own in by_user.values() for pair in zip(own, [*own[1:], None], strict=True)
    ):
        zone = config.zone_of(row["app_id"])
        complete_until = last_complete_date(newest_load, late_days, zone)
        end_date = local_date(row["ended_at"], zone)
        silent_until = end_date + timedelta(days=churn_days)
        is_churned = following is None or following["session_date"] > silent_until
        is_last = is_churned or _monday(local_date(following["ended_at"], zone)) != _monday(
            end_date
        )
        path: list[tuple[str, int]] = []
        for at, _, name in sorted(
            (event["event_at"], _PATH_ORDER.get(event["event_type"], 2), event["event_name"])
            for event in runs[row["session_id"]]
        ):
            if not path or path[-1][0] != name:
                path.append((name, at))
        after = [*path[1:], ("(end)", None)]
        shown = [
            *((("first_session", n + 1), n) for n in range(steps) if row["is_first_session"]),
            *((("last_session", -n - 1), len(path) - 1 - n) for n in range(steps) if is_last),
        ]
        places = {place for _, place in shown if 0 <= place < len(path)}
        uses[row["app_id"]].update(path[place][0] for place in places)
        for (kind, step), place in shown:
            if not 0 <= place < len(path):
                continue
            (name, at), (next_name, next_at) = path[place], after[place]
            monday = _monday(row["session_date"] if kind == "first_session" else end_date)
            known_on = max(monday + timedelta(days=6), end_date) + timedelta(days=churn_days)
            outcome = "churned" if is_churned else "returned"
            if known_on > complete_until:
                outcome = "not yet known"
            found.append(
                (
                    *(row["app_id"], row["platform"], monday, kind, outcome, step),
                    *(name, next_name, monday + timedelta(days=6) <= complete_until),
                    None if next_at is None else seconds(next_at - at),
                )
            )
    often = {
        app_id: sorted(counts, key=lambda name: (-counts[name], name))[:names]
        for app_id, counts in uses.items()
    }
    cells: dict[tuple, list[Decimal | None]] = defaultdict(list)
    for *key, name, next_name, is_complete, wait in found:
        shown_names = [
            each if each == "(end)" or each in often[key[0]] else "(other)"
            for each in (name, next_name)
        ]
        cells[(*key, *shown_names, is_complete)].append(wait)
    return cells


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())


def _ratio(numerator: int, denominator: int) -> float | None:
    return numerator / denominator if denominator else None


# ------------------------------------------------------------------ installs, user days, cohorts


def _install_details(install_events: Sequence[Row]) -> tuple[str | None, str | None]:
    """`(country, app_version)` of the install event that stands for all of one instant: "the
    smallest campaign and channel" (`fct_installs`), then the smallest country, then version."""
    if not install_events:
        return None, None
    first = min(
        install_events,
        key=lambda event: [
            (event.get(column) is None, event.get(column) or "")
            for column in ("campaign_id", "channel", "country", "app_version")
        ],
    )
    return first.get("country"), first.get("app_version")


def _provider(events: Sequence[Row]) -> str:
    """Decision: a user belongs to the provider of the first session, the least by name if its
    events come from several; without a session, of the events that tell of the install."""
    told = [
        event
        for event in events
        if event["is_activity"]
        or event["event_type"] == "install"
        or event.get("installed_at") is not None
    ]
    return min(event["provider"] for event in told)


def _install_row(
    actor: Actor, at: int, touch: tuple[str | None, str | None], config: Config
) -> dict[str, Any]:
    """The columns that installs and reinstalls share; `install_date` in the app's zone."""
    return {
        "user_key": user_key(*actor),
        "app_id": actor[0],
        "platform": actor[1],
        "user_id": actor[2],
        "campaign_id": touch[0],
        "channel": touch[1],
        "install_date": local_date(at, config.zone_of(actor[0])),
        "installed_at": at,
    }


def installs(events: Iterable[Row], config: Config | None = None) -> list[dict[str, Any]]:
    """`fct_installs`, from accepted events.

    Decision: "the actor's install (is_reinstall = false) plus every `install` event 90 days
    (reinstall_window_days) or more after the actor's previous install event, or, the first, after
    the install (is_reinstall = true)". Several install events at one instant are one.
    """
    config = config or Config()
    window = config.reinstall_window_days * MICROS_PER_DAY
    rows: list[dict[str, Any]] = []
    for actor, own_events in _by_actor(events).items():
        installed_at, inferred = install_time(own_events, config)
        install_events = [event for event in own_events if event["event_type"] == "install"]
        if installed_at is not None:
            touch = acquisition(own_events, config)
            row = _install_row(actor, installed_at, touch, config)
            # of the earliest install event; where it says nothing, of the first session
            country, app_version = _install_details(_events_of_install(own_events, config))
            runs = _sessions_of_actor(own_events, config)
            first_events = _earliest(runs[0][1]) if runs else []
            row["country"] = country or _smallest(e.get("country") for e in first_events)
            row["app_version"] = app_version or _smallest(
                e.get("app_version") for e in first_events
            )
            row["reinstall_number"] = 0
            row["provider"] = _provider(runs[0][1] if runs else own_events)
            rows.append(row | {"is_reinstall": False, "is_install_inferred": inferred})
        reinstall_number = 0
        instants = {event["event_at"] for event in install_events}
        if instants:
            instants.add(install_time(own_events, config)[0])
        for previous_at, at in pairwise(sorted(instants)):
            if at - previous_at >= window:
                at_once = [event for event in install_events if event["event_at"] == at]
                row = _install_row(actor, at, _smallest_touch(at_once), config)
                row["country"], row["app_version"] = _install_details(at_once)
                reinstall_number += 1
                row["reinstall_number"] = reinstall_number
                row["provider"] = _provider(at_once)
                rows.append(row | {"is_reinstall": True, "is_install_inferred": False})
    return rows


def day_n(at: int, installed_at: int, config: Config, app_id: str = "") -> int:
    """Section 6: "0-based; D0 = install day. `relative_24h`: `floor(seconds since install /
    86400)`, or `calendar` (dates in `reporting_timezone`)"; decision: "Negative before the
    install"."""
    if config.cohort_day_basis == "relative_24h":
        return (at - installed_at) // MICROS_PER_DAY
    if config.cohort_day_basis == "calendar":
        zone = config.zone_of(app_id)
        return (local_date(at, zone) - local_date(installed_at, zone)).days
    raise ValueError(f"cohort_day_basis must be relative_24h or calendar: {config}")


def _installed_at_by_user(installed: Iterable[Row]) -> dict[int, int]:
    """Decision: "Cohorts use only is_reinstall = false"; a day N is counted from there."""
    return {row["user_key"]: row["installed_at"] for row in installed if not row["is_reinstall"]}


def app_open_count(session_events: Iterable[Row], config: Config) -> list[int]:
    """The times of one session's app opens: "explicit opens, at least 1"; "an implied open (a
    session without an explicit one) is dated at the session's start"."""
    events = list(session_events)
    explicit = [event["event_at"] for event in counted_opens(events, config)]
    return explicit or [min(event["event_at"] for event in events)]


def user_days(events: Iterable[Row], config: Config | None = None) -> list[dict[str, Any]]:
    """`fct_user_days`, from accepted events: "a row per user, date and day N with activity", or
    with money: "all revenue of accepted events lands on its own day", also of events that are no
    activity and in no session, such as refunds.

    Section 6, "what is dated by what": "Sessions, their lengths and intervals belong to the day
    (and the day N) of the session's start. App opens, events, impressions, purchases, refunds and
    revenue belong to their own day and day N, and a user is active on every day on which they did
    something". `day_n` is null for a user without an install.
    """
    config = config or Config()
    events = list(events)
    sessions = {row["session_id"]: row for row in sessionize(events, config)}
    installed_at = _installed_at_by_user(installs(events, config))
    rows: dict[tuple, dict[str, Any]] = {}
    # who a user's date is named after: (0, start) of a session that starts on it, (1, start) of one
    # that runs into it, (2, time) of an event outside sessions; the least counts
    countries: dict[tuple, tuple] = {}

    for actor, own_events in _by_actor(events).items():
        key = user_key(*actor)
        origin = installed_at.get(key)

        def row_of(at: int, key: int = key, actor: Actor = actor, origin: Any = origin) -> Any:
            date_of = local_date(at, config.zone_of(actor[0]))
            day = None if origin is None else day_n(at, origin, config, actor[0])
            return rows.setdefault((key, date_of, day), _empty_user_day(actor, date_of, day))

        for _, session_events in _sessions_of_actor(own_events, config):
            session = sessions[session_id(key, min(e["event_at"] for e in session_events))]
            row = row_of(session["started_at"])
            _add_session(row, session)
            for at in app_open_count(session_events, config):
                row_of(at)["app_open_count"] += 1
            for event in session_events:
                row = row_of(event["event_at"])
                _add_event(row, event)
                date_of = row["activity_date"]
                rank = (int(date_of != session["session_date"]), session["started_at"])
                _name(countries, (key, date_of), rank, session["country"])
        for event in own_events:
            # money of a currency without a rate is worth nothing that is known
            has_worth = (
                event.get("revenue") is not None and _currency(event) in config.exchange_rates
            )
            is_money = (
                event["event_type"] in ("purchase", "refund", "ad_impression")
                or has_worth
                or event.get("ad_revenue_usd") is not None
            )
            if is_money and not event["is_activity"]:
                row = row_of(event["event_at"])
                _add_money(row, event)
                rank = (2, event["event_at"])
                _name(countries, (key, row["activity_date"]), rank, event.get("country"))

    for (key, date_of, _), row in rows.items():
        row["country"] = countries[(key, date_of)][2]
        row["is_active"] = row["event_count"] > 0
    return sorted(
        rows.values(),
        key=lambda row: (row["user_key"], row["activity_date"], row["day_n"] or 0),
    )


def _name(countries: dict[tuple, tuple], day: tuple, rank: tuple, country: str | None) -> None:
    """Of equal ranks the smallest country, a null after every value."""
    one = (rank, country is None, country)
    other = countries.get(day, one)
    countries[day] = min(one, other, key=lambda each: (each[0], each[1], each[2] or ""))


def _empty_user_day(actor: Actor, date_of: date, day: int | None) -> dict[str, Any]:
    return {
        "user_key": user_key(*actor),
        "app_id": actor[0],
        "platform": actor[1],
        "user_id": actor[2],
        "activity_date": date_of,
        "day_n": day,
        "session_count": 0,
        "measured_session_count": 0,
        "total_session_length_seconds": six_places(0),
        "session_interval_count": 0,
        "total_session_interval_seconds": six_places(0),
        "first_started_at": None,
        "last_ended_at": None,
        "app_open_count": 0,
        "event_count": 0,
        "in_app_event_count": 0,
        "ad_impression_count": 0,
        "purchase_count": 0,
        "refund_count": 0,
        "ad_revenue_usd": nine_places(0),
        "iap_revenue_usd": six_places(0),
        "refund_usd": six_places(0),
    }


def _add_session(row: dict[str, Any], session: Row) -> None:
    """What belongs to the day of the session's start."""
    row["session_count"] += 1
    # "averages are over measured sessions, and the share of the others is reported"
    if session["is_measured"]:
        row["measured_session_count"] += 1
        row["total_session_length_seconds"] += session["session_length_seconds"]
    if session["session_interval_seconds"] is not None:
        row["session_interval_count"] += 1
        row["total_session_interval_seconds"] += session["session_interval_seconds"]
    for column, choose in (("started_at", min), ("ended_at", max)):
        name = {"started_at": "first_started_at", "ended_at": "last_ended_at"}[column]
        known = row[name]
        row[name] = session[column] if known is None else choose(known, session[column])


def _add_event(row: dict[str, Any], event: Row) -> None:
    """What belongs to the day of an event of a session."""
    row["event_count"] += 1
    row["in_app_event_count"] += event["event_type"] == "in_app_event"
    _add_money(row, event)


def _add_money(row: dict[str, Any], event: Row) -> None:
    """What belongs to the day of an event, in a session or not."""
    row["ad_impression_count"] += event["event_type"] == "ad_impression"
    row["purchase_count"] += event["event_type"] == "purchase"
    if event["event_type"] == "refund":
        row["refund_count"] += 1
        row["refund_usd"] -= event["iap_revenue_usd"]
    row["ad_revenue_usd"] += nine_places(event.get("ad_revenue_usd") or 0)
    row["iap_revenue_usd"] += event["iap_revenue_usd"]


def daily_users(days: Iterable[Row], churn_days: int = 30) -> list[dict[str, Any]]:
    """The users of `mart_daily_engagement`, from `user_days`: one per app, platform and date, from
    the app's first date to the last of any.

    Section 6: "users active on the day, in the trailing 7, trailing 30 days (...). Null while the
    window reaches back before the first day of data". Domain C2: "churned = 30 consecutive days
    without session; reactivated = session after >= 30 d inactive", dated on the last of these days
    and on the day of the return; in between, who is active is new or returning.
    """
    days = list(days)
    last = max(row["activity_date"] for row in days)
    apps: dict[tuple, dict[int, set[date]]] = defaultdict(lambda: defaultdict(set))
    first: dict[tuple, date] = {}
    for row in days:
        app = (row["app_id"], row["platform"])
        first[app] = min(first.get(app, row["activity_date"]), row["activity_date"])
        if row["is_active"]:
            apps[app][row["user_key"]].add(row["activity_date"])

    found = []
    for app, since in first.items():
        for number in range((last - since).days + 1):
            on = since + timedelta(days=number)
            counts = dict.fromkeys(("dau", "wau", "mau", "new", "returning", "resurrected"), 0)
            counts["churned"] = 0
            for dates in apps[app].values():
                silences = [(on - each).days for each in dates if each <= on]
                if not silences:
                    continue
                counts["dau"] += 0 in silences
                counts["wau"] += min(silences) < 7
                counts["mau"] += min(silences) < 30
                counts["churned"] += min(silences) == churn_days
                before = [silence for silence in silences if silence > 0]
                if 0 in silences and not before:
                    counts["new"] += 1
                elif 0 in silences:
                    back = min(before) - 1 < churn_days
                    counts["returning" if back else "resurrected"] += 1
            known = (on - min(first[each] for each in first if each[0] == app[0])).days + 1
            for window, width in (("wau", 7), ("mau", 30)):
                counts[window] = counts[window] if known >= width else None
            found.append({"app_id": app[0], "platform": app[1], "activity_date": on} | counts)
    return found


# ------------------------------------------------------------------------- spend and ad revenue


@dataclass(frozen=True)
class AdFeed:
    """What the columns of a feed are: its date, its amount, its counts, and the key of a row."""

    date: str
    amount: str
    counts: tuple[str, ...]
    key: tuple[str, ...]


AD_SPEND = AdFeed(
    "spend_date",
    "spend",
    ("impressions", "clicks", "reported_installs"),
    ("provider", "spend_date", "app_id", "platform", "channel", "campaign_id", "country"),
)
AD_REVENUE = AdFeed(
    "revenue_date",
    "revenue",
    ("impressions",),
    ("provider", "revenue_date", "app_id", "platform", "country", "ad_network"),
)


def known_at(row: Row, newest_event_load: int | None) -> int | None:
    """When a row was known at the latest: its load; else its `updated_at`, which vouches for
    nothing after the newest accepted event load; else that load."""
    if row.get("loaded_at") is not None:
        return row["loaded_at"]
    said = row.get("updated_at")
    if newest_event_load is None:
        return said
    return newest_event_load if said is None else min(said, newest_event_load)


def feed_rejection_reason(
    row: Row, feed: AdFeed, config: Config, newest_event_load: int | None
) -> str | None:
    """Section 3: "A date is the date that is written (...) and has the same bounds as an event's;
    what lies outside is refused with a reason"; "Amounts may be negative"."""
    on = row.get(feed.date)
    known = known_at(row, newest_event_load)
    if on is None:
        return f"missing_{feed.date}"
    if on < local_date(config.min_event_at, "UTC"):
        return f"{feed.date}_too_old"
    if known is not None and on > local_date(known, "UTC") + timedelta(days=1):
        return f"{feed.date}_in_future"
    if row.get(feed.amount) is None:
        return f"missing_{feed.amount}"
    if _currency(row) not in config.exchange_rates:
        return "unknown_currency"
    return None


def _publication(row: Row, newest_event_load: int | None) -> tuple:
    """Section 3: "one `updated_at`, else one `loaded_at`, else one file". An `updated_at` more
    than a day after the row was known is none. Tuples sort as publications follow each other."""
    said, known = row.get("updated_at"), known_at(row, newest_event_load)
    if said is not None and known is not None and said > known + MICROS_PER_DAY:
        said = None
    if said is not None:
        return (2, said)
    if row.get("loaded_at") is not None:
        return (2, row["loaded_at"])
    if row.get("updated_at") is not None:
        return (1, "", row["updated_at"])
    return (0, row.get("file_name") or "")


def ad_facts(
    rows: Iterable[Row], feed: AdFeed, config: Config, newest_event_load: int | None
) -> list[dict[str, Any]]:
    """`fct_ad_spend` or `fct_ad_revenue`.

    Section 3: "Of a key the newest publication counts, and its rows add up, each in its own
    currency". Decision: a line that comes again with its `updated_at` in a later load is the same
    line; a load that says it twice has two lines.
    """
    keys: dict[tuple, list[Row]] = defaultdict(list)
    for row in rows:
        if feed_rejection_reason(row, feed, config, newest_event_load) is None:
            named = dict(row) | {"app_id": row.get("app_id") or "(unattributed)"}
            if feed is AD_SPEND and not row.get("campaign_id"):
                named["campaign_id"] = "(unattributed)"
            # what has no campaign id is told apart by its name
            label = row.get("campaign_name") if not row.get("campaign_id") else None
            keys[(*(named.get(column) for column in feed.key), label)].append(row)
    facts = []
    for key, versions in keys.items():
        newest = max(_publication(row, newest_event_load) for row in versions)
        lines = _lines_once(
            [row for row in versions if _publication(row, newest_event_load) == newest], feed
        )
        currencies = {_currency(line) for line in lines}
        fact = dict(zip(feed.key, key, strict=False))
        is_one = len(currencies) == 1
        fact["currency"] = min(currencies) if is_one else None
        fact[feed.amount] = sum(line[feed.amount] for line in lines) if is_one else None
        fact[f"{feed.amount}_usd"] = sum(
            six_places(line[feed.amount] * usd_per_unit(_currency(line), line[feed.date], config))
            for line in lines
        )
        for count in feed.counts:
            # "a number below 0 is null", and null where no line says anything
            said = [line[count] for line in lines if (line.get(count) or 0) >= 0]
            said = [value for value in said if value is not None]
            fact[count] = sum(said) if said else None
        fact["line_count"] = len(lines)
        facts.append(fact)
    return facts


def _lines_once(lines: Sequence[Row], feed: AdFeed) -> list[Row]:
    """Each line as often as the load that says it most often."""
    columns = ("campaign_name", "currency", feed.amount, *feed.counts, "updated_at")
    loads: dict[tuple, dict[tuple, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        content = tuple(line.get(column) for column in columns)
        loads[content][(line.get("loaded_at"), line.get("file_name"))].append(line)
    return [line for copies in loads.values() for line in max(copies.values(), key=len)]


def default_channels(
    spend: Iterable[Row], installed: Iterable[Row], sessions: Iterable[Row]
) -> dict[tuple[str, str, str], str]:
    """The channel of what names none, by (app, platform, campaign id).

    Section 6: "campaign: `(app, platform, channel, campaign_id)` (...). An install that names no
    channel takes the only channel of its campaign id, if there is one"; else `(unknown)`. Spend
    without a campaign id has none of which it could be the only channel.
    """
    channels: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in [*spend, *installed]:
        if row["campaign_id"] is not None:
            key = (row["app_id"], row["platform"], row["campaign_id"])
            channels[key] |= {row["channel"]} - {None}
    for session in sessions:
        if session["reengagement_campaign_id"] is not None:
            channels[session["app_id"], session["platform"], session["reengagement_campaign_id"]]
    return {
        key: min(names) if len(names) == 1 and key[2] != "(unattributed)" else "(unknown)"
        for key, names in channels.items()
    }


def campaign_of(row: Row, defaults: Mapping[tuple[str, str, str], str]) -> tuple[str, str]:
    """`(channel, campaign_id)` of a cohort's user or of spend: an install without a campaign is
    organic, whatever channel it names."""
    if row["campaign_id"] is None:
        return "organic", "(organic)"
    key = (row["app_id"], row["platform"], row["campaign_id"])
    return row["channel"] or defaults[key], row["campaign_id"]


def last_complete_date(newest_load: int, late_days: int, timezone: str) -> date:
    """Section 6: "a cohort-day counts only when every feed (...) is complete for it, in
    `reporting_timezone`"; a local day is complete once it and the late days after it are over at
    the newest accepted load."""
    on = local_date(newest_load, timezone)
    # the day of the load itself is not over
    return on - timedelta(days=1) - timedelta(days=late_days)


def is_mature(install_date: date, n: int, complete_until: date, config: Config) -> bool:
    """Decision: the last installer of a date finishes a relative day N within the date after."""
    last_date = install_date + timedelta(days=n)
    if config.cohort_day_basis == "relative_24h":
        last_date += timedelta(days=1)
    return last_date <= complete_until


COHORT_COLUMNS = (
    "app_id",
    "platform",
    "install_date",
    "channel",
    "campaign_id",
    "is_install_inferred",
)


def cohort_cells(
    days: Iterable[Row], installed: Iterable[Row], max_day: int
) -> list[dict[str, Any]]:
    """One dict per cohort and day 0..max_day, every day of every cohort, active or not; from
    `user_days` and `installs`.

    Section 6, "retention: classic (`= N`), and rolling (`>= N`) and bracket columns beside it;
    denominator D0 users"; "cumulative D0..DN". Bracket is any of days 1..N, so 0 on day 0. What
    happened before the install is on no day >= 0. Maturity is not applied here.
    """
    days_by_user: dict[int, list[Row]] = defaultdict(list)
    for row in days:
        days_by_user[row["user_key"]].append(row)
    cohorts: dict[tuple, list[Row]] = defaultdict(list)
    for install in installed:
        if not install["is_reinstall"]:
            cohorts[tuple(install[column] for column in COHORT_COLUMNS)].append(install)

    cells = []
    for cohort, members in cohorts.items():
        visits = [row for member in members for row in days_by_user[member["user_key"]]]
        active = {(row["user_key"], row["day_n"]) for row in visits if row["event_count"]}
        for n in range(max_day + 1):
            on_day = [row for row in visits if row["day_n"] == n]
            so_far = [row for row in visits if 0 <= row["day_n"] <= n]
            cell = dict(zip(COHORT_COLUMNS, cohort, strict=True)) | {
                "day_n": n,
                "tracked_installs": len(members),
                "d0_users": len({user for user, day in active if day == 0}),
                "active_users": len({user for user, day in active if day == n}),
                "rolling_users": len({user for user, day in active if day >= n}),
                "bracket_users": len({user for user, day in active if 1 <= day <= n}),
            }
            for column in ("session_count", "app_open_count", "ad_revenue_usd", "iap_revenue_usd"):
                cell[column] = sum(row[column] for row in on_day)
                cell[f"cumulative_{column}"] = sum(row[column] for row in so_far)
            cells.append(cell)
    return cells
