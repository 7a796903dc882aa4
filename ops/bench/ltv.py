"""How good the predictions of `mart_ltv_predictions` are, on a year of three apps with known truth.

    python ops/bench/ltv.py --seeds 11 12 13

Users are simulated one by one, and nothing in the simulation is what the methods assume. A user has an engagement and a
daily chance to leave for good, both drawn anew for each; engagement fades in an own way, weekdays and December matter. Ads
pay by session, at a price that moves with the season. Who buys at all, when first and how much is another draw, with a
heavy tail. Campaigns start, grow and end; their users get worse with scale. Some bring players who pay at once and leave,
others players who pay late, so that their curves cross. In one app ads pay 30 % more from day 200 on; in another a shop opens.

The models' SQL, as dbt compiles it, runs on cohort days made of these users.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tests" / "python"))

from compiled_models import VIEWS, inlined  # noqa: E402

FIRST = date(2025, 1, 1)
DAYS = 365
MODELS = [
    "int_ltv_points",
    "int_ltv_curves",
    "int_ltv_estimates",
    "int_ltv_errors",
    "int_ltv_intervals",
    "int_ltv_choices",
    "mart_ltv_backtest",
    "mart_ltv_predictions",
    "mart_budget",
]
# by app: installs a day and campaign, price of an ad session, share of payers, mean purchase
APPS = {
    "puzzle": (60, 0.030, 0.015, 6.0),
    "runner": (90, 0.045, 0.004, 4.0),
    "castle": (40, 0.0, 0.050, 14.0),
}
CHANNELS = ["Alpha", "Beta", "Gamma", "organic"]
COUNTRIES = ["US", "DE", "BR"]


def simulate(
    seed: int,
    visits: list[tuple[str, int, np.ndarray]] | None = None,
    countries: list[tuple] | None = None,
) -> tuple[list[tuple], list[tuple]]:
    """Rows of `int_cohort_days`, and what each cohort cost.

    `visits` takes in who was active on which day: app, day of the year, numbers of users. `countries` takes in, by cohort, day
    and country, active users, revenue, and users with revenue for the first time.
    """
    random = np.random.default_rng(seed)
    # of its own, so that the year is the same with and without countries
    places = np.random.default_rng(seed + 10**6)
    day_of_year = np.arange(2 * DAYS)
    weekday = 1 + 0.12 * np.isin((day_of_year + 2) % 7, [5, 6])
    season = 1 + 0.15 * np.sin(2 * np.pi * (day_of_year - 60) / 365)
    season[330:360] *= 1.35
    found: list[tuple] = []
    spends: list[tuple] = []
    for app, (scale, ad_price, payer_share, basket) in APPS.items():
        for channel in CHANNELS:
            for number in range(3):
                campaign = "(organic)" if channel == "organic" else f"{channel} {number}"
                if channel == "organic" and number:
                    continue
                starts = 0 if number == 0 else int(random.integers(0, 200))
                ends = (
                    DAYS if random.random() < 0.7 else int(random.integers(starts + 60, DAYS + 1))
                )
                growth = random.normal(0, 0.8)
                quality, early = random.lognormal(0, 0.25), random.beta(2, 2)
                worse = random.uniform(0, 0.4)
                for install in range(starts, min(ends, DAYS)):
                    share = (install - starts) / DAYS
                    expected = (
                        scale * np.exp(growth * share) * weekday[install] * random.lognormal(0, 0.2)
                    )
                    users = int(random.poisson(expected / (1 if channel == "organic" else 2)))
                    if not users:
                        continue
                    if channel != "organic":
                        cost = (
                            users * quality * random.lognormal(0, 0.15) * (0.35 + 12 * payer_share)
                        )
                        spends.append((app, "ios", channel, campaign, install, round(cost, 2)))
                    own = quality * (1 - worse * share)
                    found += cohort(
                        random,
                        app,
                        channel,
                        campaign,
                        install,
                        users,
                        own,
                        early,
                        ad_price
                        * season
                        * np.where((app == "runner") & (day_of_year >= 200), 1.3, 1.0),
                        payer_share * (1.6 if app == "castle" and install >= 170 else 1.0),
                        basket,
                        weekday,
                        visits,
                        countries,
                        places,
                    )
    return found, spends


def cohort(
    random,
    app,
    channel,
    campaign,
    install,
    users,
    quality,
    early,
    ad_prices,
    payer_share,
    basket,
    weekday,
    visits,
    countries,
    places,
):
    """One cohort's days: users who did something, sessions, revenue, users with revenue for the first time."""
    engagement = random.beta(1.2, 2.2, users) * min(quality, 1.6)
    leaves = random.beta(0.7, 5.0, users)
    fades = random.uniform(0.2, 1.0, users)
    # people who install on a whim never come back
    leaves[random.random(users) < 0.35] = 1
    buys = random.random(users) < payer_share * quality
    at_once = random.random(users) < early
    first_buy = np.where(at_once, random.exponential(1.5, users), 4 + random.exponential(25, users))
    often = np.where(at_once, 0.10, 0.05) * random.gamma(1.0, 1.0, users)
    alive = np.ones(users, dtype=bool)
    paid = np.zeros(users, dtype=bool)
    first_user = len(visits or []) * 100_000
    # who is engaged or buys is from US more often, to a different extent in each campaign
    more = 0.2 + 0.1 * (sum(map(ord, campaign)) % 7)
    from_us = places.random(users) < 0.15 + more * engagement + 0.3 * buys
    country = np.where(from_us, 0, 1 + (places.random(users) < 0.6))
    rows = []
    for day_n in range(DAYS - install):
        on = install + day_n
        if day_n:
            alive &= random.random(users) >= leaves
        if not alive.any():
            break
        chance = np.minimum(engagement * (1 + day_n / 7.0) ** (-0.35 * fades) * weekday[on], 0.97)
        active = alive & ((day_n == 0) | (random.random(users) < chance))
        count = int(active.sum())
        if not count:
            continue
        if visits is not None:
            visits.append((app, on, first_user + np.flatnonzero(active)))
        sessions = 1 + random.poisson(0.6 + 1.8 * engagement[active])
        ads = sessions * ad_prices[on] * random.gamma(2.0, 0.5, count)
        buyers = (
            active
            & buys
            & (
                ((day_n >= first_buy) & ~paid & (random.random(users) < 0.5))
                | (paid & (random.random(users) < often))
            )
        )
        baskets = basket * random.lognormal(-0.5, 1.0, int(buyers.sum()))
        iap = float(baskets.sum())
        earned = active & (day_n == 0) if ad_prices[on] else buyers & ~paid
        paid |= buyers
        if countries is not None:
            revenue = np.bincount(country[active], ads, 3) + np.bincount(
                country[buyers], baskets, 3
            )
            for number, name in enumerate(COUNTRIES):
                here = country == number
                countries.append(
                    (
                        app,
                        channel,
                        campaign,
                        install,
                        day_n,
                        name,
                        int((active & here).sum()),
                        round(float(revenue[number]), 6),
                        int((earned & here).sum()),
                    )
                )
        rows.append(
            (
                app,
                "ios",
                channel,
                campaign,
                install,
                day_n,
                count,
                int(sessions.sum()),
                round(float(ads.sum()), 6),
                round(iap, 2),
                int(earned.sum()),
            )
        )
    return rows


