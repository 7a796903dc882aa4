"""What stops a run before or after anything is read says in one sentence what is wrong, where, and
what to do; and a run's last lines say what came in."""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from dbt_harness import PROJECT_DIR
from pipeline import Pipeline, workspace

HEADER = "event_id,app_id,platform,device_id,event_name,event_at,loaded_at"
SELECT = ["+int_events", "+mart_data_quality"]
TEST = "assert_loads_are_accepted"


def lines(count: int, loaded_at: str = "2024-03-10 00:00:00", prefix: str = "e") -> str:
    """A file of good events, unless their load time is bad."""
    rows = [
        f"{prefix}{number},app,ios,d{number},level,2024-03-09 10:00:00,{loaded_at}"
        for number in range(count)
    ]
    return "\n".join([HEADER, *rows, ""])


def test_a_load_of_which_nothing_is_accepted_fails_the_build_after_the_good_rows_are_in(
    tmp_path: Path,
):
    pipeline = Pipeline(tmp_path, select=[*SELECT, "+fct_sessions", "+mart_rejections"])
    good = lines(2).replace("event_at", "timestamp") + "bad,line\n"
    (pipeline.events / "good.csv").write_text(good)
    (pipeline.events / "wrong.csv").write_text(lines(60, "2045-01-01 00:00:00", "w"))
    (pipeline.events / "notes.txt").write_text("to do")
    (pipeline.raw / "event").mkdir()
    (pipeline.raw / "event" / "a.csv").write_text("app_id\n")
    (pipeline.raw / "ad_spend").mkdir()
    (pipeline.raw / "ad_spend" / "a.csv").write_text("spend_date,app_id,spend\n2024-03-09,app,5\n")
    refused = "2099-01-01,app,5\n2024-03-10,app,many\n2099-01-02,app,5\n2024-03-10,app,more\n"
    header = "spend_date,app_id,spend\n"
    late = pipeline.raw / "ad_spend" / "late.csv"
    late.write_text(f"{header}{refused}2024-03-10,app,7\n")
    result = pipeline.run()
    assert pipeline.count("intermediate.int_events") == 2
    assert result.said == [
        "columns of events/good.csv: event_at from 'timestamp'",
        "events so far: 2 accepted, 0 duplicates, 61 refused",
        "refused most often: loaded_at_in_future 60, unreadable_line 1"
        " (all: marts.mart_rejections; rows: int_events_rejected)",
        "ad_spend: 4 rows refused, 0 superseded, 0 values left out (marts.mart_rejections)",
        "files: 4 read, 1 not read:",
        "  events/notes.txt: its name ends in none of .parquet, .csv, .tsv, .json, .jsonl, .ndjson"
        " (text also .gz or .zst)",
        "event/: not read; is it events/?",
        "sessions: 2 (core.fct_sessions)",
    ]
    pipeline.dbt("test", "--select", "assert_every_raw_row_is_accounted_for")
    said = str(pipeline.dbt("test", "--select", TEST, check=False))
    assert (
        "events/wrong.csv: 0 of 60 rows accepted; the commonest reason is loaded_at_in_future"
        in said
    )
    assert "min_accepted_share (0.5)" in said and "good.csv" not in said
    assert "ad_spend/late.csv: 1 of 5 rows accepted; the commonest reason is" in said
    late.write_text(f"{header}2024-03-10,app,7\n")

    # half is not less than half; and a corrected file replaces its own rows
    (pipeline.events / "wrong.csv").write_text(
        lines(30) + "\n".join(lines(30, "2045-01-01 00:00:00", "w").splitlines()[1:]) + "\n"
    )
    for number in range(6):
        (pipeline.events / f"notes{number}.txt").write_text("to do")
    assert "  and 2 more (intermediate.state_files)" in pipeline.run().said
    pipeline.dbt("test", "--select", TEST)
    assert pipeline.query(
        "select row_count, rejected_count from intermediate.state_files"
        " where file_name = 'events/wrong.csv'"
    ) == [(60, 30)]


