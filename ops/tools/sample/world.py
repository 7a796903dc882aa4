"""The simulated world: apps, campaigns, users and their visits, and the hourly loads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sample.dice import Dice, interpolate

FIRST_DAY = datetime(2025, 3, 1)
DAY_COUNT = 60
END = FIRST_DAY + timedelta(days=DAY_COUNT)
NO_DELAY = timedelta(0)

# fmt: off
# Share of users who come back on day N, as (N, share); linear in between.
RETENTION = (
    (0, 1.0), (1, 0.41), (2, 0.31), (3, 0.255), (5, 0.195), (7, 0.165), (10, 0.13), (14, 0.105),
    (21, 0.075), (30, 0.055), (45, 0.04), (61, 0.03),
)
# Share of its days on which a user who has not left yet opens the app.
DAILY_ACTIVITY = 0.7
# Share of users who ever buy.
PAYERS = 0.09
SESSIONS_PER_DAY = ((1, 52), (2, 26), (3, 13), (4, 6), (5, 3))

# Distributions as (probability, value); the first is log-normal.
SESSION_SECONDS = (
    (0, 5), (0.05, 27), (0.1, 42), (0.2, 73), (0.3, 109), (0.4, 153), (0.5, 210), (0.6, 288),
    (0.7, 404), (0.75, 488), (0.8, 602), (0.85, 767), (0.9, 1043), (0.95, 1641), (1, 4400),
)
SAME_DAY_GAP_SECONDS = ((0, 400), (0.2, 2400), (0.5, 9000), (0.8, 30000), (1, 70000))

# country: (hours from UTC, what its users are worth)
COUNTRIES = {
    "US": (-6, 1.3), "DE": (1, 1.1), "GB": (0, 1.1), "FR": (1, 0.9), "JP": (9, 1.2),
    "BR": (-3, 0.5), "IN": (5, 0.35),
}
WORLD = (("US", 36), ("DE", 14), ("GB", 11), ("FR", 9), ("JP", 8), ("BR", 12), ("IN", 10))
WESTERN = (("US", 50), ("DE", 20), ("GB", 18), ("FR", 12))
EUROPE = (("DE", 40), ("GB", 32), ("FR", 28))
US_AND_DE = (("US", 70), ("DE", 30))
# platform: ((model, version of its system), share)
DEVICES = {
    "ios": (
        (("iPhone14,5", "17.6"), 4), (("iPhone15,2", "18.1"), 4), (("iPhone16,1", "18.3"), 3),
        (("iPad13,4", "17.5"), 1),
    ),
    "android": (
        (("SM-A546B", "14"), 4), (("SM-S911B", "14"), 3), (("Pixel 7a", "15"), 2),
        (("Redmi Note 12", "13"), 3),
    ),
    "web": ((("Chrome", "133"), 3), (("Safari", "18"), 1)),
}
# fmt: on


@dataclass
class Source:
    """A campaign on one platform, or the organic users there.

    `installs` is how many come a day at the end of the sample; `retention` and `worth` multiply
    those of all users; `cpi` is in US dollars per install, None for no spend rows; `cpm` is in US
    dollars per 1,000 of the network's impressions.
    """

    channel: str
    campaign_id: str
    campaign_name: str
    installs: float
    cpi: float | None = None
    retention: float = 1.0
    worth: float = 1.0
    first_day: int = 0
    last_day: int = DAY_COUNT - 1
    countries: tuple = WORLD
    cpm: float = 7.0


@dataclass
class App:
    """One app on one platform.

    `hours` are the weights of the 24 hours of the local day, `week` those of Monday to Sunday,
    `releases` are (day of the sample, version).
    """

    app_id: str
    platform: str
    name: str
    bundle_id: str
    hours: tuple
    week: tuple
    releases: tuple
    sources: list[Source]
    store_id: str = ""

    def version(self, at: datetime) -> str:
        """Return the release that is current at that time."""
        day_index = max(0, (at - FIRST_DAY).days)
        return [version for first, version in self.releases if first <= day_index][-1]


@dataclass
class User:
    """One installation; `cells` is what all its rows have in common, filled by the export."""

    app: App
    source: Source
    number: int
    country: str
    device: str
    os_version: str
    installed_at: datetime
    lifetime_days: int
    is_payer: bool = False
    cells: dict = field(default_factory=dict)


@dataclass
class Session:
    """One visit: the `number`-th of the user, on its day N, delivered after `delay`."""

    user: User
    start: datetime
    seconds: float
    day_n: int
    number: int
    delay: timedelta


def simulate(apps: list[App], stream: int):
    """Return (sessions by user and time, installs per (campaign and platform, day)).

    Installs and payers are rounded by carrying the remainder, and lifetimes are spread evenly
    within a campaign, so that small cohorts still look like the curve they are drawn from.
    """
    sessions: list[Session] = []
    installs: Counter = Counter()
    number = 0
    for app in apps:
        for source in app.sources:
            stream += 1
            dice = Dice(stream)
            carry, spread, payers = dice.unit(), dice.unit(), dice.unit()
            for day_index in range(source.first_day, source.last_day + 1):
                day = FIRST_DAY + timedelta(days=day_index)
                trend = expected_installs(source, day_index) * app.week[day.weekday()]
                carry += trend * dice.between(0.55, 1.45)
                for _ in range(int(carry)):
                    carry -= 1
                    number += 1
                    spread = (spread + 0.618033988749895) % 1
                    user = new_user(dice, app, source, number, day, spread)
                    payers += PAYERS * source.worth * COUNTRIES[user.country][1]
                    user.is_payer = payers >= 1
                    payers %= 1
                    installs[app.platform, source.campaign_id, day_index] += 1
                    sessions += visits(dice, user)
    return sessions, installs


def expected_installs(source: Source, day_index: int) -> float:
    """Return the installs that the growing trend gives a campaign on a day."""
    return source.installs * (0.3 + 0.74 * day_index / DAY_COUNT)


def new_user(dice: Dice, app: App, source: Source, number: int, day: datetime, spread: float):
    """Return a user of that campaign who installs on that day.

    `spread` in [0, 1) is the user's place in the retention curve: low values stay longest.
    """
    country = dice.pick(source.countries)
    device, os_version = dice.pick(DEVICES[app.platform])
    lifetime = 0
    scale = source.retention / DAILY_ACTIVITY
    while lifetime <= DAY_COUNT and spread < interpolate(RETENTION, lifetime + 1) * scale:
        lifetime += 1
    installed_at = min(local_time(dice, day, app, country), END - timedelta(minutes=15))
    return User(app, source, number, country, device, os_version, installed_at, lifetime)


def local_time(dice: Dice, day: datetime, app: App, country: str) -> datetime:
    """Return a time on that UTC day, by the app's hours of local time."""
    hour = dice.pick(tuple(zip(range(24), app.hours, strict=True))) - COUNTRIES[country][0]
    return day + timedelta(hours=hour % 24, microseconds=int(dice.unit() * 3_600_000_000))