def compiled(folder: Path, models: list[str]) -> dict[str, str]:
    """The SQL of models, for a database that this script fills."""
    database = folder / "app_sessions.duckdb"
    environment = {
        **os.environ,
        "DUCKDB_PATH": str(database),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_PROJECT_DIR": str(PROJECT),
    }
    target = folder / "target"
    subprocess.run(
        [
            str(Path(sys.executable).parent / "dbt"),
            "--quiet",
            "compile",
            "-s",
            *models,
            VIEWS,
            "--exclude",
            "resource_type:unit_test",
            "--target-path",
            str(target),
        ],
        check=True,
        env=environment,
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
    )
    return inlined(target, models)


# what the models read, with the columns that they ask for; one install stands for a cohort
INPUTS = """
    create schema core; create schema intermediate; create schema marts;
    create table intermediate.int_cohort_days as
        select app_id, platform, channel, campaign_id, install_date, day_n::bigint as day_n, active_users::bigint as active_users,
            session_count::bigint as session_count, ad_revenue::decimal(38, 17) as ad_revenue,
            iap_revenue::decimal(38, 14) as iap_revenue, new_revenue_users::bigint as new_revenue_users,
            false as is_install_inferred
        from read_csv('{folder}/days.csv') where install_date + day_n::integer <= date '{until}';
    create table core.fct_ad_spend as
        select 'simulated' as provider, app_id, platform, channel, campaign_id, spend_date, spend::decimal(28, 6) as spend_usd,
            spend::decimal(28, 6) as spend, 'USD' as currency, 0 as impressions, 0 as clicks, 0 as reported_installs,
            null::timestamp as updated_at, timestamp '{loaded_at}' as loaded_at
        from read_csv('{folder}/spend.csv') where spend_date <= date '{until}';
    create table core.fct_ad_revenue as
        select provider, app_id, updated_at, loaded_at, spend_date as revenue_date from core.fct_ad_spend where false;
    create table core.fct_installs as
        select row_number() over () as user_key, 'simulated' as provider, app_id, platform, campaign_id, channel, install_date,
            install_date::timestamp as installed_at, false as is_install_inferred, false as is_reinstall, null::varchar as country
        from (select distinct app_id, platform, channel, campaign_id, install_date from intermediate.int_cohort_days);
    create table core.dim_campaigns as
        select distinct app_id, platform, campaign_id, campaign_id as campaign_group_id, channel,
            channel = 'organic' as is_organic, true as is_default_channel
        from core.fct_installs;
    create table intermediate.int_event_loads as
        select 'simulated' as provider, 'accepted' as event_status, timestamp '{loaded_at}' as last_loaded_at;
    create table core.dim_dates as
        select unnest(generate_series(date '{first}', date '{loaded_at}', interval 1 day))::date as date_day,
            1::decimal(18, 8) as reporting_units_per_usd;
    create table marts.mart_campaigns_daily as
        select app_id, platform, channel, campaign_id, spend_date as campaign_date, spend, true as is_complete, false as is_organic,
            active_users as tracked_installs
        from core.fct_ad_spend
        join intermediate.int_cohort_days as days using (app_id, platform, channel, campaign_id)
        where days.install_date = spend_date and day_n = 0;
"""


