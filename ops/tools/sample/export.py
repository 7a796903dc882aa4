"""What the two exports have in common: rows in order of their load, and scripted cases."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

from sample.dice import Dice
from sample.world import (
    DAY_COUNT,
    END,
    FIRST_DAY,
    LAST_LOAD,
    NO_DELAY,
    Session,
    Source,
    after,
    expected_installs,
    load_after,
    moment,
)

ZERO_UUID = "00000000-0000-0000-0000-000000000000"


class Table:
    """Event rows, which come out in the order in which they were loaded."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self.columns = columns
        self._rows: list[tuple[datetime, int, dict]] = []

    def add(self, loaded: datetime, row: dict) -> None:
        """Add a row that this load brings, columns of other tables left out."""
        row = {column: row.get(column, "") for column in self.columns}
        self._rows.append((loaded, len(self._rows), row))

    def deliveries(self) -> list[tuple[datetime, dict]]:
        """Return (load, row), in order of load."""
        ordered = sorted(self._rows, key=lambda entry: entry[:2])
        return [(loaded, row) for loaded, _, row in ordered]

    def rows(self) -> list[dict]:
        """Return the rows in order of load."""
        return [row for _, row in self.deliveries()]


class Export:
    """One export: simulated sessions, then the awkward cases, which are counted."""

    def __init__(self, stream: int) -> None:
        self.dice = Dice(stream)
        self.cases: Counter = Counter()

    def add(self, at: datetime, event: str, /, loaded=None, wait=NO_DELAY, **cells) -> None:
        """Add an event row; the cells given win over what is filled in."""
        raise NotImplementedError

    def play_session(self, session: Session) -> None:
        """Write the rows of a simulated session."""
        raise NotImplementedError

    def play(self, sessions: list[Session]) -> None:
        """Write the rows of simulated sessions."""
        for session in sessions:
            self.play_session(session)

    def wait(self, session: Session) -> timedelta:
        """Return how long one event waits: with its session, or by itself."""
        if session.delay or not self.dice.chance(0.01):
            return session.delay
        return timedelta(seconds=self.dice.whole(3600, 80000))

    def act(self, actor: dict, start: str, script: str, case: str = "", **extra) -> None:
        """Let a case's actor do what the script says, and count the case.

        A script is a comma-separated list of steps, a step is
        `<seconds after start> <event>[ @<load>][ +]`, where the load is `MM-DDThh`, or `last`,
        and `+` adds the extra cells.
        """
        for step in script.split(","):
            seconds, event, *marks = step.split()
            loaded = None
            for mark in marks:
                if mark.startswith("@"):
                    last = mark == "@last"
                    loaded = LAST_LOAD if last else load_after(moment(mark[1:] + ":00"))
            cells = {**actor, **(extra if "+" in marks else {})}
            self.add(after(moment(start), float(seconds)), event, loaded=loaded, **cells)
        if case:
            self.cases[case] += 1

    def reject(self, actor: dict, reasons: dict[str, list[dict]]) -> None:
        """Write a row per set of broken cells, all loaded at noon of 4 April."""
        at, loaded = moment("04-04 08:00"), load_after(moment("04-04 12:00"))
        for reason, variants in reasons.items():
            for cells in variants:
                at = after(at, 37)
                self.add(at, "screen_view", loaded=loaded, **{**actor, **cells})
                self.cases[f"rejected: {reason}"] += 1
                if "2099" in str(cells):
                    self.cases["time in 2099"] += 1


# ---------------------------------------------------------------- spend and network revenue


def spend_of_day(dice: Dice, source: Source, day_index: int, tracked: int):
    """Return (spend in USD, impressions, clicks, installs that the network claims)."""
    weight = 0.65 * tracked + 0.35 * expected_installs(source, day_index)
    weight *= dice.between(0.85, 1.15)
    spend = source.cpi * weight
    # ads of one's own cost nothing, but are shown all the same
    impressions = int((spend or weight) / source.cpm * 1000 * dice.between(0.9, 1.1))
    clicks = int(impressions * dice.between(0.009, 0.018))
    reported = tracked + dice.pick(((0, 70), (1, 20), (-1, 10)))
    return spend, impressions, clicks, max(0, reported)


def day_of(day_index: int) -> date:
    """Return the date of a day of the sample."""
    return (FIRST_DAY + timedelta(days=day_index)).date()


def usd_per_eur(day: date) -> float:
    """Return the rate at which a network bills in euro, as in seeds/exchange_rates.csv."""
    return 1.05 if day < date(2025, 4, 1) else 1.1


def published(day: date, days_later: int, minutes: int = 0) -> datetime:
    """Return when figures of a day are published: five o'clock, the last at the sample's end."""
    ready = datetime(day.year, day.month, day.day) + timedelta(days=days_later)
    return min(ready, END) + timedelta(hours=5, minutes=minutes)


def every_day(source: Source) -> range:
    """Return the days on which a campaign runs."""
    return range(source.first_day, min(source.last_day, DAY_COUNT - 1) + 1)
