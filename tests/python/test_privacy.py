"""Erasing a person: their ids are in no table, no log and no published file, and stay away.

The tables without them equal those of files that never had them, and those of a full refresh. The
seed is changed in the database, as `dbt seed` would after an edit of the file.
"""

from __future__ import annotations

import hmac
import re
import sys
from collections.abc import Iterable
from hashlib import md5, sha256
from pathlib import Path

import duckdb
import pytest
from dbt_harness import PROJECT_DIR, Dbt
from pipeline import DATABASE_FILE, Pipeline, assert_equal_tables, differences
from reference import micros
from streams import Row

sys.path.insert(0, str(PROJECT_DIR / "ops" / "tools"))
import publish

# no letter in other texts: what a search finds is the id
DEVICE, CUSTOMER = "a7c1f0de-dead-4bad-8bad-e7a5e0000001", "customer-e7a5e0000002"
STAYS = "5ca1ab1e-0000-4000-8000-000000000003"
RAW_SCHEMAS = ("staging", "seeds")  # the files as they are, and the bundled sample


def event(device: str | None, number: int, **values: object) -> Row:
    """A row of app.one, ten minutes after the one before."""
    at = micros("2024-03-09 10:00:00") + number * 600_000_000
    row = {"app_id": "app.one", "device_id": device, "event_name": "level", "platform": "ios"}
    row |= {"event_id": f"e{number}", "event_at": at, "loaded_at": micros("2024-03-10")}
    return row | values


def person(first: int = 0, **values: object) -> list[Row]:
    """Every fate that a row may have: accepted, copied, refused, of the customer's id alone."""
    rows = [
        event(DEVICE, first + 1, event_name="install", country="DE"),
        event(DEVICE, first + 2, user_id=CUSTOMER, revenue="4.99", currency="EUR"),
        event(DEVICE, first + 2, user_id=CUSTOMER, loaded_at=micros("2024-03-11")),
        event(DEVICE, first + 3, event_at=micros("2099-01-01")),
        event(DEVICE, first + 4, revenue="much"),
        event(None, first + 5, user_id=CUSTOMER, event_id=None),
        event(DEVICE, first + 6, event_name=None),
    ]
    return [row | values for row in rows]


def others(first: int = 0) -> list[Row]:
    """Somebody else, a copy of an event id of the person's, and the person's device elsewhere."""
    return [
        event(STAYS, first + 1, event_id=f"s{first}", country="FR"),
        event(STAYS, first + 9, event_id=f"s{first + 9}", revenue="1", currency="EUR"),
        event(STAYS, first + 4, event_id=f"e{first + 1}", loaded_at=micros("2024-03-12")),
        event(STAYS, first + 5, event_id=f"s{first + 5}", event_at=micros("2099-01-01")),
    ]


def holders(database: Path, texts: Iterable[str]) -> set[str]:
    """Every table and view in which a text occurs, in whatever column."""
    found = set()
    with duckdb.connect(str(database), read_only=True) as connection:
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            f" where schema_name not in {RAW_SCHEMAS} union all"
            " select schema_name, view_name from duckdb_views()"
            f" where schema_name not in {RAW_SCHEMAS} and not internal"
        ).fetchall():
            for text in texts:
                ((count,),) = connection.execute(
                    f"select count(*) from {schema}.{table} as t"
                    " where contains(cast(to_json(t) as varchar), ?)",
                    [text],
                ).fetchall()
                if count:
                    found.add(table)
    return found


def files_with(folder: Path, texts: Iterable[str]) -> list[str]:
    """Every file below a folder in which a text occurs."""
    return [
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and any(text.encode() in path.read_bytes() for text in texts)
    ]


def erase(
    dbt: Dbt, monkeypatch: pytest.MonkeyPatch, ids: Iterable[str], app_id: str | None = None
) -> list[str]:
    """Put into the seed what `erase_user` says, and return all that it said."""
    said: list[str] = []
    dbt.keeps_log = True  # of this command and of later ones, which are searched for the ids
    log = dbt.folder / "logs" / "dbt.log"
    for an_id in ids:
        before = log.stat().st_size if log.exists() else 0
        monkeypatch.setenv("ERASE_ID", an_id)
        dbt("run-operation", "erase_user", *(["--args", f"{{app_id: {app_id}}}"] if app_id else []))
        lines = log.read_bytes()[before:].decode().splitlines()
        said += [line.split("] ", 1)[-1].split(": ", 1)[-1] for line in lines]
    monkeypatch.delenv("ERASE_ID")
    rows = {
        tuple(line.split(","))
        for line in said
        if line.count(",") == 1 and len(line.split(",")[1]) == 32
    }
    with duckdb.connect(str(dbt.database)) as connection:
        connection.executemany(
            "insert into seeds.erased_users select nullif(?, ''), ?", [list(row) for row in rows]
        )
    return said