def write_year(folder: Path, seed: int, by_country: bool = False) -> None:
    """A simulated year as files: what cohorts did, and what they cost."""
    countries: list[tuple] = []
    days, spends = simulate(seed, countries=countries if by_country else None)
    print(f"    {len(days)} rows of cohort days", file=sys.stderr)
    columns = {
        "days": "app_id platform channel campaign_id install_date day_n active_users session_count ad_revenue iap_revenue"
        " new_revenue_users",
        "spend": "app_id platform channel campaign_id spend_date spend",
        "countries": "app_id platform channel campaign_id install_date day_n install_country active_users revenue new_revenue_users",
    }
    countries = [(row[0], "ios", *row[1:]) for row in countries]
    for name, rows in {"days": days, "spend": spends, "countries": countries}.items():
        with (folder / f"{name}.csv").open("w") as file:
            file.write(columns[name].replace(" ", ",") + "\n")
            for row in rows:
                file.write(
                    ",".join([*row[:4], str(FIRST + timedelta(days=row[4])), *map(str, row[5:])])
                    + "\n"
                )


def opened(folder: Path) -> duckdb.DuckDBPyConnection:
    """A new database in a folder, of the name that the SQL of the models says."""
    database = folder / "app_sessions.duckdb"
    database.unlink(missing_ok=True)
    return duckdb.connect(str(database))


def make(connection: duckdb.DuckDBPyConnection, sql: dict[str, str], models: list[str]) -> None:
    """Make each model a table, one after the other, and say how long it took."""
    for model in models:
        began = time.time()
        schema = "marts" if model.startswith("mart") else "intermediate"
        connection.execute(f"create table {schema}.{model} as {sql[model]}")
        print(f"    {model} {time.time() - began:.2f} s", file=sys.stderr)


