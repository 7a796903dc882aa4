"""Say in a few lines what is in the built DuckDB file, and what to do next.

The file is the one that ops/tools/publish.py puts in place for readers. It is opened for reading
only, and closed before anything is printed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
from publish import database_path, published_path

SESSIONS = """
    select count(*), min(session_date), max(session_date) from core.fct_sessions
"""
USERS = "select count(*) from core.dim_users"
# a ratio of sums, over cells whose feeds are complete; organic rows have no spend
CPM_D7 = """
    select 1000 * sum(spend) / nullif(sum(app_open_count), 0)
    from marts.mart_cpm_n_day
    where day_n = 7 and is_mature and spend is not null
"""


def summarize(path: Path) -> list[str]:
    """Lines about the built database.

    Raises:
        SystemExit: there is no database, or it lacks a table; the text says what to do.
    """
    if not path.is_file():
        raise SystemExit(f"There is no database at {path}. Run `make build` first.")
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            sessions, first_date, last_date = connection.execute(SESSIONS).fetchone()
            (users,) = connection.execute(USERS).fetchone()
            (cpm,) = connection.execute(CPM_D7).fetchone()
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
    shown_cpm = "none yet" if cpm is None else f"{cpm:,.2f} spent per 1,000 app opens on day 7"
    return [
        "",
        f"Built {sessions:,} sessions of {users:,} users, {first_date} to {last_date}.",
        f"  CPM D7    {shown_cpm}",
        f"  database  {path}",
        "  look      any DuckDB client, read-only; tables are in schemas core and marts:",
        "            select * from marts.mart_cpm_n_day order by all",
        "  next      README.md: your own events instead of the sample; `make test` proves it all",
    ]


if __name__ == "__main__":
    print("\n".join(summarize(published_path(database_path()))))
    sys.stdout.flush()
