"""How files are taken in: which are new, changed, gone or not read, and what becomes of their rows.

A story is a folder of files that changes from run to run, for an app of its own; all stories share
the same runs, and the tables at the end equal those of one run over all files ever seen.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pipeline import Pipeline, assert_equal_tables

COLUMNS = ("event_id", "app_id", "platform", "device_id", "event_name", "event_at", "loaded_at")
EVENTS = ["+int_events", "+int_events_rejected", "+int_events_duplicates"]
AT = "2024-03-09 10:00:00"
LOADED = "2024-03-10 00:00:00"
LATER = "2024-03-11 00:00:00"

# ------------------------------------------------------------------------------------------ files


def event(name: str, **cells: Any) -> dict[str, Any]:
    """A row whose event_id and event_name are `name`; a cell of None is left out."""
    row = {
        "event_id": name,
        "app_id": None,  # the story's
        "platform": "ios",
        "device_id": "d",
        "event_name": name,
        "event_at": AT,
        "loaded_at": LOADED,
    }
    return row | cells


def names_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns of rows, in order of their first appearance."""
    return list(dict.fromkeys(name for row in rows for name in row))


def csv_bytes(rows: Sequence[Mapping[str, Any]], delimiter: str = ",") -> bytes:
    """Rows as a file with a header."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names_of(rows), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def tsv_bytes(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as a file with tabs."""
    return csv_bytes(rows, "\t")


