"""Deterministic events in the `generic` layout, as Parquet, about half a million a second.

Everything about an event is a hash of its session's number and its place in it, so any stretch
of time can be made on its own: a longer history is the same daily volume for more days, and an
increment is the stretch after the last one.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

EVENTS_PER_FILE = 2_000_000
# a session is 1 to 41 events, most of them short
MEAN_EVENTS = 10.6
# of all sessions: those whose second half arrives days later, those whose first events come twice
LATE_EVERY, COPY_EVERY = 200, 30


@dataclass(frozen=True)
class Stream:
    """What an app sends.

    Arguments:
        events_per_day: accepted events of a day, about.
        closes: explicit closes, and close and reopen inside every third session.
        bursts: sessions of exactly this many events from `users` actors alike, instead of
            heavy-tailed sessions of actors who arrive, stay for hours or for a year, and leave.
        users: how many actors, with `bursts`.
        start: the first day.
    """

    events_per_day: float
    closes: bool = True
    bursts: int = 0
    users: int = 20_000
    start: str = "2024-01-01"

    @property
    def sessions_per_day(self) -> float:
        """Sessions that start on a day."""
        return self.events_per_day / (self.bursts or MEAN_EVENTS)

    def sql(self, first_day: float, last_day: float, *, late: str = "usual") -> str:
        """The events that are loaded from `first_day` up to `last_day`, as a query.

        Arguments:
            first_day: days since the start, as is `last_day`, which does not count.
            last_day: see `first_day`.
            late: `usual`: late sessions and copies as they come; `none`: in order, no copies;
                `days`: in order, and 1 % more rows of the last five days; `two_months`: in
                order, and forty more rows from sixty days before.
        """
        first, last = self._session(first_day), self._session(last_day)
        delay = "1 + (hash(sid, 'delay') % 3) + case when hash(sid, 'delay') % 10 = 0 then hash(sid, 'd') % 57 else 0 end"
        parts = [f"select range as sid, 'new' as part, 0 as delay from range({first}, {last})"]
        if late == "usual":
            earliest = self._session(max(0, first_day - 61))
            for part, every, days in [("late", LATE_EVERY, delay), ("copy", COPY_EVERY, "1")]:
                parts.append(
                    f"select sid, '{part}' as part, {days} as delay "
                    f"from (select range as sid from range({earliest}, {last})) "
                    f"where hash(sid, '{part}') % {every} = 0 "
                    f"and sid + ({days}) * {self.sessions_per_day} >= {first} "
                    f"and sid + ({days}) * {self.sessions_per_day} < {last}"
                )
        elif late != "none":
            back, sessions = (5, max(1, (last - first) // 100)) if late == "days" else (60, 8)
            earliest = self._session(max(0, first_day - back))
            stretch = max(1, (first - earliest) if late == "days" else sessions)
            parts.append(
                f"select {earliest} + (hash(range, {first}) % {stretch})::bigint as sid, "
                f"'extra' as part, ({first} - sid) / {self.sessions_per_day} as delay "
                f"from range({sessions})"
            )
        return self._rows(" union all ".join(parts), usual=late == "usual")

    def _session(self, day: float) -> int:
        return round(day * self.sessions_per_day)

    def _rows(self, sessions: str, usual: bool) -> str:
        us_per_session = 86_400_000_000 / self.sessions_per_day
        new_per_day = max(1, int(self.sessions_per_day / 8))
        day = f"(sid / {self.sessions_per_day})"
        # u: a number in [0, 1) of its own for each session and purpose
        u = "(hash(sid, '{}') % 1000000 / 1e6)".format
        if self.bursts:
            actor, length = f"hash(sid, 'actor') % {self.users}", str(self.bursts)
            is_new = "hash(sid, 'new') % 10 = 0"
        else:
            cohort = f"floor({day} - pow({u('age')}, 6) * least({day}, 365.0))"
            actor = f"{cohort} * {new_per_day} + floor(pow({u('actor')}, 3) * {new_per_day})"
            length = f"1 + floor(pow({u('length')}, 3) * 40)"
            # installs come on an actor's first day
            is_new = f"{cohort} = floor({day}) and hash(sid, 'new') % 3 = 0"
        close = "false"
        if self.closes:
            close = (
                "place = length - 1 and place > 0 and hash(sid, 'close') % 10 < 8 "
                "or place = length // 2 and place > 0 and sid % 3 = 0"
            )
        late_half = f"hash(sid, 'late') % {LATE_EVERY} = 0 and place >= length // 2"
        kept = f"(part = 'new' and not ({late_half}))" if usual else "part = 'new'"
        return f"""
            with sessions as ({sessions}),
            actors as (
                select sid, part, delay, ({length})::bigint as length, ({actor})::bigint as actor, {is_new} as is_new,
                    epoch_us(timestamp '{self.start}') + (sid * {us_per_session})::bigint as start_us
                from sessions
            ),
            places as (
                select *, unnest(range(case when part in ('copy', 'extra') then least(length, 2)
                    else length end)) as place
                from actors
            ),
            events as (
                select *,
                    case
                        when {close} then 'app_close'
                        when place = 0 or ({str(self.closes).lower()} and sid % 3 = 0 and place = length // 2 + 1)
                            then 'app_open'
                        when place = 1 and is_new then 'install'
                        when place % 4 = 2 then 'ad_impression'
                        when hash(sid, place) % 200 = 0 then 'purchase'
                        else ['level_end', 'tap', 'screen_view'][1 + place % 3]
                    end as event_name,
                    start_us + place * 40000000 + (hash(sid, place) % 30000000)::bigint
                    + case when sid % 7 = 0 and place * 2 > length then 1200000000 else 0 end
                    + case when part = 'extra' then 7000000 else 0 end as event_us,
                    (start_us // 3600000000 + 2) * 3600000000
                    + (delay * 24)::bigint * 3600000000 as load_us
                from places
                where {kept} or (part = 'late' and {late_half}) or part in ('copy', 'extra')
            )
            select
                to_hex(hash(sid, place, part = 'extra', 'id')) as event_id,
                'com.example.app' || (1 + actor % 3)::varchar as app_id,
                case when actor % 5 < 2 then 'ios' else 'android' end as platform,
                md5(actor::varchar) as device_id,
                event_name,
                make_timestamp(event_us) as event_at,
                make_timestamp(event_us + 60000000) as received_at,
                make_timestamp(load_us) as loaded_at,
                ['US', 'DE', 'JP', 'BR', 'IN', 'GB', 'FR', 'MX'][1 + actor % 8] as country,
                '1.' || (start_us // 2592000000000)::varchar as app_version,
                'phone-' || (actor % 50)::varchar as device_model,
                case when event_name = 'install' and actor % 4 > 0 then 'c' || (actor % 40)::varchar end as campaign_id,
                case when event_name = 'install' and actor % 4 > 0 then 'network-' || (actor % 4)::varchar end as channel,
                case when event_name = 'purchase' then (hash(sid, 'price') % 2000 / 100.0)::decimal(18, 6) end as revenue,
                case when event_name = 'purchase' then 'USD' end as currency,
                case when event_name = 'ad_impression' then (0.0001 * (hash(sid, place) % 300))::decimal(18, 6) end
                    as ad_revenue_usd
            from events
        """


def write(
    stream: Stream,
    folder: Path,
    first_day: float,
    last_day: float,
    *,
    late: str = "usual",
    say=None,
) -> int:
    """Write the events loaded in a stretch of days to `folder`/events/*.parquet; how many."""
    events = folder / "events"
    events.mkdir(parents=True, exist_ok=True)
    files = max(1, math.ceil((last_day - first_day) * stream.events_per_day / EVENTS_PER_FILE))
    step, written, began = (last_day - first_day) / files, 0, time.time()
    with duckdb.connect() as connection:
        for number in range(files):
            a, b = first_day + number * step, first_day + (number + 1) * step
            path = events / f"{round(a * 1000):010d}.parquet"
            written += connection.execute(
                f"copy ({stream.sql(a, b, late=late)}) to '{path}' (format parquet)"
            ).fetchone()[0]
            if say:
                say(f"{written:,} events written, {time.time() - began:.0f} s")
    return written


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="<folder>/events/*.parquet; use it as raw_path")
    parser.add_argument("--events", type=float, default=10e6)
    parser.add_argument("--days", type=float, default=60)
    parser.add_argument("--no-closes", action="store_true", help="no explicit closes")
    parser.add_argument("--bursts", type=int, default=0, help="sessions of this many events each")
    parser.add_argument("--users", type=int, default=20_000, help="actors, with --bursts")
    given = parser.parse_args()
    asked = Stream(
        given.events / given.days, not given.no_closes, bursts=given.bursts, users=given.users
    )
    write(asked, given.folder, 0, given.days, say=print)
