"""Another dbt project installs this one as a package.

`Consumer` makes such a project in a folder, as `dbt deps` would with a `local:` package: the
package hub, which dbt asks for the packages of a package, may be out of reach.

Inside a macro of a package, dbt looks up a name without a package in the project that called it, so
that macros which other projects call name their helpers with `app_sessions.` before them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from dbt_harness import PROJECT_DIR, Dbt
from pipeline import reasons

PROJECT_YML = """
name: consumer
version: "1.0"
profile: app_sessions
flags: {send_anonymous_usage_stats: false}
"""


class Consumer(Dbt):
    """A project with this one as a package, and a database of its own.

    Arguments:
        folder: where the project goes.
        files: its other files, path to text.
    """

    def __init__(self, folder: Path, files: Mapping[str, str]):
        project, packages = folder / "project", folder / "project" / "dbt_packages"
        packages.mkdir(parents=True)
        installed = {"app_sessions": PROJECT_DIR} | {
            path.name: path for path in (PROJECT_DIR / "dbt_packages").iterdir() if path.is_dir()
        }
        for name, path in installed.items():
            (packages / name).symlink_to(path.resolve(), target_is_directory=True)
        written = {
            "dbt_project.yml": PROJECT_YML,
            "packages.yml": f"packages:\n  - local: {PROJECT_DIR}\n",
        } | dict(files)
        for name, text in written.items():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_text(text.strip() + "\n", encoding="utf-8")
        super().__init__(folder, project_dir=project)


VISITS = """
visitor,seen_at,what
a,2025-01-01 10:00:00,app_open
a,2025-01-01 10:01:00,app_close
a,2025-01-01 10:02:00,app_open
a,2025-01-01 10:02:00,app_close
a,2025-01-01 10:32:00,page
b,2025-01-01 10:00:00,page
b,2025-01-01 10:29:59,page
"""
VISIT_SESSIONS = """
select
    sessions.*,
    {{ app_sessions.session_id('visitor', 'started_at') }} as session_id,
    {{ app_sessions.seconds_between('started_at', 'ended_at') }} as length_seconds,
    {{ app_sessions.user_key("'shop'", "'web'", app_sessions.usable_id('visitor')) }} as shop_key,
    {{ app_sessions.canonical_platform("'IOS'") }} as platform,
    {{ app_sessions.safe_divide('page_count', 'hit_count') }} as page_share
from (
    {{ app_sessions.sessionize(
        ref('visits'),
        user_key='visitor',
        event_at='seen_at',
        event_type='what',
        counts={'hit_count': 'true', 'page_count': "what = 'page'"},
        constants={'some_visitor': 'visitor'},
        minima={'least': 'what'},
        maxima={'greatest': 'what'},
        sums={'ones': '1'}
    ) }}
) as sessions
"""


@pytest.fixture(scope="module")
def consumer(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """A project that calls this one's macros on a table of its own."""
    return Consumer(
        tmp_path_factory.mktemp("consumer"),
        {
            "seeds/visits.csv": VISITS,
            "models/visit_sessions.sql": VISIT_SESSIONS,
        },
    )


def test_another_project_makes_sessions_of_its_own_table(consumer: Consumer):
    consumer("build", "--select", "package:consumer")
    rows = consumer.query(
        "select visitor, cast(started_at as time)::varchar, start_reason, hit_count, length_seconds"
        " from visit_sessions order by 1, 2"
    )
    assert [(*row[:4], float(row[4])) for row in rows] == [
        ("a", "10:00:00", "first", 2, 60.0),
        ("a", "10:02:00", "reopen", 2, 0.0),
        ("a", "10:32:00", "timeout", 1, 0.0),
        ("b", "10:00:00", "first", 2, 1799.0),
    ]


def test_a_wrong_argument_is_named_there_too(consumer: Consumer):
    call = "{{ app_sessions.sessionize('visits', timeout_seconds=0) }}"
    result = consumer("compile", "--inline", call, check=False)
    assert not result.success
    assert "timeout_seconds must be a whole number" in f"{result} {result.messages}"


# what another project may call by itself
CALLED_FROM_OUTSIDE = (
    "sessionize",
    "session_id",
    "user_key",
    "usable_id",
    "canonical_platform",
    "seconds_between",
    "safe_divide",
)


def macro_bodies() -> dict[str, str]:
    """Every macro of the project with its text, comments left out."""
    bodies = {}
    for path in (PROJECT_DIR / "macros").rglob("*.sql"):
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for name, body in re.findall(
            r"\{%-?\s*macro\s+(\w+)\(.*?-?%\}(.*?)\{%-?\s*endmacro", text, flags=re.DOTALL
        ):
            bodies[name] = body
    return bodies


def test_macros_called_from_outside_name_their_helpers_with_the_package():
    bodies = macro_bodies()
    known = "|".join(map(re.escape, bodies))
    waiting, seen = list(CALLED_FROM_OUTSIDE), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        code = " ".join(re.findall(r"\{\{.*?\}\}|\{%.*?%\}", bodies[name], flags=re.DOTALL))
        code = re.sub(r"'[^']*'|\"[^\"]*\"", "''", code)
        bare = re.findall(rf"(?<![\w.])(?:{known})(?=\()", code)
        assert not bare, f"{name} calls {bare} without app_sessions. before it"
        waiting += re.findall(rf"(?<=app_sessions\.)(?:{known})(?=\()", code)
        # each engine's own form
        waiting += [other for other in bodies if other.endswith(f"__{name}")]
    assert {"epoch_us", "_require", "_sessionize_reopens", "duckdb__as_double"} <= seen