def visits(dice: Dice, user: User) -> list[Session]:
    """Return a user's sessions, none overlapping, all begun before END.

    Day N is the N-th stretch of 24 hours after the install.
    """
    found: list[Session] = []
    free_from = user.installed_at
    for day_n in range(user.lifetime_days + 1):
        day_start = user.installed_at + timedelta(days=day_n)
        if day_start >= END:
            break
        if day_n and not dice.chance(DAILY_ACTIVITY * user.app.week[day_start.weekday()]):
            continue
        for start in starts_of_day(dice, user, day_n, day_start):
            if not free_from <= start < min(END, day_start + timedelta(days=1)):
                continue
            seconds = dice.quantile(SESSION_SECONDS)
            if start == user.installed_at:
                seconds = seconds * 1.3 + 20
            found.append(Session(user, start, seconds, day_n, len(found), delay(dice)))
            free_from = start + timedelta(seconds=seconds + 240)
    return found


def starts_of_day(dice: Dice, user: User, day_n: int, day_start: datetime) -> list[datetime]:
    """Return when a user's visits of one day would start, in order."""
    count = dice.pick(SESSIONS_PER_DAY)
    if day_n == 0:
        starts = [user.installed_at]
        for _ in range(count - 1):
            gap = int(dice.quantile(SAME_DAY_GAP_SECONDS))
            starts.append(starts[-1] + timedelta(seconds=gap))
        return starts
    midnight = day_start.replace(hour=0, minute=0, second=0, microsecond=0)
    times = [local_time(dice, midnight, user.app, user.country) for _ in range(count)]
    return sorted(at if at >= day_start else at + timedelta(days=1) for at in times)


# ---------------------------------------------------------------- loads and times


def delay(dice: Dice) -> timedelta:
    """Return how long a session's events wait before the load that brings them.

    Assumed, for want of a published distribution: 95 % none, 4 % up to a day, 0.9 % up to three
    days, 0.1 % up to 58 days.
    """
    bounds = ((0.95, 0, 0), (0.99, 3600, 86400), (0.999, 86400, 259200), (1, 259200, 5011200))
    kind = dice.unit()
    low, high = next((low, high) for limit, low, high in bounds if kind < limit)
    return timedelta(seconds=int(dice.between(low, high)))


def load_of_hour(hour: datetime) -> datetime:
    """Return when the load of that hour lands: two to four minutes past, always the same."""
    count = int((hour - FIRST_DAY).total_seconds()) // 3600
    return hour + timedelta(seconds=120 + count * 37 % 120, microseconds=count * 7919 % 1_000_000)


LAST_LOAD = load_of_hour(END + timedelta(hours=6))


def load_after(at: datetime, wait: timedelta = NO_DELAY) -> datetime:
    """Return the first hourly load after `at` + `wait`, at most the last of the sample."""
    ready = at + wait + timedelta(seconds=5)
    hour = ready.replace(minute=0, second=0, microsecond=0)
    load = load_of_hour(hour)
    if load < ready:
        load = load_of_hour(hour + timedelta(hours=1))
    return min(load, LAST_LOAD)


def moment(text: str) -> datetime:
    """Return the time in 2025 that is written as `MM-DD hh:mm[:ss[.ffffff]]`."""
    return datetime.fromisoformat(f"2025-{text}")


def after(start: datetime, seconds: float) -> datetime:
    """Return `start` plus seconds, exact to the microsecond."""
    return start + timedelta(microseconds=round(seconds * 1_000_000))


def to_second(at: datetime) -> str:
    """Write a time as `YYYY-MM-DD hh:mm:ss`."""
    return at.strftime("%Y-%m-%d %H:%M:%S")


def to_microsecond(at: datetime) -> str:
    """Write a time as `YYYY-MM-DD hh:mm:ss.ffffff`."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")