def write_lines(pipeline: Pipeline, name: str, *lines: str) -> None:
    """A file with lines that cannot be read beside one that can."""
    (pipeline.events / name).write_text(
        "\n".join(
            [
                "event_id,app_id,device_id,event_name,event_at,loaded_at",
                f"{name},app.one,{STAYS},level,2024-03-09 12:00:00,2024-03-10",
                *lines,
            ]
        )
        + "\n"
    )


def test_an_erased_person_is_in_no_table_and_no_file_and_stays_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ids = [DEVICE, CUSTOMER]
    pipeline = Pipeline(tmp_path / "run", predicts=True)
    elsewhere = event(DEVICE, 99, event_id="elsewhere", app_id="app.two")
    pipeline.add([*person(), *others(), elsewhere])
    write_lines(pipeline, "broken.csv", f"x,app.one,{DEVICE}", f"x,app.one,{STAYS}")
    pipeline.run()
    keys = [
        str(key)
        for (key,) in pipeline.query(
            "select distinct user_key from intermediate.int_event_log"
            f" where device_id = '{DEVICE}' and app_id = 'app.one' and user_key is not null"
        )
    ]
    assert len(keys) == 1
    # as if a table had not yet taken in what changed of the person
    with pipeline.connect(read_only=False) as connection:
        connection.execute(
            f"insert into intermediate.state_changes values (1, {keys[0]}, '2024-03-09')"
        )
    # the search finds what is there
    assert holders(pipeline.dbt.database, ids) >= {
        *("int_event_log", "int_events_rejected", "int_sessions", "state_file_rows"),
        *("fct_sessions", "fct_installs", "dim_users", "mart_users", "mart_rejections"),
    }
    before = pipeline.query(
        "select provider, load_date, raw_row_count from marts.mart_data_quality order by all"
    )

    pipeline.point()
    said = erase(pipeline.dbt, monkeypatch, ids, app_id="app.one")
    assert "Rows of the event log with this id: 6. Add to seeds/erased_users.csv:" in said
    assert f"app.one,{md5(DEVICE.encode()).hexdigest()}" in said
    assert any(
        line.startswith(f"app.one,{md5(CUSTOMER.encode()).hexdigest()}   (customer_user_id, on 2")
        for line in said
    )
    refreshed = pipeline.dbt.copy(tmp_path / "refreshed")
    refreshed("run", "--full-refresh")
    pipeline.run()
    assert differences(pipeline.dbt.database, refreshed.database) == []
    assert holders(refreshed.database, keys) == set()
    for table in holders(pipeline.dbt.database, ids):
        ((schema,),) = pipeline.query(
            "select table_schema from information_schema.tables"
            f" where table_name = '{table}' and table_schema not in {RAW_SCHEMAS}"
        )
        apps = pipeline.query(
            f"select distinct app_id from {schema}.{table} as t"
            f" where contains(cast(to_json(t) as varchar), '{DEVICE}')"
        )
        assert apps == [("app.two",)], table
    assert holders(pipeline.dbt.database, keys) == set()
    assert holders(pipeline.dbt.database, [CUSTOMER]) == set()
    # every row is still accounted for, and the raw rows are as many as before
    assert pipeline.count("intermediate.int_event_log", "rejection_reason = 'erased'") == 8
    after = pipeline.query(
        "select provider, load_date, raw_row_count from marts.mart_data_quality order by all"
    )
    assert sum(row[2] for row in after) == sum(row[2] for row in before)
    pipeline.run("-s", "assert_every_raw_row_is_accounted_for", command="test")

    # now in the other app, too
    erase(pipeline.dbt, monkeypatch, ids)
    pipeline.run()
    assert holders(pipeline.dbt.database, [*ids, *keys]) == set()
    fingerprints = pipeline.fingerprints()
    pipeline.run()
    assert pipeline.fingerprints() == fingerprints

    # files that come again, corrected, and files with more of the same person
    pipeline.deliver([("load_001.csv", [*person(), *others()[1:], elsewhere])])
    pipeline.deliver([("late.csv", [*person(10, loaded_at=micros("2024-03-13")), *others(10)])])
    pipeline.run()
    assert holders(pipeline.dbt.database, [*ids, *keys]) == set()
    pipeline.run("-s", "assert_every_raw_row_is_accounted_for", command="test")
    full = pipeline.rebuilt()
    assert_equal_tables(pipeline, full)
    assert holders(full.dbt.database, [*ids, *keys]) == set()
    pipeline.run("--full-refresh")
    assert_equal_tables(pipeline, full)
    assert holders(pipeline.dbt.database, [*ids, *keys]) == set()
    assert files_with(tmp_path / "run" / "target", ids) == []
    assert files_with(tmp_path / "run" / "logs", ids) == []

    # as if they had never come: only the counts of loads know more
    never = Pipeline(tmp_path / "never", predicts=True)
    never.add([*others()[1:]])
    never.deliver([("late.csv", others(10))])
    write_lines(never, "broken.csv", f"x,app.one,{STAYS}")
    never.run()
    assert {
        difference.table.partition(".")[2]
        for difference in differences(pipeline.dbt.database, never.dbt.database)
    } <= {"int_event_log", "int_event_loads", "mart_data_quality", "mart_rejections"}

    # what readers get
    published = tmp_path / "published" / DATABASE_FILE
    publish.publish(pipeline.dbt.database, published, keep=False)
    assert holders(published, [*ids, *keys]) == set()
    assert files_with(published.parent, ids) == []

    # whoever is taken out of the seed is not half back
    with pipeline.connect(read_only=False) as connection:
        connection.execute("delete from seeds.erased_users")
    result = pipeline.run(check=False)
    assert not result.success
    assert "are no longer in it, and their events are erased: put them back" in str(result)