# ------------------------------------------------------------ the whole package, on own data
OF_THE_PACKAGE = """
name: consumer
version: "1.0"
profile: app_sessions
flags: {send_anonymous_usage_stats: false}
vars:
  app_sessions:
    providers: [generic]
    raw_path: RAW
    schema_prefix: app
"""
# the first example of "Turn off what you do not need"
SETTINGS_PAGE = (PROJECT_DIR / "docs" / "settings.md").read_text()
TURNED_OFF = re.search(r"## Turn off .*?```yaml\n(.*?)```", SETTINGS_PAGE, re.DOTALL)[1]
# the model of "Add an event", which here counts pages; `tracked` is for a clone's own models
ADOPTING_PAGE = (PROJECT_DIR / "docs" / "adopting.md").read_text()
OWN_MODEL = re.search(r"```sql\n(-- models/own/.*?)```", ADOPTING_PAGE, re.DOTALL)[1]
OWN_MODEL = OWN_MODEL.replace("level_complete", "page").replace("tracked", "table")
USERS_SESSIONS = """
select user_id, count(*) as session_count, sum(event_count) as event_count
from {{ ref('fct_sessions') }}
group by user_id
"""
EVENTS_HEADER = "app_id,platform,device_id,event_id,event_name,event_at,loaded_at\n"
# two users; the timeout is 30 minutes
FIRST_FILE = """
shop,ios,a,1,open,2025-01-01 10:00:00,2025-01-01 12:00:00
shop,ios,a,2,page,2025-01-01 10:20:00,2025-01-01 12:00:00
shop,ios,a,3,page,2025-01-01 10:45:00,2025-01-01 12:00:00
shop,ios,a,4,page,2025-01-01 11:30:00,2025-01-01 12:00:00
shop,ios,b,5,open,2025-01-01 10:00:00,2025-01-01 12:00:00
"""
# four days late: closes the gap of 45 minutes before a's last event
LATE_FILE = """
shop,ios,a,6,page,2025-01-01 11:10:00,2025-01-05 12:00:00
shop,ios,b,7,open,2025-01-05 10:00:00,2025-01-05 12:00:00
"""


def compared(dbt: Dbt, prefix: str) -> dict[str, list[tuple]]:
    """Rows of what people query."""
    tables = {
        "fct_sessions": "core",
        "fct_user_days": "core",
        "fct_installs": "core",
        "dim_users": "core",
        "mart_users": "marts",
        "mart_daily_engagement": "marts",
        "mart_cohorts_n_day": "marts",
        "mart_data_quality": "marts",
    }
    return {
        table: dbt.query(f"select * from {prefix}{layer}.{table} order by all")
        for table, layer in tables.items()
    }


def test_another_project_has_its_own_data_in_the_package_late_events_included(tmp_path: Path):
    raw = tmp_path / "raw"
    (raw / "events").mkdir(parents=True)
    (raw / "events" / "first.csv").write_text(EVENTS_HEADER + FIRST_FILE.lstrip())
    consumer = Consumer(
        tmp_path / "consumer",
        {
            "dbt_project.yml": OF_THE_PACKAGE.replace("RAW", str(raw)) + TURNED_OFF,
            "models/users_sessions.sql": USERS_SESSIONS,
            "models/own/levels_by_session.sql": OWN_MODEL,
        },
    )
    consumer("run-operation", "app_sessions.check_input")
    everything = ("--exclude-resource-type", "unit_test")
    consumer("build", *everything)
    by_user = "select * from users_sessions order by 1"
    assert consumer.query(by_user) == [("a", 2, 4), ("b", 1, 1)]
    own = "select level_count from main_own.levels_by_session order by 1"
    assert consumer.query(own) == [(1,), (2,)]

    (raw / "events" / "late.csv").write_text(EVENTS_HEADER + LATE_FILE.lstrip())
    result = consumer("build", *everything)
    assert consumer.query(by_user) == [("a", 1, 5), ("b", 2, 2)]
    said = reasons(result)
    assert said["fct_sessions"].startswith("touched, 2 users"), said
    assert consumer.query(own) == [(4,)]

    alone = Dbt(tmp_path / "alone", vars={"providers": ["generic"], "raw_path": str(raw)})
    alone("build", *everything)
    assert compared(consumer, "app_") == compared(alone, "")
    # nothing of the sample, and nothing that is not the project's own or below the prefix
    schemas = {
        schema
        for (schema,) in consumer.query(
            "select distinct table_schema from information_schema.tables"
        )
    }
    assert schemas == {
        *("main", "main_own"),
        *(f"app_{x}" for x in ("seeds", "staging", "intermediate", "core", "marts")),
    }
    seeds = consumer.query(
        "select table_name from information_schema.tables where table_schema = 'app_seeds'"
    )
    assert not [name for (name,) in seeds if name.startswith("sample_")]
    # what is turned off is not there, and all else is
    marts = "select table_name from information_schema.tables where table_schema = '{}marts'"
    off = {*alone.query(marts.format(""))} - {*consumer.query(marts.format("app_"))}
    assert off == {
        (path.stem,) for path in (PROJECT_DIR / "models/marts/predictions").rglob("*.sql")
    }
