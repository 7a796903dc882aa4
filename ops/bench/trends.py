"""How many drops does `mart_session_trends` find, and how often is it wrong?

    python ops/bench/trends.py

Made-up series of daily sessions, from a fixed seed: users are Poisson, sessions per user geometric, days of the week
differ, every day has a chance of its own, and the level wanders. Into copies of each a drop of two days is planted. The
rule here is the mart's, written again in plain Python; tests/python/test_session_trends.py compares the two.
"""

from __future__ import annotations

import argparse
import math
import random
from dataclasses import dataclass
from itertools import pairwise

DROP_SPREADS, RISE_SPREADS, MATERIAL_RATE = 3.1, 4, 0.1
FIRST_JUDGED_DAY = 49
ALERTS = ("drop", "rise")
WEEK = (0.97, 0.94, 0.92, 0.93, 0.99, 1.14, 1.11)
SESSIONS_PER_USER = 1.7


@dataclass
class Day:
    """What is known of a day before it, and what is said of it."""

    expected: float | None
    spread: float | None
    deviation: float | None
    trend: str


def expected_count(counts: list[int], usual: list[float | None], day: int) -> float | None:
    """What the same weekday was lately, as far as the week before was above or below its own."""
    week = [
        counts[each] / usual[each] - 1 if usual[each] else None
        for each in range(max(day - 7, 0), day)
    ]
    if usual[day] is None or len(week) < 7 or None in week:
        return None
    return usual[day] * (1 + sum(sorted(week)[1:-1]) / 5)


def judged(counts: list[int], complete: int | None = None) -> list[Day]:
    """Each day of a series; days from `complete` on may still change."""
    usual: list[float | None] = []
    found: list[Day] = []
    for day, count in enumerate(counts):
        same = sorted(counts[each] for each in range(day - 7, max(day - 57, -1), -7))
        usual.append(sum(same[1:-1]) / (len(same) - 2) if len(same) >= 4 else None)
        expected = expected_count(counts, usual, day)
        deviation = count / expected - 1 if expected else None
        past = [abs(each.deviation) for each in found[-56:] if each.deviation is not None]
        spread = None
        if expected and len(past) >= 14:
            spread = max(1.2533 * sum(past) / len(past), 1 / math.sqrt(expected))
        found.append(Day(expected, spread, deviation, ""))
        found[-1].trend = (
            "not complete" if complete is not None and day >= complete else said(found)
        )
    return found


def said(found: list[Day]) -> str:
    """The word for the last of these days."""
    today = found[-1]
    if len(found) <= FIRST_JUDGED_DAY:
        return "too little history"
    if today.spread is None or DROP_SPREADS * today.spread >= 1:
        return "too few sessions"
    scores = [today.deviation / today.spread]
    before = found[-2]
    if before.spread is not None and before.deviation is not None:
        scores.append((scores[0] + before.deviation / before.spread) / math.sqrt(2))
    if min(scores) <= -DROP_SPREADS and today.deviation <= -MATERIAL_RATE:
        return "drop"
    if max(scores) >= RISE_SPREADS and today.deviation >= MATERIAL_RATE:
        return "rise"
    return "as expected"


def alarms(days: list[Day]) -> int:
    """Alerts that do not continue one of the day before."""
    trends = [""] + [day.trend for day in days]
    return sum(trend in ALERTS and trend != before for before, trend in pairwise(trends))


def poisson(generator: random.Random, mean: float) -> int:
    """A draw; of large means by the normal that is next to it."""
    if mean > 200:
        return max(0, round(generator.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), generator.random(), 0
    while product > limit:
        product *= generator.random()
        count += 1
    return count


def sessions(generator: random.Random, mean: float) -> int:
    """Sessions of a day: so many users, each with one session or more."""
    users = poisson(generator, mean / SESSIONS_PER_USER)
    more = 1 - 1 / SESSIONS_PER_USER
    if users > 200:
        expected = users * (SESSIONS_PER_USER - 1)
        return users + max(0, round(generator.gauss(expected, math.sqrt(expected / (1 - more)))))
    count = 0
    for _ in range(users):
        count += 1
        while generator.random() < more:
            count += 1
    return count


def means(generator: random.Random, level: float, days: int, noise: float, walk: float):
    """What each day's sessions are drawn around."""
    wandered = 0.0
    for day in range(days):
        wandered += generator.gauss(0, walk)
        yield level * WEEK[day % 7] * math.exp(wandered + generator.gauss(0, noise))


def measured(level: float, noise: float, walk: float, series: int, seed: int) -> dict:
    """False alarms a year and series, and the share of drops found on one of their two days."""
    generator = random.Random(seed)
    drops = (0.05, 0.1, 0.2, 0.4)
    false, hits, tried = 0, dict.fromkeys(drops, 0), 0
    for _ in range(series):
        around = list(means(generator, level, FIRST_JUDGED_DAY + 365, noise, walk))
        counts = [sessions(generator, mean) for mean in around]
        false += alarms(judged(counts))
        for start in (170, 290):
            tried += 1
            for drop in drops:
                planted = counts[start - 150 : start]
                planted += [
                    sessions(generator, mean * (1 - drop)) for mean in around[start : start + 2]
                ]
                hits[drop] += any(day.trend == "drop" for day in judged(planted)[-2:])
    return {"false": false / series} | {drop: count / tried for drop, count in hits.items()}


def main() -> None:
    """Print the table of docs/metrics.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=200, help="series of each kind")
    parser.add_argument("--seed", type=int, default=17)
    chosen = parser.parse_args()
    print("| sessions a day | series | false alarms a year | 5 % | 10 % | 20 % | 40 % |")
    print("|---|---|---|---|---|---|---|")
    for level in (30, 100, 300, 1000, 3000, 10000):
        for name, noise, walk in (("steady", 0.02, 0.005), ("restless", 0.03, 0.01)):
            found = measured(level, noise, walk, chosen.series, chosen.seed)
            shares = " | ".join(f"{100 * found[drop]:.0f} %" for drop in (0.05, 0.1, 0.2, 0.4))
            print(f"| {level:,} | {name} | {found['false']:.2f} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
