"""How good the probabilities of `mart_churn_risk` are: against recency alone, and beside BG/NBD.

    python ops/bench/churn.py --seeds 401 402 403
    pip download lifetimes==0.11.3 --no-deps && unzip -d lifetimes Lifetimes-*.whl
    python ops/bench/churn.py --cdnow lifetimes/lifetimes/datasets

The users are those of the simulated years of ltv.py, where nothing is what the method assumes. CDNOW is real: who bought
CDs on which day of 18 months; a purchase stands for a session. The models' SQL, as dbt compiles it, runs on both, as of some
dates. Recency alone is the share of users that stayed away, day by day of recency, learnt from the same dates. What a logistic
regression could say that was fitted to the outcomes themselves stands beside it: no method can be much better. BG/NBD is
fitted by maximum likelihood to what was known on each date (Fader, Hardie, Lee 2005); on CDNOW's first 39 weeks that must
give the published r 0.243, alpha 4.414, a 0.793, b 2.426.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
import ltv
import numpy as np
import pyarrow as pa

MODELS = ["int_churn_cells", "int_churn_rates", "mart_churn_risk", "mart_churn_reliability"]
PUBLISHED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
# what the models read; `visits` has app_id, user_key, day (from 0)
INPUTS = """
    create schema core; create schema intermediate; create schema marts;
    create table core.fct_user_days as
        select app_id, 'ios' as platform, user_key, date '{first}' + day::integer as activity_date, 1::bigint as session_count
        from visits;
    create table intermediate.int_users as
        select app_id, platform, user_key, count(*) as session_count, min(activity_date)::timestamp as first_seen_at
        from core.fct_user_days group by all;
    create table core.fct_installs as
        select user_key, 'simulated' as provider, app_id, platform, first_seen_at::date as install_date from intermediate.int_users;
    create table core.fct_ad_spend as
        select 'simulated' as provider, '' as app_id, null::timestamp as updated_at, null::timestamp as loaded_at, null::date as spend_date where false;
    create table core.fct_ad_revenue as
        select 'simulated' as provider, '' as app_id, null::timestamp as updated_at, null::timestamp as loaded_at, null::date as revenue_date where false;
    create table intermediate.int_event_loads as
        select 'simulated' as provider, 'accepted' as event_status, timestamp '{loaded_at}' as last_loaded_at;
"""
# who was there on the predicted date, what was said of them, and what came; recency alone, by the day
SCORED = """
    with days as (
        select user_key, day, lead(day) over (partition by user_key order by day) as next_day from visits
    ),
    points as (
        select
            user_key, as_of, as_of - max(day) as recency, count(*) - 1 as repeats, max(day) - min(day) as last_repeat,
            as_of - min(day) as age, coalesce(min(case when next_day > as_of then next_day end) - as_of > {horizon}, true)::int as churned
        from days cross join (select {as_of} - 15 * unnest(range(0, 7 + {steps})) as as_of) as dates
        where day <= as_of
        group by user_key, as_of
        having as_of - max(day) < 90
    ),
    learnt as (
        select recency, count(*) as users, sum(churned) as churned
        from points where as_of between {as_of} - 15 * ({steps} + 5) and {as_of} - 15 * {steps}
        group by recency
    )
    select
        points.repeats, points.last_repeat, points.age, points.churned, risk.churn_probability_{horizon}d as predicted,
        (coalesce(learnt.churned, 0) + 20 * (select sum(churned) / sum(users) from learnt)) / (coalesce(learnt.users, 0) + 20) as by_recency
    from points
    inner join marts.mart_churn_risk as risk using (user_key)
    left join learnt using (recency)
    where points.as_of = {as_of} and risk.churn_probability_{horizon}d is not null
    order by user_key