def built(folder: Path, sql: dict[str, str], last_day: int = DAYS - 1) -> duckdb.DuckDBPyConnection:
    """A database with the models of the simulated year whose files are in the folder, up to one of its days."""
    # a load so late that all days until then are complete
    until, loaded_at = (FIRST + timedelta(days=last_day + late) for late in (0, 4))
    connection = opened(folder)
    connection.execute(INPUTS.format(folder=folder, loaded_at=loaded_at, first=FIRST, until=until))
    make(connection, sql, MODELS)
    return connection


# the method that had been wrong by least so far, for the app and horizon, as mart_ltv_predictions would have taken it
DEFAULT = """
    with units as (
        select *, as_of_step + (horizon_day_n - observed_day_n + 27) // 28 as scored_step
        from intermediate.int_ltv_errors
        where level = 'campaign' and predicted_revenue is not null
    ),
    past as (
        select steps.as_of_step, app_id, platform, horizon_day_n, method,
            sum(abs(predicted_revenue - actual_revenue)) / sum(actual_revenue) as wape
        from units join (select distinct as_of_step from units) as steps on units.scored_step <= steps.as_of_step
        where method in ('chain_ladder', 'session_curve', 'power_law')
        group by all having count(*) >= 20 and sum(actual_revenue) > 0
    ),
    best as (select as_of_step, app_id, platform, horizon_day_n, arg_min(method, wape) as best from past group by all),
    chosen as (
        select units.*, coalesce(best, 'chain_ladder') as chosen_method
        from units left join best using (as_of_step, app_id, platform, horizon_day_n)
        where observed_day_n = {observed} and horizon_day_n = {horizon}
    ),
    common as (
        -- only what all could predict
        select as_of_step, app_id, platform, channel, campaign_id
        from chosen
        where method in (chosen_method, 'last_cohort', 'app_average')
        group by all having count(*) = 3
    ),
    judged as (
        select
            case when method = chosen_method then 'default' else method end as method, chosen.app_id, predicted_revenue as p,
            actual_revenue as a, error_units as e, coalesce(own.lower_error_units, pooled.lower_error_units) as lower,
            coalesce(own.upper_error_units, pooled.upper_error_units) as upper
        from chosen join common using (as_of_step, app_id, platform, channel, campaign_id)
        left join intermediate.int_ltv_intervals as own
            using (as_of_step, app_id, platform, level, method, observed_day_n, horizon_day_n)
        left join (
            select * exclude (app_id, platform) from intermediate.int_ltv_intervals where app_id = '(all)'
        ) as pooled using (as_of_step, level, method, observed_day_n, horizon_day_n)
        where method in (chosen_method, 'last_cohort', 'app_average')
    )
    select method, coalesce(app_id, 'all') as app, count(*) as units, round(sum(abs(p - a)) / sum(a), 4) as wape, round(sum(p) / sum(a) - 1, 4) as bias,
        count(lower) as with_interval, round(avg(case when lower is not null then (e between least(lower, 0) and greatest(upper, 0))::int end), 3) as coverage
    from judged group by grouping sets ((method), (method, app_id)) order by app, wape
"""


def processor_time() -> float:
    """Seconds that this process and those it has waited for have worked so far."""
    return sum(os.times()[:4])