def json_bytes(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as one object a line; a missing value is a missing key."""
    lines = [
        json.dumps({k: v for k, v in row.items() if v is not None}, ensure_ascii=False)
        for row in rows
    ]
    return ("\n".join(lines) + "\n").encode()


def parquet_bytes(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as Parquet: texts; and what is `(value, type)`, as that type."""
    return _copied(rows, "format parquet")


def zst_bytes(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as CSV, compressed by Zstandard."""
    return _copied(rows, "format csv, header, compression zstd")


def _copied(rows: Sequence[Mapping[str, Any]], how: str) -> bytes:
    selects = []
    for row in rows:
        cells = []
        for name in names_of(rows):
            value, kind = row.get(name), "varchar"
            if isinstance(value, tuple):
                value, kind = value
            literal = "null" if value is None else "'" + str(value).replace("'", "''") + "'"
            identifier = '"' + name.replace('"', '""') + '"'
            cells.append(f"cast({literal} as {kind}) as {identifier}")
        selects.append("select " + ", ".join(cells))
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"copied_{os.getpid()}"
    try:
        with duckdb.connect() as connection:
            connection.execute(f"copy ({' union all '.join(selects)}) to '{path}' ({how})")
        return path.read_bytes()
    finally:
        path.unlink(missing_ok=True)


def gz(writer: Callable[..., bytes]) -> Callable[..., bytes]:
    """A writer whose bytes are compressed by gzip."""
    return lambda rows: gzip.compress(writer(rows))


class Folder:
    """A pipeline, and beside it a folder with the last content of all files there ever were."""

    def __init__(self, path: Path, select: Sequence[str] = EVENTS, vars: dict | None = None):
        self.pipeline = Pipeline(path, select=select, vars=vars)
        self.kept = self.pipeline.kept

    def write(self, name: str, content: bytes) -> None:
        """A new or changed file."""
        for folder in (self.pipeline.raw, self.kept):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        shutil.copystat(self.pipeline.raw / name, self.kept / name)

    def archive(self, name: str) -> None:
        """A file goes."""
        (self.pipeline.raw / name).unlink()

    def restore(self, name: str) -> None:
        """A file comes back as it was."""
        shutil.copy2(self.kept / name, self.pipeline.raw / name)

    def change(self, files: Mapping[str, bytes | None]) -> None:
        """Write files; None archives one."""
        for name, content in files.items():
            if content is None:
                self.archive(name)
            else:
                self.write(name, content)

    def assert_equals_all_files_at_once(self) -> None:
        """The tables equal those of one run over all files there ever were, as last seen."""
        assert_equal_tables(self.pipeline, self.pipeline.rebuilt("twin", raw=self.kept))


def accepted(pipeline: Pipeline, app: str, columns: str = "loaded_at") -> dict[str, Any]:
    """A column of the accepted events of an app, by their names; times as text."""
    return dict(
        pipeline.query(
            f"select event_name, {columns} from intermediate.int_events where app_id = '{app}'"
        )
    )


# ---------------------------------------------------------------------------------------- stories


@dataclass
class Story:
    """Files that change from run to run, and which events are there after each.

    Arguments:
        steps: per run, the files that change, by their paths below the folder of events: rows as
            CSV, (writer, rows), bytes, `Twice`, or None where a file is archived; `{app}` is the
            story's app.
        expected: per run, the accepted events: their names, each with the revenue.
        duplicates: names of the events that have copies, at the end.
        refused: how often what reason is given, at the end.
    """

    steps: list[dict[str, Any]]
    expected: list[dict[str, float | None]]
    duplicates: list[str] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)


@dataclass
class Twice:
    """What is written to a file between two runs: one content, then another."""

    first: Any
    then: Any


def paid(name: str, revenue: float | str | None, **cells: Any) -> dict[str, Any]:
    """An event with revenue."""
    return event(name, revenue=revenue, currency="USD", **cells)


HEADER = b",".join(name.encode() for name in COLUMNS) + b"\n"
ONE, TWO = [paid("e0", 1), paid("e1", 2)], [paid("e2", 3), paid("e3", 4)]
LINES = csv_bytes([row | {"app_id": "{app}"} for row in ONE])
BOTH = {"e0": 1, "e1": 2, "e2": 3, "e3": 4}
A, B, C = "{app}_a.csv", "{app}_b.csv", "{app}_c.csv"
STORIES = {
    # case 2
    "another file of the same load time": Story(
        [{A: ONE}, {A: None, B: TWO}], [{"e0": 1, "e1": 2}, BOTH]
    ),
    "another file of the same load time beside the first": Story(
        [{A: ONE}, {B: TWO}], [{"e0": 1, "e1": 2}, BOTH]
    ),
    "the other file first": Story([{B: TWO}, {A: ONE, B: None}], [{"e2": 3, "e3": 4}, BOTH]),
    "as many rows of the same load time in place of the first": Story(
        [{A: ONE}, {A: None, B: TWO}, {A: ONE, B: None}], [{"e0": 1, "e1": 2}, BOTH, BOTH], []
    ),
    "a file renamed to an earlier name": Story(
        [{B: ONE}, {B: None, A: ONE}], 2 * [{"e0": 1, "e1": 2}], ["e0", "e1"]
    ),
    "files without load times": Story(
        [
            {A: [{k: v for k, v in row.items() if k != "loaded_at"} for row in ONE]},
            {A: None, B: [{k: v for k, v in row.items() if k != "loaded_at"} for row in TWO]},
        ],
        [{"e0": 1, "e1": 2}, BOTH],
    ),
    # case 3
    "a corrected file": Story([{A: [paid("e0", 5)]}, {A: [paid("e0", 6)]}], [{"e0": 5}, {"e0": 6}]),
    "a corrected row among others": Story(
        [{A: ONE}, {A: [ONE[0], paid("e1", 9)]}], [{"e0": 1, "e1": 2}, {"e0": 1, "e1": 9}]
    ),
    "a corrected row without an id": Story(
        [
            {A: [paid("e0", 5, event_id="")]},
            {A: [paid("e0", 6, event_id="")]},
            {A: [paid("e0", 6, event_id=""), paid("e1", 6, event_id="")]},
        ],
        [{"e0": 5}, {"e0": 6}, {"e0": 6, "e1": 6}],
    ),
    "corrected twice between two runs": Story(
        [{A: ONE}, {A: Twice([paid("e0", 7)], [paid("e0", 8)])}], [{"e0": 1, "e1": 2}, {"e0": 8}]
    ),
    "corrected, then as before": Story(
        [{A: ONE}, {A: TWO}, {A: ONE}], [{"e0": 1, "e1": 2}, {"e2": 3, "e3": 4}, {"e0": 1, "e1": 2}]
    ),
    "corrected in what decides nothing": Story(
        [{A: [event("e0", os_version="1")]}, {A: [event("e0", os_version="2")]}],
        [{"e0": None}, {"e0": None}],
    ),
    "another order of rows": Story([{A: ONE + TWO}, {A: TWO + ONE}], [BOTH, BOTH]),
    "written again with the same content": Story(
        [{A: ONE}, {A: ONE}, {A: ONE}], 3 * [{"e0": 1, "e1": 2}]
    ),
    # files in other cuts
    "a split file": Story(
        [{A: ONE + TWO}, {A: None, B: ONE, C: TWO}], [BOTH, BOTH], ["e0", "e1", "e2", "e3"]
    ),
    "a file split and kept": Story([{A: ONE + TWO}, {A: ONE, C: TWO}], [BOTH, BOTH]),
    "merged files": Story(
        [{A: ONE, B: TWO}, {A: None, B: None, C: ONE + TWO}], [BOTH, BOTH], ["e0", "e1", "e2", "e3"]
    ),
    "merged into one of them": Story(
        [{A: ONE, B: TWO}, {A: ONE + TWO, B: None}], [BOTH, BOTH], ["e2", "e3"]
    ),
    "a renamed file": Story([{A: ONE}, {A: None, B: ONE}], 2 * [{"e0": 1, "e1": 2}], ["e0", "e1"]),
    "two files that change names": Story([{A: ONE, B: TWO}, {A: TWO, B: ONE}], [BOTH, BOTH]),
    "a renamed and corrected file": Story(
        # the archived file's rows stay, and the earliest load counts, ties by content
        [{A: ONE}, {A: None, B: [paid("e1", 7, loaded_at=LATER), paid("e5", 7, loaded_at=LATER)]}],
        [{"e0": 1, "e1": 2}, {"e0": 1, "e1": 2, "e5": 7}],
        ["e1"],
    ),
    "a truncated file": Story([{A: ONE + TWO}, {A: ONE}], [BOTH, {"e0": 1, "e1": 2}]),
    "a file without its rows": Story([{A: ONE}, {A: HEADER}], [{"e0": 1, "e1": 2}, {}]),
    "a grown file": Story([{A: ONE}, {A: ONE + TWO}], [{"e0": 1, "e1": 2}, BOTH]),
    "a file that begins with a header": Story([{A: HEADER}, {A: ONE}], [{}, {"e0": 1, "e1": 2}]),
    "a file that begins empty": Story([{A: b""}, {A: ONE}], [{}, {"e0": 1, "e1": 2}]),
    # what can no longer be read is as good as gone
    "a file that is emptied": Story(
        [{A: ONE}, {A: b""}, {A: [paid("e0", 5)]}],
        [{"e0": 1, "e1": 2}, {"e0": 1, "e1": 2}, {"e0": 5}],
    ),
    "an archived file that is back": Story(
        [{A: ONE}, {A: None}, {A: ONE}], 3 * [{"e0": 1, "e1": 2}]
    ),
    "an archived file that is back with other rows": Story(
        [{A: ONE}, {A: None}, {A: [paid("e0", 5), *TWO]}],
        [{"e0": 1, "e1": 2}, {"e0": 1, "e1": 2}, {"e0": 5, "e2": 3, "e3": 4}],
    ),
    # copies
    "two files with the same rows": Story(
        [{A: ONE, B: ONE}, {A: None}, {B: None}], 3 * [{"e0": 1, "e1": 2}], ["e0", "e1"]
    ),
    "two files with the same rows, one of which changes": Story(
        [{A: ONE, B: ONE}, {A: TWO}], [{"e0": 1, "e1": 2}, BOTH]
    ),
    "two files with the same rows, both of which change": Story(
        [{A: ONE, B: ONE}, {A: TWO, B: TWO}],
        [{"e0": 1, "e1": 2}, {"e2": 3, "e3": 4}],
        ["e2", "e3"],
    ),
    "a row three times in one file": Story(
        [{A: 3 * [ONE[0]]}, {A: 2 * [ONE[0]]}], 2 * [{"e0": 1}], ["e0"]
    ),
    "the counted copy goes": Story(
        [{A: [paid("e0", 1), *TWO], B: [paid("e0", 2, loaded_at=LATER)]}, {A: TWO}],
        [{"e0": 1, "e2": 3, "e3": 4}, {"e0": 2, "e2": 3, "e3": 4}],
    ),
    "the counted copy goes, and comes back": Story(
        [
            {A: [paid("e0", 1)], B: [paid("e0", 2, loaded_at=LATER)]},
            {A: TWO},
            {A: [paid("e0", 1)]},
        ],
        [{"e0": 1}, {"e0": 2, "e2": 3, "e3": 4}, {"e0": 1}],
        ["e0"],
    ),
    "the counted copy is loaded later": Story(
        [
            {A: [paid("e0", 1)], B: [paid("e0", 2, loaded_at=LATER)]},
            {A: [paid("e0", 1, loaded_at="2024-03-12 00:00:00")]},
        ],
        [{"e0": 1}, {"e0": 2}],
        ["e0"],
    ),
    "the other copy is loaded earlier": Story(
        [
            {A: [paid("e0", 1)], B: [paid("e0", 2, loaded_at=LATER)]},
            {B: [paid("e0", 2, loaded_at="2024-03-09 20:00:00")]},
        ],
        [{"e0": 1}, {"e0": 2}],
        ["e0"],
    ),
    "the counted copy is refused": Story(
        [
            {A: [paid("e0", 1)], B: [paid("e0", 2, loaded_at=LATER)]},
            {A: [paid("e0", 1, device_id="")]},
        ],
        [{"e0": 1}, {"e0": 2}],
        refused={"missing_actor": 1},
    ),
    "a refused row is mended": Story(
        [
            {A: [paid("e0", 1, device_id="")], B: [paid("e0", 2, loaded_at=LATER)]},
            {A: [paid("e0", 1)]},
        ],
        [{"e0": 2}, {"e0": 1}],
        ["e0"],
    ),
    "the counted copy moves to another app": Story(
        [
            {A: [paid("e0", 1)], B: [paid("e0", 2, loaded_at=LATER)]},
            {A: [paid("e0", 1, app_id="elsewhere")]},
        ],
        [{"e0": 1}, {"e0": 2}],
    ),
    "the counted copy's file is archived": Story(
        [{A: [paid("e0", 1)], B: [paid("e0", 2, loaded_at=LATER)]}, {A: None}],
        [{"e0": 1}, {"e0": 1}],
        ["e0"],
    ),
    "an earlier copy in a file that comes later": Story(
        [{B: [paid("e0", 2, loaded_at=LATER)]}, {A: [paid("e0", 1)]}, {A: TWO}],
        [{"e0": 2}, {"e0": 1}, {"e0": 2, "e2": 3, "e3": 4}],
    ),
    # case 6
    "a refused row that claims to be loaded in a year": Story(
        [
            {A: [ONE[0], event("typo", app_id="", loaded_at="2025-03-10 00:00:00")]},
            {B: [paid("e1", 2, loaded_at=LATER)]},
        ],
        [{"e0": 1}, {"e0": 1, "e1": 2}],
        refused={"missing_app_id": 1},
    ),
    # case 7
    "refusals beside a file with another column": Story(
        [
            {A: LINES + f"bad,line\nx,{{app}},ios,d,five,{AT},{LOADED},five,USD\n".encode()},
            {B: [paid("e2", 3, country="DE")]},
        ],
        [{"e0": 1, "e1": 2, "five": None}, {"e0": 1, "e1": 2, "five": None, "e2": 3}],
        refused={"unreadable_line": 1},
    ),
    "a broken line is mended": Story(
        [{A: LINES + b"bad,line\n"}, {A: ONE}], 2 * [{"e0": 1, "e1": 2}]
    ),
    "a broken line comes and goes with its file": Story(
        [{A: LINES + b"bad,line\n"}, {A: None}, {A: ONE + TWO}],
        [{"e0": 1, "e1": 2}, {"e0": 1, "e1": 2}, BOTH],
    ),
    # case 8
    "folders and columns": Story(
        [
            {
                "platform=ios/country=DE/{app}.csv": [
                    {k: v for k, v in row.items() if k != "platform"} for row in ONE
                ]
            },
            {B: TWO},
        ],
        [{"e0": 1, "e1": 2}, BOTH],
    ),
    "another format for the same name": Story(
        [{A: ONE}, {A: None, "{app}_a.parquet": (parquet_bytes, ONE)}],
        2 * [{"e0": 1, "e1": 2}],
        ["e0", "e1"],
    ),
    "columns in another order, and more of them": Story(
        [{A: ONE}, {A: [dict(reversed(paid("e0", 5, country="DE", colour="x").items()))]}],
        [{"e0": 1, "e1": 2}, {"e0": 5}],
    ),
}
for _name, _writer in {
    ".tsv": tsv_bytes,
    ".json": json_bytes,
    ".jsonl": json_bytes,
    ".ndjson": json_bytes,
    ".parquet": parquet_bytes,
    ".csv.gz": gz(csv_bytes),
    ".tsv.gz": gz(tsv_bytes),
    ".ndjson.gz": gz(json_bytes),
    ".csv.zst": zst_bytes,
    ".CSV": csv_bytes,
    ".NdJson": json_bytes,
    ".PARQUET": parquet_bytes,
    ".Csv.GZ": gz(csv_bytes),
}.items():
    STORIES[f"a changed {_name}"] = Story(
        [
            {f"{{app}}{_name}": (_writer, ONE)},
            {f"{{app}}{_name}": (_writer, [paid("e0", 7), *TWO])},
        ],
        [{"e0": 1, "e1": 2}, {"e0": 7, "e2": 3, "e3": 4}],
    )
APP = {what: f"app_{number:02}" for number, what in enumerate(STORIES)}
RUNS = max(len(story.steps) for story in STORIES.values())


def content(app: str, given: Any) -> bytes:
    """A step's file as bytes."""
    if isinstance(given, bytes):
        return given.replace(b"{app}", app.encode())
    writer, rows = given if isinstance(given, tuple) else (csv_bytes, given)
    return writer(
        [{k: app if k == "app_id" and v is None else v for k, v in row.items()} for row in rows]
    )


@dataclass
class Told:
    """What all stories came to: per run and app, the accepted events with their revenue."""

    folder: Folder
    events: list[dict[str, dict[str, float | None]]]
    duplicates: dict[str, list[str]]
    refused: dict[str, dict[str, int]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All stories, run by run; those that are over keep their files."""
    folder = Folder(tmp_path_factory.mktemp("stories"))
    pipeline = folder.pipeline
    events: list[dict[str, dict[str, float | None]]] = []
    for run in range(RUNS):
        for what, story in STORIES.items():
            for name, given in (story.steps[run] if run < len(story.steps) else {}).items():
                path = f"events/{name.replace('{app}', APP[what])}"
                if given is None:
                    folder.archive(path)
                    continue
                for version in (given.first, given.then) if isinstance(given, Twice) else (given,):
                    folder.write(path, content(APP[what], version))
        pipeline.run()
        found: dict[str, dict[str, float | None]] = {app: {} for app in APP.values()}
        for app, name, revenue in pipeline.query(
            "select app_id, event_name, revenue::double from intermediate.int_events"
        ):
            if app in found:
                assert name not in found[app], f"{name} of {app} is there twice"
                found[app][name] = revenue
        events.append(found)
    duplicates: dict[str, list[str]] = {}
    for app, name in pipeline.query(
        "select app_id, event_name from intermediate.int_events_duplicates order by all"
    ):
        duplicates.setdefault(app, []).append(name)
    refused: dict[str, dict[str, int]] = {}
    for app, reason, count in pipeline.query(
        "select regexp_extract(file_name, 'app_[0-9]+'), rejection_reason, count(*)"
        " from intermediate.int_events_rejected group by all"
    ):
        refused.setdefault(app, {})[reason] = count
    return Told(folder, events, duplicates, refused)


@pytest.mark.parametrize("what", STORIES)
def test_story(told: Told, what: str):
    story, app = STORIES[what], APP[what]
    expected = story.expected + (RUNS - len(story.expected)) * [story.expected[-1]]
    assert [events[app] for events in told.events] == expected
    assert told.duplicates.get(app, []) == story.duplicates
    assert told.refused.get(app, {}) == story.refused


def test_stories_end_as_if_all_files_had_come_at_once(told: Told):
    told.folder.assert_equals_all_files_at_once()


def test_another_run_reads_no_file_and_writes_no_row(told: Told):
    pipeline = told.folder.pipeline
    rows = "select count(*), bit_xor(hash(rowid, l)) from intermediate.int_event_log as l"
    before = pipeline.query(rows)
    pipeline.run()
    assert pipeline.query(rows) == before
    assert pipeline.count("intermediate.state_files", "status = 'pending'") == 0


# ---------------------------------------------------------------------------------- what is read

FORMATS: dict[str, Callable[..., bytes]] = {
    "csv": csv_bytes,
    "tsv": tsv_bytes,
    "ndjson": json_bytes,
    "parquet": parquet_bytes,
    "csv.gz": gz(csv_bytes),
    "jsonl.gz": gz(json_bytes),
    "csv.zst": zst_bytes,
}


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    """A row that lacks columns."""
    return {name: value for name, value in row.items() if name not in names}


def rows_for(app: str, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of an app."""
    return [{name: app if name == "app_id" else cell for name, cell in r.items()} for r in rows]


def test_which_files_are_read_and_what_the_others_are_called(tmp_path: Path):
    """Cases 9 and 10."""
    folder = Folder(tmp_path)
    read = {
        "good.csv": csv_bytes,
        "UPPER.CSV": csv_bytes,
        "x.ndjson": json_bytes,
        "no.letters.here.JSONL.gz": gz(json_bytes),
        "sub/folder/deep.tsv": tsv_bytes,
        "_dt=2024-03-10/keyed.csv": csv_bytes,
        "with space and ümlaut/ü.csv": csv_bytes,
    }
    passed_over = {
        ".hidden.csv": csv_bytes,
        ".folder/a.csv": csv_bytes,
        "_temporary/0/part-0.parquet": parquet_bytes,
        "_delta_log/00000000000000000010.checkpoint.parquet": parquet_bytes,
        "_SUCCESS": csv_bytes,
        "sub/_started_1.csv": csv_bytes,
    }
    not_read = {"part-00000.gz": gz(csv_bytes), "x.txt": csv_bytes, "x.parquet.gz": gz(csv_bytes)}
    for name, writer in {**read, **passed_over, **not_read}.items():
        folder.write(f"events/{name}", writer(rows_for("app", event(name))))
    folder.write("events/array.json", json.dumps(rows_for("app", event("array"))).encode())
    folder.write("events/nothing.csv", b"")
    pipeline = folder.pipeline
    pipeline.run()
    assert set(accepted(pipeline, "app")) == set(read)
    named = dict(
        pipeline.query(
            "select file_name, reason from intermediate.state_files where status = 'not_read'"
        )
    )
    endings = (
        "its name ends in none of .parquet, .csv, .tsv, .json, .jsonl, .ndjson"
        " (text also .gz or .zst)"
    )
    assert named == {
        "events/part-00000.gz": endings,
        "events/x.txt": endings,
        "events/x.parquet.gz": endings,
        "events/array.json": "it is not JSON with one object a line",
        "events/nothing.csv": "it is empty",
    }
    statuses = dict(
        pipeline.query(
            "select file_name, status from intermediate.state_files where feed is not null"
        )
    )
    assert {name for name, status in statuses.items() if status == "read"} == {
        f"events/{name}" for name in read
    }
    assert not [name for name in statuses if name.removeprefix("events/") in passed_over]
    # one that was not read goes, and is forgotten; a hidden one comes into view
    folder.archive("events/x.txt")
    folder.archive("events/.hidden.csv")
    folder.write("events/hidden.csv", csv_bytes(rows_for("app", event(".hidden.csv"))))
    pipeline.run()
    assert set(accepted(pipeline, "app")) == {*read, ".hidden.csv"}
    assert pipeline.count("intermediate.state_files", "file_name like '%x.txt'") == 0


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """One run over files of many apps, each for one test below."""
    folder = Folder(tmp_path_factory.mktemp("values"), vars={"load_lookback_days": 3})

    # case 1
    hostile = {'size 5"': "x", "a); drop table t; --": "y", "{{ 7 * 7 }}": "z", "/*": "", "x;y": ""}
    for name, writer in FORMATS.items():
        row = event("e0", **hostile)
        folder.write(f"events/case1.{name}", writer(rows_for(f"case1_{name}", row)))

    # case 8: folders say what files do not, whatever the format
    for name, writer in FORMATS.items():
        path = f"events/platform=ios/country=DE/app_id=case8_{name}/part.{name}"
        folder.write(path, writer([without(event("folder"), "platform", "app_id")]))
        own = event("own", platform="android", country="FR")
        path = f"events/platform=ios/country=DE/app_id=nobody/part.{name}"
        folder.write(path, writer(rows_for(f"case8_{name}", own)))
        for key in (
            "Platform=web",
            "country=a%20b",
            "country=%E4",
            "country=__HIVE_DEFAULT_PARTITION__",
        ):
            path = f"events/{key}/part.{name}"
            row = without(event(key), "platform") if key.startswith("Platform") else event(key)
            folder.write(path, writer(rows_for(f"case8_{name}", row)))

    # loaded_at of a folder, of a name, of the file
    for name, writer in FORMATS.items():
        for path, at in {
            "dt=2024-03-10/h=05/a": "2024-03-10 06:00:00",
            "date=2024-03-10/hour=23/a": "2024-03-11 00:00:00",
            "2024/03/10/a": "2024-03-11 00:00:00",
            "2024/03/10/07/a": "2024-03-10 08:00:00",
            "year=2024/month=03/day=10/a": "2024-03-11 00:00:00",
            "events_20240310": "2024-03-11 00:00:00",
            "export-2024-03-10-07": "2024-03-10 08:00:00",
            "2024-03-01_2024-03-10": "2024-03-11 00:00:00",
        }.items():
            row = without(event(at + " " + path), "loaded_at")
            folder.write(f"events/{name}/{path}.{name}", writer(rows_for(f"path_{name}", row)))
        path = f"events/modified.{name}"
        row = without(event("modified"), "loaded_at")
        folder.write(path, writer(rows_for(f"path_{name}", row)))
        os.utime(folder.pipeline.raw / path, (1_710_072_000, 1_710_072_000))  # 2024-03-10 12:00

    # case 15
    kinds = ("bigint", "double", "decimal(20, 2)", "varchar", "hugeint", "integer", "float")
    number = "8388608"  # the greatest whole number that each of them holds, and all below it
    for kind in kinds:
        row = event(f"device {kind}", event_id=(number, kind), device_id=(number, kind))
        row["campaign_id"] = (number, kind)
        folder.write(f"events/case15_{kind[:6]}.parquet", parquet_bytes(rows_for("case15", row)))
    text = event("device text", event_id="8388608.0", device_id="8388608.00", campaign_id=number)
    folder.write("events/case15.csv", csv_bytes(rows_for("case15", text)))
    large = [
        event(f"large {kind}", device_id=("1234567890123456789", kind))
        for kind in ("bigint", "decimal(38, 0)", "varchar")
    ]
    for place, row in enumerate(large):
        folder.write(
            f"events/case15_large_{place}.parquet", parquet_bytes(rows_for("case15_large", row))
        )

    # case 16
    nulls = ["", " ", "null", "NONE", "Nil", "nan", "N/A", "na", "#N/A", "-", "--", "\\N"]
    nulls += ["(null)", "(none)", "(not set)", "Unknown", "undefined", "0", "000", "{00-00}", "0:0"]
    rows = [
        event(f"{device}{place}", event_id=text, device_id=f"d{device}")
        for place, text in enumerate(nulls)
        for device in range(3)
    ]
    folder.write("events/case16.csv", csv_bytes(rows_for("case16", *rows)))
    # case 17
    rows = [
        event(f"{customer}{place}", device_id=text, customer_user_id=f"c{customer}")
        for place, text in enumerate(nulls)
        for customer in range(2)
    ]
    folder.write("events/case17.csv", csv_bytes(rows_for("case17", *rows)))
    # case 18, and optional values that are null or unreadable
    rows = [event("good"), event("1.0", is_reengagement="1.0"), event("t", is_reengagement="T")]
    rows += [event(text, revenue=text, is_activity=text, country=text) for text in nulls[2:17]]
    rows += [
        event("text", revenue="five", currency="USD"),
        event("flag", is_reengagement="maybe"),
        event("minus", revenue="-5", currency="USD"),
        event("impression", ad_revenue_usd="-0.1"),
        event("duration", duration_seconds="-1"),
        event("install", installed_at="2099-01-01"),
        event("received", received_at="soon"),
        event("two", revenue="x", is_activity="maybe"),
    ]
    folder.write("events/case18.csv", csv_bytes(rows_for("case18", *rows)))
    # case 22
    rows = [
        event("late install", installed_at="2024-03-09 10:20:00", loaded_at="2024-03-09 10:00:01"),
        event("early install", installed_at="2007-12-31 23:59:59"),
        event("install", installed_at="2024-03-09 09:00:00"),
        event("skewed install", installed_at="2024-03-10 00:15:00"),
        event("push", is_activity="false", installed_at="2024-03-10 00:15:01"),
    ]
    folder.write("events/case22.csv", csv_bytes(rows_for("case22", *rows)))
    # case 23
    amounts = ("0.0000004", "0.00007912", "0.00000079", "4e-7", "0.0000000004", "123456.123456789")
    rows = [event(amount, ad_revenue_usd=amount) for amount in amounts]
    for name, writer in FORMATS.items():
        folder.write(f"events/case23.{name}", writer(rows_for(f"case23_{name}", *rows)))

    folder.pipeline.run()
    return folder.pipeline


@pytest.mark.parametrize("form", FORMATS)
def test_names_of_columns_are_data(values: Pipeline, form: str):
    """Case 1."""
    assert set(accepted(values, f"case1_{form}")) == {"e0"}


@pytest.mark.parametrize("form", FORMATS)
def test_folders_say_what_files_do_not(values: Pipeline, form: str):
    """Case 8."""
    assert accepted(values, f"case8_{form}", "[platform, country]") == {
        "folder": ["ios", "DE"],
        "own": ["android", "FR"],
        "Platform=web": ["web", None],
        "country=a%20b": ["ios", "A B"],
        "country=%E4": ["ios", "%E4"],
        "country=__HIVE_DEFAULT_PARTITION__": ["ios", None],
    }


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_says_when_its_rows_were_loaded(values: Pipeline, form: str):
    found = accepted(values, f"path_{form}", "loaded_at::varchar")
    assert found.pop("modified") == "2024-03-10 12:00:00"
    assert len(found) == 8
    for name, loaded_at in found.items():
        assert name.startswith(loaded_at), name


def test_a_whole_number_is_one_id_however_it_is_stored(values: Pipeline):
    """Case 15."""
    logged = values.query(
        "select event_status, count(*), list_sort(list(distinct user_id)), list(distinct event_id),"
        " list(distinct campaign_id) from intermediate.int_event_log where app_id = 'case15'"
        " group by 1 order by 1"
    )
    one = (["8388608"], ["8388608"], ["8388608"])
    assert logged == [("accepted", 1, *one), ("duplicate", 7, *one)]
    assert set(accepted(values, "case15_large", "user_id").values()) == {"1234567890123456789"}


def test_an_id_that_means_null_is_none(values: Pipeline):
    """Cases 16 and 17."""
    assert len(accepted(values, "case16")) == 63
    found = values.query(
        "select count(*), count(distinct event_id), count(distinct user_id)"
        " from intermediate.int_events where app_id = 'case16'"
    )
    assert found == [(63, 63, 3)]
    users = values.query(
        "select user_id, count(*) from intermediate.int_events where app_id = 'case17'"
        " group by 1 order by 1"
    )
    assert users == [("c0", 21), ("c1", 21)]


def test_an_optional_value_that_cannot_be_read_is_null_and_noted(values: Pipeline):
    """Case 18."""
    found = {
        name: cells
        for name, *cells in values.query(
            "select event_name, revenue::double, ad_revenue_usd::double, duration_seconds::double,"
            " is_reengagement, is_activity, installed_at::varchar, country from"
            " intermediate.int_events where app_id = 'case18'"
        )
    }
    nothing = [None, None, None, None, True, None, None]
    assert found.pop("1.0") == found.pop("t") == [None, None, None, True, True, None, None]
    assert found.pop("minus") == [-5, *nothing[1:]]
    namibia = {"na": [*nothing[:6], "NA"]}
    assert found == dict.fromkeys(found, nothing) | namibia
    assert len(found) == 23
    notes = dict(
        values.query(
            "select event_name, noted_columns from intermediate.int_event_log"
            " where app_id = 'case18' and noted_columns is not null"
        )
    )
    assert {name: sorted(columns.split()) for name, columns in notes.items()} == {
        "text": ["revenue"],
        "flag": ["is_reengagement"],
        "impression": ["ad_revenue_usd"],
        "duration": ["duration_seconds"],
        "install": ["installed_at"],
        "received": ["received_at"],
        "two": ["is_activity", "revenue"],
    }
    raw = dict(
        values.query(
            "select event_name, raw_row from intermediate.int_event_log"
            " where app_id = 'case18' and raw_row is not null"
        )
    )
    assert json.loads(raw["text"])["revenue"] == "five"
    assert json.loads(raw["flag"])["is_reengagement"] == "maybe"


def test_an_install_time_that_cannot_be_refuses_no_event(values: Pipeline):
    """Case 22."""
    assert accepted(values, "case22", "installed_at::varchar") == {
        "late install": None,
        "early install": None,
        "install": "2024-03-09 09:00:00",
        "skewed install": "2024-03-10 00:15:00",
        "push": None,
    }


@pytest.mark.parametrize("form", FORMATS)
def test_small_amounts_are_kept(values: Pipeline, form: str):
    """Case 23."""
    found = accepted(values, f"case23_{form}", "ad_revenue_usd")
    assert found == {
        "0.0000004": Decimal("0.000000400"),
        "0.00007912": Decimal("0.000079120"),
        "0.00000079": Decimal("0.000000790"),
        "4e-7": Decimal("0.000000400"),
        "0.0000000004": Decimal("0.000000000"),
        "123456.123456789": Decimal("123456.123456789"),
    }


# ------------------------------------------------------------------------------- runs by themselves


def spend(amount: str, **cells: str) -> dict[str, str]:
    """A row of ad_spend."""
    row = {
        "spend_date": "2024-03-09",
        "app_id": "app",
        "platform": "ios",
        "channel": "net",
        "campaign_id": "c",
        "spend": amount,
        "currency": "USD",
    }
    return row | cells


def test_spend_and_apps_are_kept_when_their_files_go(tmp_path: Path):
    """Cases 5 and 11, and what changes in small feeds."""
    marts = ["+mart_rejections", "+mart_data_quality", "stg_tenjin__campaigns"]
    folder = Folder(
        tmp_path,
        vars={"providers": ["generic", "tenjin"]},
        select=[*EVENTS, "+fct_ad_spend", *marts],
    )
    pipeline = folder.pipeline

    def refused() -> list[tuple[Any, ...]]:
        return pipeline.query(
            "select provider, feed, rejection_reason, min(example), sum(row_count)"
            " from marts.mart_rejections where feed not in ('events', 'ad_spend') group by all"
            " order by all"
        )

    def spent() -> dict[str, float]:
        return dict(
            pipeline.query(
                "select campaign_id, sum(spend_usd)::double from core.fct_ad_spend group by 1"
            )
        )

    folder.write("tenjin/events/a.csv", csv_bytes([TENJIN_EVENT | {"app_id": "of tenjin"}]))
    # a column that nobody asked for, in every format, of rows that are refused, too
    ip = {"ip": "203.0.113.7"}
    refused_rows = [event("no device", device_id="", **ip), event("no time", event_at="soon", **ip)]
    good = [event("a", **ip), event("b", **ip)]
    folder.write("events/a.csv", csv_bytes(rows_for("app", *good, *refused_rows)))
    folder.write("events/b.ndjson", json_bytes(rows_for("other", event("o", **ip))))
    folder.write("events/c.parquet", parquet_bytes(rows_for("third", event("t", **ip))))
    folder.write("ad_spend/march.csv", csv_bytes([spend("10", updated_at=LOADED, **ip)]))
    folder.write("ad_spend/april.parquet", parquet_bytes([spend("7", campaign_id="d", **ip)]))
    # case 11: a short line
    folder.write(
        "apps/apps.csv", b"app_id,platform,app_name\napp,ios,The app\nshort\nother,ios,O\n"
    )
    pipeline.run()
    assert spent() == {"c": 10, "d": 7}
    assert set(accepted(pipeline, "app")) == {"a", "b"}
    assert set(accepted(pipeline, "third")) == set()
    assert pipeline.query(
        "select file_name, unreadable_line is not null, count(*)"
        " from intermediate.state_file_rows where feed = 'apps' group by all order by all"
    ) == [("apps/apps.csv", False, 2), ("apps/apps.csv", True, 1)]
    assert refused() == [("generic", "apps", "unreadable_line", "no id, file apps/apps.csv", 1)]

    # archived, changed, new
    folder.archive("ad_spend/march.csv")
    folder.write("ad_spend/april.parquet", parquet_bytes([spend("8", campaign_id="d")]))
    folder.write("ad_spend/may.ndjson", json_bytes([spend("9", campaign_id="e", **ip)]))
    folder.archive("apps/apps.csv")
    pipeline.run()
    assert spent() == {"c": 10, "d": 8, "e": 9}
    assert set(accepted(pipeline, "app")) == {"a", "b"}
    assert set(accepted(pipeline, "third")) == set()

    # restated by a file of its own; an app more
    folder.write("ad_spend/march_2.csv", csv_bytes([spend("6", updated_at=LATER)]))
    folder.write(
        "apps/more.csv", b"app_id,platform,app_name\nthird,ios,Third\n,ios,\nshort\nshort\n"
    )
    folder.write(
        "tenjin/campaigns/a.csv", b"id,name,app_id,updated_at\nc,C,app,soon\n,D,app,\nshort\n"
    )
    folder.write("tenjin/ad_networks/a.csv", b"id,name\n7,N\n,O\n")
    folder.write("tenjin/publisher_apps/a.csv", b"id,app_id\np,app\nshort\n")
    pipeline.run()
    in_campaigns = "file tenjin/campaigns/a.csv"
    assert refused() == [
        ("generic", "apps", "missing_app_id", "no id, file apps/more.csv", 1),
        ("generic", "apps", "unreadable_line", "no id, file apps/apps.csv", 1 + 2),
        (
            *("tenjin", "ad_networks", "missing_ad_network_id"),
            *("no id, file tenjin/ad_networks/a.csv", 1),
        ),
        ("tenjin", "campaigns", "invalid_updated_at", f"c, {in_campaigns}", 1),
        ("tenjin", "campaigns", "missing_campaign_id", f"no id, {in_campaigns}", 1),
        ("tenjin", "campaigns", "unreadable_line", f"no id, {in_campaigns}", 1),
        (
            *("tenjin", "publisher_apps", "unreadable_line"),
            *("no id, file tenjin/publisher_apps/a.csv", 1),
        ),
    ]
    assert pipeline.query(
        "select feed, sum(raw_row_count), sum(accepted_count), sum(rejected_count)"
        " from marts.mart_data_quality where feed in ('apps', 'campaigns') group by 1 order by 1"
    ) == [("apps", 7, 3, 4), ("campaigns", 3, 1, 2)]
    lists = ["stg_generic__apps", "stg_tenjin__campaigns", "mart_data_quality", "mart_rejections"]
    pipeline.dbt("test", "--select", *lists, "assert_every_row_of_a_feed_is_accounted_for")
    assert spent() == {"c": 6, "d": 8, "e": 9}
    assert set(accepted(pipeline, "third")) == {"t"}

    # a corrected list no longer has an app
    folder.write("apps/apps.csv", b"app_id,platform,app_name\napp,ios,The app\n")
    pipeline.run()
    assert set(accepted(pipeline, "other")) == set()
    assert set(accepted(pipeline, "third")) == {"t"}
    assert pipeline.count("intermediate.int_event_log", "raw_row like '%no time%'") == 1
    for schema, table in pipeline.query("select schema_name, table_name from duckdb_tables()"):
        found = f"contains(cast(to_json({table}) as varchar), '{ip['ip']}')"
        assert pipeline.count(f"{schema}.{table}", found) == 0, table
    folder.assert_equals_all_files_at_once()


def test_settings_are_applied_from_the_log_and_a_full_refresh_loses_nothing(tmp_path: Path):
    """Case 4."""
    folder = Folder(tmp_path)
    pipeline = folder.pipeline
    skewed = event("skewed", event_at="2024-03-10 00:10:00")
    old = event("old", event_at="2010-01-01 00:00:00")
    copy = event("copied", device_id="first", event_at="2024-03-10 00:10:00")
    folder.write("events/e1.csv", csv_bytes(rows_for("app", event("a1"), skewed, old, copy)))
    pipeline.run()
    folder.archive("events/e1.csv")
    copy = event("copied", device_id="second", loaded_at=LATER)
    folder.write("events/e2.csv", csv_bytes(rows_for("app", event("a2"), copy)))
    pipeline.run()
    all_five = {"a1", "a2", "skewed", "old", "copied"}
    assert set(accepted(pipeline, "app")) == all_five
    assert accepted(pipeline, "app", "user_id")["copied"] == "first"

    def judged_again(**vars: Any) -> set[str]:
        pipeline.dbt.vars |= vars
        pipeline.run()
        return set(accepted(pipeline, "app"))

    assert judged_again(max_clock_skew_seconds=60) == all_five - {"skewed"}
    assert accepted(pipeline, "app", "user_id")["copied"] == "second"
    assert judged_again(min_event_at="2012-01-01") == {"a1", "a2", "copied"}
    assert judged_again(max_clock_skew_seconds=900) == all_five - {"old"}
    assert accepted(pipeline, "app", "user_id")["copied"] == "first"
    assert judged_again(min_event_at="2008-01-01") == all_five
    with pipeline.connect(read_only=False) as connection:
        connection.execute(
            "insert into seeds.event_types (provider, event_name, event_type, is_activity) values"
            " ('generic', 'a1', 'purchase', true), ('generic', 'a2', 'in_app_event', false)"
        )
    # with a new file and a changed one in the same run
    folder.write("events/e3.csv", csv_bytes(rows_for("app", event("a3"))))
    folder.write("events/e2.csv", csv_bytes(rows_for("app", event("a2", country="DE"))))
    assert judged_again() == all_five | {"a3"}
    said = accepted(pipeline, "app", "[event_type, is_activity::varchar, country]")
    assert said["a1"] == ["purchase", "true", None]
    assert said["a2"] == ["in_app_event", "false", "DE"]
    folder.assert_equals_all_files_at_once()

    # a full refresh names what it would lose, and what to type
    before = pipeline.query("select * from intermediate.int_event_log order by all")
    result = pipeline.run("--full-refresh", check=False)
    assert not result.success
    said = str(result)
    assert "events/e1.csv" in said
    assert "events/e2.csv" not in said
    typed = said.partition("dbt build --full-refresh --vars '")[2].partition("'")[0]
    assert json.loads(typed) == {**pipeline.dbt.vars, "accept_lost_loads": True}
    assert pipeline.query("select * from intermediate.int_event_log order by all") == before
    result = pipeline.run("--full-refresh", check=False)
    assert not result.success, "refused once, then done"
    pipeline.run("--full-refresh", vars={"accept_lost_loads": True})
    assert set(accepted(pipeline, "app")) == {"a2", "a3"}
    # nothing is missed any more
    pipeline.run("--full-refresh")
    assert set(accepted(pipeline, "app")) == {"a2", "a3"}
    folder.restore("events/e1.csv")
    pipeline.run("--full-refresh")
    assert set(accepted(pipeline, "app")) == all_five | {"a3"}


def test_a_full_refresh_of_all_files_needs_no_word(tmp_path: Path):
    folder = Folder(tmp_path)
    folder.write("events/a.csv", csv_bytes(rows_for("app", event("a"))))
    folder.write("ad_spend/a.csv", csv_bytes([spend("1")]))
    folder.pipeline.run()
    folder.pipeline.run("--full-refresh")
    assert set(accepted(folder.pipeline, "app")) == {"a"}
    # a feed's file would be lost, too
    folder.archive("ad_spend/a.csv")
    result = folder.pipeline.run("--full-refresh", check=False)
    assert not result.success
    assert "ad_spend/a.csv" in str(result)


@pytest.mark.parametrize("option", [[], ["--full-refresh"]], ids=["a run", "a full refresh"])
def test_a_file_that_staging_does_not_read_yet_is_not_marked_as_read(
    tmp_path: Path, option: list[str]
):
    """A run that got no further than state_files, then one of the log without its staging views."""
    folder = Folder(tmp_path, select=["+int_event_log"])
    folder.write("events/a.csv", csv_bytes(rows_for("app", event("a"))))
    dbt = folder.pipeline.dbt
    folder.pipeline.run()
    folder.write("events/b.csv", csv_bytes(rows_for("app", event("b"))))
    dbt("run", "--select", "state_files")
    result = dbt("run", "--select", "int_event_log", *option, check=False)
    assert "new files of provider 'generic' that its staging view does not read yet" in str(result)
    dbt("run", "--select", "stg_generic__events")
    dbt("run", "--select", "int_event_log", *option)
    assert folder.pipeline.count("intermediate.int_event_log") == 2
    if option:  # a file that went since state_files looked
        folder.archive("events/a.csv")
        result = dbt("run", "--select", "int_event_log", *option, check=False)
        assert "events/a.csv. Put them back, or accept the loss" in str(result)
        assert folder.pipeline.count("intermediate.int_event_log") == 2


def test_lines_may_end_in_two_ways(tmp_path: Path):
    """In files of the one kind, too, a quote may hold a line end of the other."""
    folder = Folder(tmp_path, select=[*EVENTS, "+fct_ad_spend"])
    pipeline, expected = folder.pipeline, {}
    for form, writer in (("csv", csv_bytes), ("tsv", tsv_bytes), ("json", json_bytes)):
        for kind, ends in (
            ("newline", [b"\n"]),
            ("both", [b"\r\n"]),
            ("two", [b"\n", b"\r\n"]),
            ("two_at_first", [b"\r\n", b"\n", b"\n"]),
            ("two_at_last", [b"\r\n"] * 4 + [b"\n"]),
        ):
            for closed in (True, False):
                names = [f"{form}_{kind}_{closed}_{number}" for number in range(5)]
                rows = rows_for("app", *(event(name) for name in names))
                if form != "json":
                    rows[1]["device_model"] = "two\nlines"
                lines = writer(rows).replace(b"two\nlines", b"two~lines").splitlines()
                content = b"".join(
                    line + ends[number % len(ends)] for number, line in enumerate(lines)
                ).replace(b"two~lines", b"two\nlines")
                if not closed:
                    content = content.rstrip(b"\r\n")
                folder.write(f"events/{form}_{kind}_{closed}.{form}", content)
                expected |= {
                    name: "two\nlines" if form != "json" and name == names[1] else None
                    for name in names
                }
    folder.write(
        "events/packed.csv.gz",
        gzip.compress(
            csv_bytes(rows_for("app", event("p1"), event("p2"))).replace(b"\np2", b"\r\np2")
        ),
    )
    expected |= {"p1": None, "p2": None}
    text = csv_bytes(rows_for("app", event("w1"), event("w2"))).replace(b"\nw2", b"\r\nw2")
    folder.write("events/wide.csv", text.decode().encode("utf-16"))
    expected |= {"w1": None, "w2": None}
    folder.write(
        "ad_spend/a.csv", csv_bytes([spend("1"), spend("2"), spend("4")]).replace(b"\n", b"\r\n", 2)
    )
    pipeline.run()
    assert accepted(pipeline, "app", "device_model") == expected
    assert pipeline.query(
        "select distinct status from intermediate.state_files where feed > ''"
    ) == [("read",)]
    assert pipeline.query("select sum(spend) from core.fct_ad_spend") == [(Decimal(7),)]
    # files of one kind are read as before
    assert {
        name.rpartition("_")[0].partition("_")[2].partition(".")[0]
        for (name,) in pipeline.query(
            "select file_name from intermediate.state_files where contains(layout, 'line_ends')"
            " and file_name like '%True.json'"
        )
    } == {"two", "two_at_first", "two_at_last"}


def test_files_that_are_known_are_not_opened(tmp_path: Path):
    """Case 13: files whose content is gone, but neither their size nor their time."""
    folder = Folder(tmp_path, select=[*EVENTS, "+fct_ad_spend"])
    for number in range(40):
        for form, writer in (("csv", csv_bytes), ("parquet", parquet_bytes), ("json", json_bytes)):
            rows = rows_for("app", event(f"{form}{number:02}"))
            folder.write(f"events/{number:02}.{form}", writer(rows))
    folder.write("ad_spend/a.csv", csv_bytes([spend("1")]))
    pipeline = folder.pipeline
    pipeline.run()
    assert len(accepted(pipeline, "app")) == 120
    for path in pipeline.raw.rglob("*.*"):
        status = path.stat()
        path.write_bytes(bytes(status.st_size))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    pipeline.run()
    folder.write("events/new.csv", csv_bytes(rows_for("app", event("new"))))
    folder.write("ad_spend/b.csv", csv_bytes([spend("2", campaign_id="d")]))
    pipeline.run()
    assert len(accepted(pipeline, "app")) == 121
    assert pipeline.query("select sum(spend)::double from core.fct_ad_spend") == [(3,)]
    pipeline.run(vars={"max_clock_skew_seconds": 60})
    assert len(accepted(pipeline, "app")) == 121


TENJIN_EVENT = {
    "created_at": AT,
    "loaded_at": LOADED,
    "event": "open",
    "event_type": "event",
    "app_id": "app",
    "platform": "ios",
    "advertising_id": "d",
}


def test_a_provider_without_some_of_its_feeds(tmp_path: Path):
    """Case 12."""
    folder = Folder(tmp_path, vars={"providers": ["tenjin"]}, select=[])
    folder.write("tenjin/events/a.csv", csv_bytes([TENJIN_EVENT]))
    pipeline = folder.pipeline
    pipeline.run()
    assert pipeline.count("intermediate.int_events") == 1
    assert pipeline.count("core.fct_sessions") == 1
    folder.archive("tenjin/events/a.csv")
    folder.write("tenjin/events/b.parquet", parquet_bytes([TENJIN_EVENT | {"event": "level"}]))
    pipeline.run()
    assert pipeline.count("intermediate.int_events") == 2
    folder.assert_equals_all_files_at_once()


def test_two_providers_of_which_one_has_no_events_yet(tmp_path: Path):
    folder = Folder(tmp_path, vars={"providers": ["generic", "tenjin"]})
    folder.write("events/a.csv", csv_bytes(rows_for("app", event("a"))))
    result = folder.pipeline.run(check=False)
    assert not result.success
    assert "there are no events of provider 'tenjin' to read" in str(result)
    assert "tenjin/events" in str(result)
    folder.write("tenjin/events/a.csv", csv_bytes([TENJIN_EVENT]))
    folder.pipeline.run()
    assert folder.pipeline.query(
        "select provider, count(*) from intermediate.int_events group by 1 order by 1"
    ) == [("generic", 1), ("tenjin", 1)]


def test_files_hold_a_loader_s_values_of_other_types_beside_a_column(tmp_path: Path):
    """As in `test_intake_tables.py`, of files: an amount did not fit the first one's type."""
    folder = Folder(tmp_path)

    def amounts(whole: Any, cents: Any, name: str) -> dict[str, Any]:
        return event(name, currency="USD", amount=whole, amount__v_double=cents)

    none, nothing = (None, "bigint"), (None, "double")
    folder.write(
        "events/a.ndjson",
        json_bytes(rows_for("app", amounts(5, None, "a"), amounts(None, 4.99, "b"))),
    )
    folder.write(
        "events/b.parquet",
        parquet_bytes(
            rows_for(
                "app",
                amounts((7, "bigint"), nothing, "c"),
                amounts(none, (0.000079, "double"), "d"),
                amounts(none, nothing, "e"),
            )
        ),
    )
    # a file of which no line has the first type, and files with a header
    folder.write("events/c.ndjson", json_bytes(rows_for("app", amounts(None, 3.49, "f"))))
    for name, writer, whole in (("d.csv", csv_bytes, 8), ("e.tsv", tsv_bytes, 9)):
        rows = rows_for("app", amounts(whole, "", f"{name} g"), amounts("", 2.49, f"{name} h"))
        folder.write(f"events/{name}", writer(rows))
    folder.pipeline.run()
    assert folder.pipeline.query(
        "select event_name, revenue::varchar from intermediate.int_events order by 1"
    ) == [
        ("a", "5.000000"),
        ("b", "4.990000"),
        ("c", "7.000000"),
        ("d", "0.000079"),
        ("d.csv g", "8.000000"),
        ("d.csv h", "2.490000"),
        ("e", None),
        ("e.tsv g", "9.000000"),
        ("e.tsv h", "2.490000"),
        ("f", "3.490000"),
    ]
