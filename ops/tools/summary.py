"""Say in a few lines what is in the built DuckDB file, and what to do next.

The file is the one that ops/tools/publish.py puts in place for readers. It is opened for reading
only, and closed before anything is printed. All ratios are ratios of sums, over complete cohorts.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
from publish import database_path, published_path

SESSIONS = "select count(*), min(session_date), max(session_date) from core.fct_sessions"
USERS = "select count(*) from core.dim_users"
CAME_IN = """
    select sum(accepted_count), sum(duplicate_count), sum(rejected_count), sum(raw_row_count)
    from marts.mart_data_quality
    where feed = 'events'
"""
USE = """
    select
        sum(session_count) / nullif(sum(dau), 0),
        sum(total_session_length_seconds) / nullif(sum(measured_session_count), 0)
    from marts.mart_daily_engagement
"""
RETENTION = """
    select day_n, sum(active_users) / nullif(sum(d0_users), 0)
    from marts.mart_cohorts_n_day
    where day_n in (1, 7, 30) and is_mature
    group by day_n
    order by day_n
"""
# organic rows have no spend
CPM_D7 = """
    select 1000 * sum(spend) / nullif(sum(app_open_count), 0), max(reporting_currency)
    from marts.mart_cpm_n_day
    where day_n = 7 and is_mature and spend is not null
"""
COMPLETE = (
    "select min(last_complete_date) from marts.mart_as_of where feed = 'events' and not has_ended"
)


def summarize(path: Path) -> list[str]:
    """Lines about the built database.

    Raises:
        SystemExit: there is no database, or it lacks a table; the text says what to do.
    """
    if not path.is_file():
        raise SystemExit(f"There is no database at {path}. Run `make build` first.")
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            read = {
                name: connection.execute(sql).fetchone()
                for name, sql in (
                    ("sessions", SESSIONS),
                    ("users", USERS),
                    ("came_in", CAME_IN),
                    ("use", USE),
                    ("cpm", CPM_D7),
                    ("complete", COMPLETE),
                )
            }
            retention = connection.execute(RETENTION).fetchall()
    except duckdb.CatalogException as error:
        reason = str(error).splitlines()[0]
        raise SystemExit(
            f"{path} is not a complete build ({reason}). "
            "Run `make build`; if it failed, its first error says why."
        ) from error
    except duckdb.BinderException as error:
        reason = str(error).splitlines()[0]
        raise SystemExit(
            f"{path} was built by another version of the models ({reason}). "
            "Run `.venv/bin/dbt build --full-refresh`."
        ) from error
    except duckdb.IOException as error:
        reason = str(error).splitlines()[0]
        raise SystemExit(f"{path} cannot be opened: {reason}") from error
    sessions, first_date, last_date = read["sessions"]
    headline = f"Built {_counted(sessions, 'session')} of {_counted(read['users'][0], 'user')}"
    return [
        "",
        f"{headline}, {first_date} to {last_date}." if sessions else f"{headline}.",
        f"  came in     {_came_in(*read['came_in'])}",
        f"  use         {_use(*read['use'])}",
        f"  come back   {_come_back(retention)}",
        f"  CPM D7      {_cpm(*read['cpm'])}",
        f"  complete    up to {read['complete'][0] or 'no day yet'} (marts.mart_as_of)",
        f"  database    {path}",
        "  look        any DuckDB client, read-only; tables are in schemas core and marts:",
        "              select * from marts.mart_cpm_n_day order by all",
        "  next        `make dashboard`; README.md: your own events, and a run every day",
    ]


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _came_in(accepted: int | None, duplicates: int, refused: int, rows: int) -> str:
    if not rows:
        return "nothing: put files into the folder that raw_path names"
    why = "; why: marts.mart_rejections" if refused else ""
    shares = f"{refused:,} refused ({refused / rows:.1%}{why})"
    return f"{_counted(accepted or 0, 'event')}; {_counted(duplicates, 'duplicate')}, {shares}"


def _use(sessions_per_user: float | None, length_seconds: float | None) -> str:
    if sessions_per_user is None:
        return "none yet"
    shown = f"{sessions_per_user:.1f} sessions per user and active day"
    if length_seconds is None:
        return shown
    minutes, seconds = divmod(round(length_seconds), 60)
    return f"{shown}, {minutes} min {seconds} s long on average"


def _come_back(retention: list[tuple[int, float | None]]) -> str:
    shown = [f"D{day} {share:.1%}" for day, share in retention if share is not None]
    return ", ".join(shown) + " of users (retention)" if shown else "no complete cohort yet"


def _cpm(cpm: float | None, currency: str | None) -> str:
    if cpm is None:
        return "none yet: no spend with a complete day 7"
    return f"{cpm:,.2f} {currency} spent per 1,000 app opens on day 7"


if __name__ == "__main__":
    print("\n".join(summarize(published_path(database_path()))))
    sys.stdout.flush()