def measured(folder: Path, sql: dict[str, str], observed: int = 7, horizon: int = 90) -> list[dict]:
    """WAPE, bias and coverage by method, over all campaigns of the year in the folder."""
    began = processor_time()
    with built(folder, sql) as connection:
        seconds = processor_time() - began
        rows = connection.execute(DEFAULT.format(observed=observed, horizon=horizon)).fetchall()
    return [
        {"method": method, "wape": wape, "bias": bias, "coverage": coverage, "seconds": seconds}
        for method, app, _, wape, bias, _, coverage in rows
        if app == "all"
    ]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    parser.add_argument("--observed", type=int, default=7)
    parser.add_argument("--horizon", type=int, default=90)
    parser.add_argument(
        "--budget",
        type=int,
        nargs="*",
        default=[],
        help="days of the year as of which mart_budget is judged",
    )
    parser.add_argument(
        "--countries", type=int, nargs="*", default=[], help="the same of predictions by country"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        sql = compiled(
            Path(temporary), [*MODELS, "int_ltv_monetization", "mart_ltv_predictions_by_country"]
        )
    for seed in arguments.seeds:
        with tempfile.TemporaryDirectory() as temporary:
            began = time.time()
            write_year(Path(temporary), seed, bool(arguments.countries))
            connection = built(Path(temporary), sql)
            print(f"seed {seed}, {time.time() - began:.1f} s")
            report(connection, arguments.observed, arguments.horizon)
            report_changes(connection, sql)
            connection.close()
            for last_day in arguments.budget:
                with built(Path(temporary), sql, last_day) as connection:
                    report_budget(connection, Path(temporary), last_day)
            for last_day in arguments.countries:
                with built(Path(temporary), sql, last_day) as connection:
                    make_countries(connection, Path(temporary))
                    make(connection, sql, ["mart_ltv_predictions_by_country"])
                    report_countries(connection, Path(temporary), last_day)


# what the next 1,000 of a campaign bought, of those that went on until half of it was spent
NEXT = """
    with made as (
        select app_id, channel, campaign_id, install_date, sum(case when day_n = 0 then active_users end) as installs,
            sum(session_count) as sessions, sum(ad_revenue + iap_revenue) as revenue
        from read_csv('{folder}/days.csv') where day_n <= 60 group by all
    ),
    bought as (
        select app_id, channel, campaign_id, sum(spend) as spend, {sums}
        from (
            select *, sum(spend) over (partition by app_id, channel, campaign_id order by spend_date) - spend as spent
            from read_csv('{folder}/spend.csv')
            where spend_date > date '{until}' and spend_date <= date '{last}'
        ) as spends
        join made using (app_id, channel, campaign_id)
        where spent < 1000 and made.install_date = spend_date
        group by all having sum(spend) >= 500
    ),
    measures as (
        {measures}
    )
    select what, count(*) as campaigns, round(sum(abs(predicted - actual)) / sum(actual), 3) as wape,
        round(sum(predicted) / sum(actual) - 1, 3) as bias, round(avg((actual between lower and upper)::int), 3) as coverage,
        round(avg((upper - lower) / 2 / predicted), 3) as half_width
    from measures where lower is not null group by what order by what
"""


def report_budget(connection: duckdb.DuckDBPyConnection, folder: Path, last_day: int) -> None:
    """Print how far off mart_budget was, by day 60, and how often the outcome was in the interval."""
    names = ["installs", "sessions", "revenue"]
    measures = " union all ".join(
        f"select '{name}' as what, 1000 * {name} / bought.spend as actual, next_1000_{name} as predicted,"
        f" next_1000_{name}_lower as lower, next_1000_{name}_upper as upper"
        " from bought join marts.mart_budget using (app_id, channel, campaign_id) where horizon_day_n = 60"
        for name in names
    )
    sql = NEXT.format(
        folder=folder,
        sums=", ".join(f"sum({name}) as {name}" for name in names),
        measures=measures,
        until=FIRST + timedelta(days=last_day),
        last=FIRST + timedelta(days=DAYS - 61),
    )
    print(f"budget as of day {last_day}", connection.sql(sql), sep="\n")


# what int_ltv_country_cohorts has of the days until then; all countries of the larger campaigns have enough users
COUNTRY_COHORTS = """
    create table intermediate.int_ltv_country_cohorts as
    select app_id, platform, channel, campaign_id, install_date, install_country, any_value(observed_day_n) as observed_day_n,
        any_value(as_of_date) as as_of_date, {sums}
    from read_csv('{folder}/countries.csv') as days
    join (
        select * exclude (day_n), day_n as observed_day_n, max(reached_date) over () as as_of_date
        from intermediate.int_ltv_points where is_newest
    ) as points using (app_id, platform, channel, campaign_id, install_date)
    where days.day_n <= observed_day_n
    group by all
"""
# cohorts that had been observed for a week, by day 60; even: by the campaign's LTV alone
COUNTRIES_JUDGED = """
    with came as (
        select app_id, channel, campaign_id, install_date, install_country, sum(revenue)::double as actual
        from read_csv('{folder}/countries.csv') where day_n <= 60 group by all
    ),
    rows_judged as (
        select app_id, campaign_id, install_country, actual, predicted_revenue::double as predicted,
            predicted_revenue_lower as lower, predicted_revenue_upper as upper,
            observed_revenue + (sum(predicted_revenue - observed_revenue) over cohort * d0_users / sum(d0_users) over cohort) as even
        from marts.mart_ltv_predictions_by_country
        join came using (app_id, channel, campaign_id, install_date, install_country)
        where horizon_day_n = 60 and observed_day_n between 7 and 30 and predicted_revenue is not null
            and install_date + 60 <= date '{last}'
        window cohort as (partition by app_id, channel, campaign_id, install_date)
    ),
    summed as (
        select app_id, campaign_id, install_country, sum(actual) as actual, sum(predicted) as predicted, sum(even) as even
        from rows_judged group by all
    )
    select count(*) as campaigns_and_countries, round(sum(abs(predicted - actual)) / sum(actual), 3) as wape,
        round(sum(abs(even - actual)) / sum(actual), 3) as wape_even,
        (select round(avg((actual between lower and upper)::int), 3) from rows_judged where lower is not null) as coverage,
        (select count(lower) from rows_judged) as with_interval
    from summed
"""


def make_countries(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Make int_ltv_country_cohorts of the simulated users."""
    horizons = [7, 14, 30, 60, 90, 180, 365]
    sums = [
        "sum(case when days.day_n = 0 then active_users else 0 end)::bigint as d0_users",
        "sum(new_revenue_users)::bigint as revenue_users",
        "sum(days.revenue)::decimal(28, 9) as observed_revenue",
        *(
            f"sum(case when days.day_n <= {h} then days.revenue else 0 end)::decimal(28, 9) as revenue_{h}"
            for h in horizons
        ),
    ]
    connection.execute(COUNTRY_COHORTS.format(folder=folder, sums=", ".join(sums)))


def report_countries(connection: duckdb.DuckDBPyConnection, folder: Path, last_day: int) -> None:
    """Print how far off predictions by country were, and how often the outcome was in the interval."""
    sql = COUNTRIES_JUDGED.format(folder=folder, last=FIRST + timedelta(days=DAYS - 1))
    print(f"countries as of day {last_day}", connection.sql(sql), sep="\n")


def report_changes(connection: duckdb.DuckDBPyConnection, sql: dict[str, str]) -> None:
    """Print the as-of dates at which monetization is called changed."""
    print(
        connection.sql(f"""
        select app_id, list(date '2000-01-03' + 28 * as_of_step::integer order by as_of_step) as changed_as_of
        from ({sql["int_ltv_monetization"]}) where is_changed group by app_id order by app_id
    """)
    )


def report(connection: duckdb.DuckDBPyConnection, observed: int, horizon: int) -> None:
    """Print WAPE, bias and coverage by level and method."""
    print(
        connection.sql(f"""
        select level, method, sum(predicted_unit_count) as units,
            round(sum(absolute_error) / sum(actual_revenue), 4) as wape,
            round(sum(predicted_revenue) / sum(actual_revenue) - 1, 4) as bias,
            round(sum(covered_unit_count) / nullif(sum(interval_unit_count), 0), 3) as coverage, sum(interval_unit_count) as with_interval,
            round(sum(covered_spend) / sum(spend), 3) as spend
        from marts.mart_ltv_backtest
        where observed_day_n = {observed} and horizon_day_n = {horizon}
        group by all order by level, wape
    """)
    )
    print(connection.sql(DEFAULT.format(observed=observed, horizon=horizon)))


if __name__ == "__main__":
    main()
