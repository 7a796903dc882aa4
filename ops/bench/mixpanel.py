"""Write a dbt project that builds fivetran's dbt_mixpanel from this benchmark's events.

    python ops/bench/mixpanel.py DIR && dbt deps --project-dir DIR --profiles-dir DIR
    make bench BENCH="--only whole --mixpanel DIR"

The package reads one table of events, here a view of the Parquet files in BENCH_EVENTS. It fills
all days up to today, so the events are moved until the last of them is of today. All options are
the package's own defaults; on DuckDB it builds each table anew in every run.
"""

from __future__ import annotations

import sys
from pathlib import Path

VERSION = "0.17.1"
FILES = {
    "packages.yml": f"""packages:
  - package: fivetran/mixpanel
    version: {VERSION}
""",
    "profiles.yml": """peer:
  target: duckdb
  outputs:
    duckdb: {type: duckdb, path: "{{ env_var('BENCH_EVENTS') }}/../peer.duckdb", threads: 4}
""",
    "dbt_project.yml": """name: peer
version: 1.0.0
profile: peer
flags: {send_anonymous_usage_stats: false}
on-run-start:
  - create schema if not exists mixpanel
  - >
    create or replace table mixpanel.moved_by as
    select current_date - max(event_at)::date as days
    from read_parquet('{{ env_var("BENCH_EVENTS") }}/*.parquet')
  - >
    create or replace view mixpanel.event as
    select
      event_id as _fivetran_id, event_id, event_name as name, device_id as distinct_id,
      event_at + to_days(moved_by.days::integer) as time, '{}' as properties,
      event_id as insert_id, epoch_ms(loaded_at) as mp_processing_time_ms,
      loaded_at as _fivetran_synced, device_id, country as mp_country_code, platform as os,
      app_version as app_version_string
    from read_parquet('{{ env_var("BENCH_EVENTS") }}/*.parquet') cross join mixpanel.moved_by
""",
}


def main() -> None:
    """Write the files into the folder that is named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    print(f"Next: dbt deps --project-dir {folder} --profiles-dir {folder}")


if __name__ == "__main__":
    main()