"""


def fitted(
    repeats: np.ndarray, last: np.ndarray, age: np.ndarray, weight: np.ndarray
) -> dict[str, float]:
    """Parameters of BG/NBD by maximum likelihood."""
    from scipy.optimize import minimize
    from scipy.special import betaln, gammaln, logsumexp

    def loss(logs: np.ndarray) -> float:
        r, alpha, a, b = np.exp(logs)
        common = gammaln(r + repeats) - gammaln(r) + r * np.log(alpha)
        alive = betaln(a, b + repeats) - betaln(a, b) - (r + repeats) * np.log(alpha + age)
        gone = np.where(
            repeats > 0,
            betaln(a + 1, b + np.maximum(repeats, 1) - 1)
            - betaln(a, b)
            - (r + repeats) * np.log(alpha + last),
            -np.inf,
        )
        return -float(
            (weight * (common + logsumexp([alive, gone], axis=0))).sum() / weight.sum()
        ) + 1e-9 * float((logs**2).sum())

    best = minimize(
        loss,
        np.zeros(4),
        method="Nelder-Mead",
        options={"maxiter": 4000, "maxfev": 4000, "xatol": 1e-6, "fatol": 1e-10},
    )
    return dict(zip(PUBLISHED, np.exp(best.x), strict=True))


def silent(
    of: dict[str, float], repeats: np.ndarray, last: np.ndarray, age: np.ndarray, days: float
) -> np.ndarray:
    """Probability of nothing in the next days: gone, or alive and late."""
    r, alpha, a, b = of.values()
    odds = np.where(
        repeats > 0,
        a / (b + np.maximum(repeats, 1) - 1) * ((alpha + age) / (alpha + last)) ** (r + repeats),
        0,
    )
    return 1 - (1 / (1 + odds)) * (1 - ((alpha + age) / (alpha + age + days)) ** (r + repeats))


def in_hindsight(
    repeats: np.ndarray, last: np.ndarray, age: np.ndarray, churned: np.ndarray
) -> np.ndarray:
    """A logistic regression fitted to the outcomes themselves, which nobody can know: about as good as it gets."""
    logs = [np.log1p(x) for x in (age - last, repeats, age, last)]
    columns = [
        *logs,
        *(one * other for place, one in enumerate(logs) for other in logs[place:]),
        logs[0] ** 3,
        (age - last) / (last / np.maximum(repeats, 1) + 1),
    ]
    x = np.stack([(column - column.mean()) / (column.std() + 1e-9) for column in columns], axis=1)
    x = np.hstack([np.ones((len(x), 1)), x])
    weights = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (churned - p) - 0.01 * weights
        curve = (x * (p * (1 - p))[:, None]).T @ x + 0.01 * np.eye(len(weights))
        weights += np.linalg.solve(curve, slope)
    return 1 / (1 + np.exp(-x @ weights))


def log_loss(predicted: np.ndarray, churned: np.ndarray) -> float:
    """Mean of the negative logarithm of what was given to what came."""
    predicted = np.clip(predicted, 1e-6, 1 - 1e-6)
    return float(-np.where(churned == 1, np.log(predicted), np.log(1 - predicted)).mean())


def calibration_error(predicted: np.ndarray, churned: np.ndarray) -> float:
    """Mean distance of predicted and observed shares, over ten bins of equal width."""
    bins = np.minimum((predicted * 10).astype(int), 9)
    return float(sum(abs((predicted - churned)[bins == b].sum()) for b in range(10)) / len(churned))


def measure(name: str, visits: pa.Table, dates: list[int], sql: dict[str, str]) -> None:
    """Print a row for each date and horizon."""
    for as_of in dates:
        with (
            tempfile.TemporaryDirectory() as folder,
            duckdb.connect(str(Path(folder) / "app_sessions.duckdb")) as connection,
        ):
            # what is known on the date, which is the last complete one, and no more
            connection.register("all_visits", visits)
            connection.execute(
                f"create table visits as select * from all_visits where day <= {as_of}"
            )
            loaded_at = ltv.FIRST + timedelta(days=as_of + 4)
            connection.execute(INPUTS.format(first=ltv.FIRST, loaded_at=loaded_at))
            began = time.time()
            ltv.make(connection, sql, MODELS)
            seconds = time.time() - began
            connection.execute("drop table visits")
            connection.execute("create table visits as select * from all_visits")
            for horizon, steps in {14: 1, 30: 2}.items():
                repeats, last, age, churned, predicted, by_recency = (
                    np.array(column, dtype=float)
                    for column in zip(
                        *connection.execute(
                            SCORED.format(horizon=horizon, steps=steps, as_of=as_of)
                        ).fetchall(),
                        strict=True,
                    )
                )
                known = connection.execute(
                    "select user_key, count(*) - 1, max(day) - min(day),"
                    f" {as_of} - min(day) from visits where day <= {as_of} group by 1"
                ).fetchnumpy()
                history, counts = np.unique(
                    np.array(list(known.values())[1:], dtype=float), axis=1, return_counts=True
                )
                bgnbd = silent(fitted(*history, counts), repeats, last, age, horizon)
                best = in_hindsight(repeats, last, age, churned)
                losses = [log_loss(p, churned) for p in (predicted, by_recency, bgnbd, best)]
                print(
                    f"| {name} | {as_of} | {horizon} | {len(churned):,} | {churned.mean():.3f} |"
                    f" {losses[0]:.4f} | {losses[0] / losses[1]:.3f} | {losses[0] / losses[2]:.3f} |"
                    f" {losses[3] / losses[1]:.3f} |"
                    f" {calibration_error(predicted, churned):.4f} | {calibration_error(bgnbd, churned):.4f} | {seconds:.1f} |",
                    flush=True,
                )


def simulated(seed: int) -> pa.Table:
    """Who was active on which day of the year."""
    visits: list[tuple[str, int, np.ndarray]] = []
    ltv.simulate(seed, visits)
    lengths = [len(users) for *_, users in visits]
    return pa.table(
        {
            "app_id": np.repeat([app for app, *_ in visits], lengths),
            "user_key": np.concatenate([users for *_, users in visits]),
            "day": np.repeat([day for _, day, _ in visits], lengths),
        }
    )


def cdnow(folder: Path) -> pa.Table:
    """Who bought on which day since 1997-01-01."""
    lines = [line.split() for line in (folder / "CDNOW_master.txt").read_text().splitlines()[1:]]
    days = {
        (int(line[0]), (date(int(line[1][:4]), int(line[1][4:6]), int(line[1][6:])) - date(1997, 1, 1)).days)
        for line in lines
    }  # fmt: skip
    users, dates = np.array(sorted(days)).T
    return pa.table({"app_id": np.repeat(["cdnow"], len(users)), "user_key": users, "day": dates})


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="*", default=[])
    parser.add_argument("--dates", type=int, nargs="+", default=[240, 330])
    parser.add_argument(
        "--cdnow", type=Path, help="folder with CDNOW_master.txt and cdnow_customers_summary.csv"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        sql = ltv.compiled(Path(temporary), MODELS)
    print(
        "| users of | day | horizon | users | churned | log loss | of recency's | of BG/NBD's | in hindsight, of recency's | calibration error | BG/NBD's | s |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for seed in arguments.seeds:
        measure(f"seed {seed}", simulated(seed), arguments.dates, sql)
    if arguments.cdnow:
        measure("CDNOW", cdnow(arguments.cdnow), [365, 450, 510], sql)
        rows = (arguments.cdnow / "cdnow_customers_summary.csv").read_text().splitlines()[1:]
        customers = np.array([row.split(",")[1:4] for row in rows], dtype=float).T
        found = fitted(*customers, np.ones(customers.shape[1]))
        print("BG/NBD on CDNOW:", {key: round(float(value), 3) for key, value in found.items()})
        if any(abs(found[key] - PUBLISHED[key]) > 0.0015 for key in found):
            sys.exit(f"published: {PUBLISHED}")


if __name__ == "__main__":
    main()