def test_a_user_of_the_sample_is_erased_where_events_are_tables(
    built: Dbt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    dbt = built.copy(tmp_path / "run")
    ((app_id, an_id),) = dbt.query(
        "select app_id, user_id from core.dim_users order by session_count desc, user_id limit 1"
    )
    assert {"fct_sessions", "fct_installs", "dim_users"} <= holders(dbt.database, [an_id])
    sessions = "select count(*) from core.fct_sessions where user_id"
    ((kept,),) = dbt.query(f"{sessions} <> '{an_id}'")
    erase(dbt, monkeypatch, [an_id], app_id=app_id)
    dbt("run")
    assert holders(dbt.database, [an_id]) == set()
    assert dbt.query(f"{sessions} is not null") == [(kept,)]
    # the table still holds the rows: nothing is read again for that
    states = "select * from intermediate.state_models order by 1"
    before = dbt.query(states)
    dbt("run")
    assert dbt.query(states) == before
    full = dbt.copy(tmp_path / "full")
    full("run", "--full-refresh")
    assert differences(dbt.database, full.database) == []


def test_nobody_is_erased_by_an_id_on_the_command_line(built: Dbt, tmp_path: Path):
    result = built.copy(tmp_path)("run-operation", "erase_user", check=False)
    assert not result.success
    assert "say whom in the environment variable ERASE_ID" in "\n".join(result.messages)


# ------------------------------------------------------------------------------------ keyed hashes

KEY = "c0ffee-k3y-of-the-tests-0123456789abcdef"


def keyed(an_id: str, key: str = KEY) -> str:
    """What stands in place of an id, as docs/privacy.md says it."""
    return hmac.new(key.encode(), md5(an_id.encode()).hexdigest().encode(), sha256).hexdigest()


def key_of(an_id: str) -> str:
    """The user_key of the person in app.one."""
    digest = md5(f"ios:7:app.one:{an_id}".encode()).digest()
    return str(int.from_bytes(digest[8:], "little") & (2**63 - 1))


def test_ids_are_keyed_hashes_and_the_key_is_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DBT_ENV_SECRET_ID_KEY", KEY)
    ids = [DEVICE, CUSTOMER, STAYS]
    select = ["+dim_users", "+mart_users", "+mart_rejections", "int_events_sessionized"]
    pipeline = Pipeline(tmp_path / "run", vars={"hash_ids": True}, select=select)
    plain_vars = Pipeline(tmp_path / "plain").dbt.vars
    pipeline.dbt.keeps_log = True
    pipeline.add([*person(), *others()])
    write_lines(pipeline, "broken.csv", f"x,app.one,{DEVICE}")
    pipeline.run()
    assert holders(pipeline.dbt.database, [*ids, *map(key_of, ids)]) == set()
    assert holders(pipeline.dbt.database, [keyed(DEVICE)]) >= {"fct_sessions", "dim_users"}
    assert {(keyed(DEVICE), keyed(CUSTOMER)), (keyed(STAYS), None)} <= set(
        pipeline.query("select device_id, customer_user_id from intermediate.int_event_log")
    )
    assert str(key_of(keyed(DEVICE))) in {
        str(key) for (key,) in pipeline.query("select user_key from core.fct_sessions")
    }

    # late events and a corrected file; what is counted is as in a build from nothing without hashes
    pipeline.deliver([("load_001.csv", [*person(), *others()[1:]])])
    pipeline.deliver([("late.csv", [*person(10), *others(10)])])
    pipeline.run()
    plain = Pipeline(tmp_path / "plain", select=select, raw=pipeline.raw)
    plain.run()
    for text in (DEVICE, key_of(DEVICE)):
        assert holders(plain.dbt.database, [text]) >= {"fct_sessions", "mart_users"}
    not_compared = [*listed_in_page(), "rejection_id"]
    assert assert_equal_tables(pipeline, plain, without=not_compared) > 8

    exports = tmp_path / "run" / "exports"
    asked = f"from_date: 2024-03-09, to_date: 2024-03-10, format: csv, path: '{exports}'"
    pipeline.dbt("run-operation", "export_sessions", "--args", "{" + asked + "}")
    assert len(files_with(exports, [keyed(DEVICE)])) > 0

    # neither another key, nor none, nor ids as they are, in one table
    before = pipeline.fingerprints()
    hashed_vars = pipeline.dbt.vars
    for key, vars, said in [
        (KEY[::-1], hashed_vars, "the tables hold hashes of ids by another key: give that one, or"),
        (
            KEY[:31],
            hashed_vars,
            "of 32 to 64 bytes is needed, and there is one of 31: put it",
        ),
        ("", hashed_vars, "and there is none: put it into the environment variable DBT_ENV_S"),
        (KEY, plain_vars, "the tables hold hashes of ids: set hash_ids to true, or have"),
    ]:
        monkeypatch.setenv("DBT_ENV_SECRET_ID_KEY", key)
        pipeline.dbt.vars = vars
        result = pipeline.run(check=False)
        assert not result.success and said in str(result)
    pipeline.dbt.vars = hashed_vars
    result = plain.run(vars={"hash_ids": True}, check=False)
    assert "the tables hold ids as they are: set hash_ids to false, or have" in str(result)
    assert pipeline.fingerprints() == before

    # who asks for a person by another key, or without hashes, is not told that there is none
    with monkeypatch.context() as patch:
        patch.setenv("ERASE_ID", DEVICE)
        for key, vars in [(KEY[::-1], hashed_vars), (KEY, plain_vars)]:
            patch.setenv("DBT_ENV_SECRET_ID_KEY", key)
            pipeline.dbt.vars = vars
            asked = pipeline.dbt("run-operation", "erase_user", check=False)
            assert not asked.success and "the tables hold hashes of ids" in str(asked.messages)
    pipeline.dbt.vars = hashed_vars
    monkeypatch.setenv("DBT_ENV_SECRET_ID_KEY", KEY)

    # a person is erased as without hashes; of a run's files the input alone has ids
    said = erase(pipeline.dbt, monkeypatch, [DEVICE], app_id="app.one")
    assert f"app.one,{md5(DEVICE.encode()).hexdigest()}" in said
    assert any(line.startswith(f"app.one,{keyed(CUSTOMER)}   (customer_user_id") for line in said)
    pipeline.run()
    rebuilt = {"int_event_log", "int_sessions", "fct_sessions", "dim_users", "mart_users"}
    assert rebuilt & holders(pipeline.dbt.database, [keyed(DEVICE), key_of(keyed(DEVICE))]) == set()
    assert rebuilt <= holders(pipeline.dbt.database, [keyed(CUSTOMER)])
    assert files_with(tmp_path / "run", [KEY, KEY[::-1]]) == []
    for folder in ("target", "logs", "exports"):
        assert files_with(tmp_path / "run" / folder, ids) == []


# ---------------------------------------------------------------------------------- docs/privacy.md

ID = re.compile(r"_(id|key)$")
# columns that hold a raw row or a part of one
RAW_TEXTS = {"raw_row", "unreadable_line", "example"}


def listed_in_page() -> dict[str, set[str]]:
    """The columns that can identify a person, each with the models that have it."""
    page = (PROJECT_DIR / "docs" / "privacy.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE)
    return {name: set(re.findall(r"\w+", models)) for name, models in rows}


def test_every_id_column_is_in_the_page(tmp_path: Path):
    columns: dict[str, set[str]] = {}
    for node in Dbt(tmp_path).manifest()["nodes"].values():
        # staging repeats the files, and is named as a whole
        if node["resource_type"] == "model" and node["fqn"][1] != "staging":
            for name in node["columns"]:
                if ID.search(name) or name in RAW_TEXTS:
                    columns.setdefault(name, set()).add(node["name"])
    listed = listed_in_page()
    page = (PROJECT_DIR / "docs" / "privacy.md").read_text()
    (others,) = re.findall(r"^These end in .*?\.$", page, re.MULTILINE | re.DOTALL)
    harmless = set(re.findall(r"`(\w+)`", others)) - {"_id", "_key"}
    assert len(listed) > 10
    assert RAW_TEXTS | {"user_id", "device_id", "customer_user_id", "user_key"} <= set(listed)
    assert not harmless & set(listed)
    assert harmless == set(columns) - set(listed)
    wrong = [
        f"| `{name}` | … | {', '.join(sorted(models))} |"
        for name, models in sorted(columns.items())
        if name not in harmless and listed[name] != models
    ]
    assert not wrong, "docs/privacy.md should say:\n" + "\n".join(wrong)
    assert set(listed) <= set(columns)