@pytest.mark.parametrize(
    ("vars", "said"),
    [
        ({"raw_paht": "x"}, "the variable raw_paht: is none of this project; is it raw_path?"),
        ({"qqqq": 1}, "the variable qqqq: is none of this project; docs/settings.md lists them"),
        (
            {"reporting_timezone": "Europa/Berlin"},
            "of the form Europe/Berlin (is it Europe/Berlin?)",
        ),
        ({"min_accepted_share": 2}, "min_accepted_share must be a number from 0 to 1, got '2'"),
        (
            {"deduplication_window_days": 7},
            "must give whole numbers of days, at least 0, by provider",
        ),
        ({"deduplication_window_days": {"tenjin": -1}}, "got '{'tenjin': -1}'"),
        ({"deduplication_window_days": {"tenyin": 1}}, "got '{'tenyin': 1}'"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, vars, said):
    pipeline = Pipeline(tmp_path, select=["state_changes"])
    pipeline.add([])
    result = pipeline.run(vars=vars, check=False)
    assert not result.success
    assert said.replace("min_accepted_share must", "min_accepted_share: must") in str(result)


def test_a_folder_without_events_says_what_is_there(tmp_path: Path):
    pipeline = Pipeline(tmp_path, select=["+int_event_log"])
    (pipeline.raw / "Events").mkdir()
    (pipeline.raw / "Events" / "a.csv").write_text(lines(1))
    (pipeline.events / "b.txt").write_text(lines(1))
    said = str(pipeline.run(check=False))
    assert "there are no events of provider 'generic' to read" in said
    assert "Events/ (.csv): 1" in said and "events/ (.txt): 1" in said
    assert "ends in .parquet, .csv, .tsv, .json" in said
    assert f"Files of provider 'generic' are expected in {workspace()}/raw/events/, in" in said

    # and a folder that does not exist
    said = str(pipeline.run(vars={"raw_path": str(tmp_path / "nowhere")}, check=False))
    assert "There is nothing in" in said and "is the path right?" in said


def test_a_folder_is_judged_without_a_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """What `make check` runs; `~` is the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    pipeline = Pipeline(tmp_path, vars={"raw_path": "~/raw"})
    text = lines(3).replace("event_at", "ts").replace("2024-03-09 10", "9 March 10", 1)
    header, rest = text.split("\n", 1)
    prices = "\n".join(f"{line},4.99" for line in rest.splitlines())
    for name in ("p.csv", "q.csv"):
        (pipeline.events / name).write_text(f"{header},price\n{prices}\n")
    (pipeline.events / "a.csv").write_text(text + "bad,line\n")
    row = '{"app_id": "app", "eventName": "level", "event_at": 1710000000, "device_id": "d"}\n'
    late = row.replace("}", ', "amount": 5, "currency": "EUR"}')
    (pipeline.events / "b.ndjson").write_text(row * 150 + late.replace("level", "app_launch"))
    (pipeline.raw / "spend").mkdir()
    (pipeline.raw / "spend" / "a.csv").write_text("spend_date,app_id,spend\n")
    pipeline.dbt("seed", "--select", "event_types")
    pipeline.run("check_input", command="run-operation")
    said = capsys.readouterr().out  # with dbt's --quiet, as make check has it
    assert f"Looking at {tmp_path}/raw/: 4 file(s) to read or to name" in said
    assert "\nnot used of events: price\nReady: " in said
    assert "what each is taken for: level 159 (other event), app_launch 1 (other event)" in said
    assert "spend/: not read; is it ad_spend/?\n" in said
    assert "events/q.csv: 3 row(s); as events/a.csv\n" in said
    columns = "event_id, app_id, platform, device_id, event_name, event_at (from 'ts'), loaded_at"
    assert sorted(columns.split(", ")) == sorted(
        said.partition("events/a.csv: 3 row(s); columns ")[2].partition("\n")[0].split(", ")
    )
    assert "line 5 cannot be read (MISSING COLUMNS): bad,line" in said
    assert "1 row(s) have no event_at that can be read, for instance '9 March 10:00:00'" in said
    assert "events/b.ndjson: 151 row(s); columns " in said
    assert "revenue (from 'amount'), currency;" in said  # what only the last line has
    assert "event_name (from 'eventName')" in said
    assert "loaded_at from the path or the file's time" in said
    assert 'Ready: dbt build --vars \'{"providers": ["generic"], "raw_path": "~/raw"}' in said
    assert pipeline.count("information_schema.tables", "table_schema <> 'seeds'") == 0

    for name in ("c.csv", "d.csv"):
        (pipeline.events / name).write_text("app_id,event_name,device_id\n")
    result = pipeline.run("check_input", command="run-operation", check=False)
    assert not result.success
    assert "not ready to build: events/c.csv" in "\n".join(result.messages)
    assert "add it to seeds/column_aliases.csv" in "\n".join(result.messages)
    assert "are expected in" not in "\n".join(result.messages)
    said = capsys.readouterr().out
    assert "no column 'event_at'" in said and "events/d.csv: as events/c.csv\n" in said

    def told(folder: Path) -> str:
        """What is said of another folder, which needs no other variables."""
        given = ("--args", json.dumps({"folder": str(folder)}))
        result = pipeline.run("check_input", *given, command="run-operation", check=False)
        return capsys.readouterr().out + "\n".join(result.messages)

    # where no file has all columns, they lie in the right folder all the same
    (tmp_path / "short" / "events").mkdir(parents=True)
    (tmp_path / "short" / "events" / "a.csv").write_text("app_id,event_name,device_id\n")
    said = told(tmp_path / "short")
    assert "no column 'event_at'" in said and "not ready to build: events/a.csv. Where" in said
    assert "there are no events" not in said and "are expected in" not in said

    # names of columns are not the matter where files lie elsewhere
    said = told(pipeline.events)
    assert f"there are no events of provider 'generic' to read: {pipeline.events}/events" in said
    assert f"have them in {pipeline.events}/, and give {pipeline.raw}/" in said
    assert "column_aliases" not in said
    (tmp_path / "other's" / "adjust").mkdir(parents=True)
    (tmp_path / "other's" / "adjust" / "a.csv").write_text("{adid}\n")
    assert "in providers (of make: PROVIDERS='[\"adjust\"]')" in told(tmp_path / "other's")
    (tmp_path / "other's" / "events" / "app_id=app").mkdir(parents=True)
    (tmp_path / "other's" / "events" / "app_id=app" / "a.csv").write_text(
        "device_id,event_name,event_at\nd,level,2024-03-09\n"
    )
    said = told(tmp_path / "other's")
    assert f"Looking at {tmp_path}/other's/: 1 file(s)" in said
    assert (
        "events/app_id=app/a.csv: 1 row(s); columns device_id, event_name, event_at, app_id;"
        in said
    )
    ready = json.dumps({"providers": ["generic"], "raw_path": f"{tmp_path}/other's"})
    assert f"Ready: dbt build --vars {shlex.quote(ready)}".replace("'\"'\"'", "'\\''") in said


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("goal", ["check", "build"])
def test_make_names_a_folder_that_is_not_there(tmp_path: Path, goal: str):
    (tmp_path / "file.csv").write_text(lines(1))
    for folder in ("nowhere", "file.csv"):
        finished = subprocess.run(
            ["make", goal, f"RAW={tmp_path}/{folder}"],
            cwd=PROJECT_DIR,
            capture_output=True,
            text=True,
        )
        (said, *others) = finished.stderr.splitlines()
        assert f"{tmp_path}/{folder} is no folder of this machine: RAW=path/to/folder" in said
        assert finished.returncode and "dbt build" not in finished.stdout and len(others) <= 1


def test_folders_are_checked_by_one_parse_and_one_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.syspath_prepend(str(PROJECT_DIR / "ops" / "tools"))
    check = importlib.import_module("check")
    monkeypatch.setattr(check, "CHECK_DIR", tmp_path)
    monkeypatch.setattr(check.gc, "disable", lambda: None)
    monkeypatch.setenv("DUCKDB_PATH", "of the caller")
    monkeypatch.chdir(PROJECT_DIR)
    done: list[tuple] = []

    def run(command: str, options: dict[str, str], *words: str) -> bool:
        done.append((command, options, *words))
        Path(os.environ["DUCKDB_PATH"]).touch()
        return True

    monkeypatch.setattr(check, "run", run)
    for folder in ("/a b", "/it's"):
        assert check.main(json.dumps({"providers": ["generic"], "raw_path": folder})) == 0
    assert [call[0] for call in done] == ["seed", "run-operation", "run-operation"]
    assert len({call[1]["vars"] for call in done}) == 1
    assert [json.loads(call[1]["args"])["folder"] for call in done[1:]] == ["/a b", "/it's"]
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith("make build RAW='/a b'")
    assert shlex.split(said[1])[-1] == "RAW=/it's"
    # aliases are newer than the database
    os.utime(tmp_path / "check.duckdb", (0, 0))
    assert check.main('{"providers": [adjust, tenjin], "raw_path": "/c"}') == 0
    assert done[-2][0] == "seed" and json.loads(done[-1][1]["vars"])["providers"][0] == "adjust"
    assert 'PROVIDERS=\'["adjust", "tenjin"]\'' in capsys.readouterr().out


def test_a_database_holds_one_input(tmp_path: Path):
    pipeline = Pipeline(tmp_path, select=["+int_events"])
    (pipeline.events / "a.csv").write_text(lines(1))
    pipeline.run()
    # what it holds is no new file, and nothing is missing
    assert pipeline.dbt("run-operation", "check_input").success
    other = tmp_path / "other" / "events"
    other.mkdir(parents=True)
    (other / "b.csv").write_text(lines(1, prefix="o"))
    result = pipeline.run(vars={"raw_path": str(other.parent)}, check=False)
    assert not result.success
    assert "holds files in" in str(result) and str(other.parent) in str(result)
    assert "DUCKDB_PATH" in str(result)
    # the sample is another input, too
    result = pipeline.run(vars={"raw_path": None}, check=False)
    assert "and this run reads the bundled sample" in str(result)
    assert pipeline.count("intermediate.int_events") == 1


def test_files_that_lack_columns_are_named_at_once_with_the_likeliest_name(tmp_path: Path):
    pipeline = Pipeline(tmp_path, select=["+int_event_log"])
    (pipeline.events / "a.csv").write_text("app_idx,eventName,when_at,idfv\na,b,c,d\n")
    (pipeline.events / "b.csv").write_text("app_id,event_name,event_at,loaded\na,b,c,d\n")
    said = str(pipeline.run(check=False))
    assert "2 file(s) lack a column that is required" in said
    assert "events/a.csv" in said and "events/b.csv" in said
    assert "no column 'app_id' (is it 'app_idx'?)" in said
    assert "'device_id' or 'customer_user_id'" in said
    assert "seeds/column_aliases.csv" in said
    assert "put the files into a folder app_id=com.example.game/" in said


def test_a_name_that_would_be_two_columns_is_named(tmp_path: Path):
    """The seed has `device` as the model of a device; one more row for it is not passed over."""
    pipeline = Pipeline(tmp_path, select=["+int_event_log"])
    (pipeline.events / "a.csv").write_text("app,event,ts,Device\napp,level,2024-03-09,d\n")
    with pipeline.connect(read_only=False) as connection:
        connection.execute(
            "insert into seeds.column_aliases values ('generic', 'events', 'DEVICE', 'device_id')"
        )
    pipeline.point()
    checked = pipeline.dbt("run-operation", "check_input", check=False)
    for said in ("\n".join(checked.messages), str(pipeline.run(check=False))):
        assert "seeds/column_aliases.csv: of generic events" in said, said
        assert "is device_id and device_model: keep the row that is meant" in said
    with pipeline.connect(read_only=False) as connection:
        connection.execute(
            "delete from seeds.column_aliases where alias = 'device' and provider = 'generic'"
        )
    pipeline.run()
    assert pipeline.query("select device_id from intermediate.int_event_log") == [("d",)]


def test_platforms_are_known_by_the_same_names_in_all_feeds(tmp_path: Path):
    pipeline = Pipeline(tmp_path, select=["+int_ad_spend", "+int_ad_revenue"])
    pipeline.add([])
    for feed, first in (("ad_spend", "day,app,os,cost"), ("ad_revenue", "day,app,OS,revenue")):
        (pipeline.raw / feed).mkdir()
        (pipeline.raw / feed / "a.csv").write_text(f"{first}\n2024-03-09,app,iOS,5\n")
    pipeline.run()
    for feed in ("ad_spend", "ad_revenue"):
        assert pipeline.query(f"select platform from intermediate.int_{feed}") == [("ios",)]


def test_a_log_that_was_dropped_is_not_built_again_without_its_archived_files(tmp_path: Path):
    pipeline = Pipeline(tmp_path, select=["+int_events"])
    (pipeline.events / "a.csv").write_text(lines(1))
    (pipeline.events / "b.csv").write_text(lines(1, prefix="b"))
    pipeline.run()
    (pipeline.events / "a.csv").unlink()
    pipeline.run()
    with pipeline.connect(read_only=False) as connection:
        connection.execute("drop table intermediate.int_event_log cascade")
    result = pipeline.run(check=False)
    assert not result.success
    assert "events/a.csv" in str(result) and "accept_lost_loads" in str(result)


def commands_of_readme(folder: Path) -> list[list[str]]:
    """What README.md's commands for one's own events would run, word by word, as `make` has it."""
    section = (PROJECT_DIR / "README.md").read_text().split("**Your own events**")[1]
    section = section.split("Columns with other names")[0]
    commands = re.findall("^    ((?:export|make) [^#\\n]*?) *(?:#.*)?$", section, re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["export", "make", "make", "make"]
    script = "\n".join(command.replace("make ", "make -n ") for command in commands)
    script = script.replace("/path/to/folder", shlex.quote(str(folder)))
    said = subprocess.run(
        ["sh", "-ec", script], cwd=PROJECT_DIR, capture_output=True, text=True, check=True
    ).stdout
    return [shlex.split(line) for line in said.replace("\\\n", " ").splitlines()]


def test_a_folder_of_ones_own_is_built_and_passes_every_test(tmp_path: Path):
    """What README.md says: three formats, names of one's own, spend, a broken line."""
    pipeline = Pipeline(tmp_path)
    columns = ("appId", "userId", "eventName", "timestamp", "country")
    rows = [("app", f"user {n}", "level", f"2024-03-0{1 + n}T10:00:00Z", "na") for n in range(6)]
    texts = [",".join(columns), *map(",".join, rows[:2]), "broken,line", ""]
    (pipeline.events / "a.csv").write_text("\n".join(texts))
    objects = [json.dumps(dict(zip(columns, row, strict=True))) for row in rows[2:4]]
    (pipeline.events / "b.ndjson").write_text("\n".join(objects))
    with duckdb.connect() as connection:
        for n, row in enumerate(rows[4:]):
            cells = ", ".join(
                f"'{cell}' as {name}" for name, cell in zip(columns, row, strict=True)
            )
            connection.execute(f"copy (select {cells}) to '{pipeline.events}/{n}.parquet'")
    (pipeline.raw / "ad_spend").mkdir()
    (pipeline.raw / "ad_spend" / "a.csv").write_text("spend_date,app_id,spend\n2024-03-02,app,5\n")
    commands = commands_of_readme(pipeline.raw)
    (build,) = [words for words in commands if {"dbt", "build", "--vars"} <= set(words)]
    *said, _, variables = build[build.index("build") :]
    assert json.loads(variables) == {"providers": ["generic"], "raw_path": str(pipeline.raw)}
    pipeline.run(*said[1:], command=said[0])
    assert pipeline.count("core.fct_sessions") == 6
    # the check before it, of the same folder
    (check,) = [words for words in commands if "ops/tools/check.py" in words]
    assert check[-1] == variables
    # then it is published, summed up and shown
    assert any(word.endswith("published/own.duckdb") for words in commands for word in words)
    tools = [words[1] for words in commands[commands.index(build) :] if len(words) == 2]
    assert tools[:2] == ["ops/tools/publish.py", "ops/tools/summary.py"]
    database = pipeline.dbt.database
    finished = subprocess.run(
        [sys.executable, tools[1]],
        cwd=PROJECT_DIR,
        env=os.environ | {"DUCKDB_PATH": str(database), "PUBLISH_DIR": str(database.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Built 6 sessions of 6 users" in finished.stdout
