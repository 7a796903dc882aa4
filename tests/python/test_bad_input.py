"""Bad input is refused row by row, with a reason, and never stops good input (G4); an optional
value that cannot be read is noted, and its row stays.

Each kind is a file of the `generic` layout for an app of its own, with a good row beside the bad
one; all of them are built in one run, and once more with a file added. docs/bad_input.md lists
what happens to each kind; its rows and these cases are compared. What makes a file useless as a
whole stops the build with the names of file and column.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt_harness import PROJECT_DIR
from pipeline import Pipeline, assert_equal_tables

HEADER = "event_id,app_id,device_id,event_name,event_at,loaded_at,revenue,currency"
GOOD_AT = "2024-03-09 10:00:00"
LOADED_AT = "2024-03-10 00:00:00"
SELECT = ["+int_events_rejected", "+int_events", "+int_events_duplicates"]


def line(app: str, event_id: str = "bad", **cells: str) -> str:
    """One line under `HEADER`."""
    values = {
        "event_id": event_id,
        "app_id": app,
        "device_id": "device",
        "event_name": "level",
        "event_at": GOOD_AT,
        "loaded_at": LOADED_AT,
        "revenue": "",
        "currency": "",
    } | cells
    return ",".join(values[name] for name in HEADER.split(","))


@dataclass
class Kind:
    """One kind of bad input, as a file.

    `refused` counts rejection reasons; `accepted` maps event ids to what they say: times as text,
    other columns by name; `noted` is the column of the row `bad` that could not be read. Every
    kind has an accepted row `good`, unless it says otherwise.
    """

    what: str
    cells: dict[str, str] | None = None  # the bad row differs from a good one by these
    text: str | None = None  # or the whole file, `{app}` being the app and `{good}` a good row
    content: bytes | None = None  # or its bytes
    name: str = "{app}.csv"
    refused: dict[str, int] = field(default_factory=dict)
    noted: str | None = None
    accepted: dict[str, dict[str, Any]] = field(default_factory=dict)
    has_good: bool = True

    @property
    def app(self) -> str:
        """The app id that stands for the kind."""
        return "kind_" + "".join(c if c.isalnum() and c.isascii() else "_" for c in self.what)

    def bytes(self) -> bytes:
        """The file."""
        if self.content is not None:
            return self.content
        good = line(self.app, "good")
        if self.text is not None:
            text = self.text.replace("{app}", self.app).replace("{good}", good)
            cells = zip(HEADER.split(","), good.split(","), strict=True)
            text = text.replace("{json}", json.dumps({name: cell or None for name, cell in cells}))
            return text.replace("{header}", HEADER).encode()
        return f"{HEADER}\n{good}\n{line(self.app, **(self.cells or {}))}\n".encode()


def refuses(what: str, reason: str, **cells: str) -> Kind:
    """A bad row that is refused."""
    return Kind(what, cells=cells, refused={reason: 1})


def accepts(what: str, expected: dict[str, Any], **cells: str) -> Kind:
    """A row that looks bad and is read all the same."""
    return Kind(what, cells=cells, accepted={"bad": expected})


def notes(what: str, column: str, **cells: str) -> Kind:
    """A row whose value of one column is left out; `header` may have the column more."""
    return Kind(what, cells=cells, noted=column, accepted={"bad": AT | {column: None}})


AT = {"event_at": GOOD_AT}
LONG = "x" * 10_240
LATE_KEYS = {
    150: ', "revenue": 5',
    151: ', "amount": 6, "revenue_currency": "EUR"',
    152: ', "Amount": 7, "currency": "EUR"',
}
KINDS = [
    # values
    notes("text in a number", "revenue", revenue="five"),
    notes("a comma for a decimal point", "revenue", revenue='"1,50"'),
    notes("a currency sign in a number", "revenue", revenue="$5"),
    accepts("NaN as money", {"revenue": None}, revenue="NaN", currency="USD"),
    notes("infinite money", "revenue", revenue="inf"),
    notes("negative infinite money", "revenue", revenue="-Infinity"),
    accepts("negative money", {"revenue": -0.01}, revenue="-0.01", currency="USD"),
    notes("more money than there is", "revenue", revenue="1e20"),
    accepts("money in scientific notation", {"revenue": 0.001}, revenue="1e-3", currency="USD"),
    accepts(
        "an unknown currency",
        {"revenue": 1, "currency": "XXX", "iap_revenue_usd": None},
        revenue="1",
        currency="XXX",
    ),
    accepts("a text that means null for money", {"revenue": None}, revenue="N/A", currency="USD"),
    accepts("a text that means null for a currency", {"currency": None}, revenue="", currency="-"),
    accepts("a currency in small letters", {"currency": "EUR"}, revenue="1", currency="eur"),
    accepts("an unknown currency without money", AT, currency="XXX"),
    # times
    refuses("no event time", "missing_event_at", event_at=""),
    refuses("text for a time", "unparsable_event_at", event_at="yesterday"),
    refuses("a time of zeros", "unparsable_event_at", event_at="0000-00-00 00:00:00"),
    refuses("the hour 24", "unparsable_event_at", event_at="2024-03-08 24:00:00"),
    refuses("an offset behind the hour 24", "unparsable_event_at", event_at="2024-03-08T24:00:00Z"),
    refuses("a leap second", "unparsable_event_at", event_at="2016-12-31 23:59:60"),
    refuses("the 30th of February", "unparsable_event_at", event_at="2024-02-30 10:00:00"),
    refuses("day before month", "unparsable_event_at", event_at="09/03/2024 10:00"),
    refuses("an infinite time", "unparsable_event_at", event_at="infinity"),
    refuses("a time after the year 9999", "unparsable_event_at", event_at="290000-01-01"),
    refuses("a year of two digits", "event_at_too_old", event_at="24-03-09 10:00:00"),
    refuses("a date without separators", "event_at_too_old", event_at="20240309"),
    refuses("the year 2099", "event_at_in_future", event_at="2099-01-01 00:00:00"),
    refuses("the year 1970", "event_at_too_old", event_at="0"),
    accepts("a time with an offset", AT, event_at="2024-03-09 12:00:00+02:00"),
    accepts("a time with an offset without a colon", AT, event_at="2024-03-09T12:00:00+0200"),
    accepts("a time of ISO with Z", AT, event_at="2024-03-09T10:00:00.000Z"),
    accepts("a time with a small z", AT, event_at="2024-03-09T10:00:00z"),
    accepts("a time of ISO without seconds", AT, event_at="2024-03-09T10:00Z"),
    accepts("an offset without minutes", AT, event_at="2024-03-09T12:00:00+02"),
    accepts("an offset behind a blank", AT, event_at="2024-03-09 02:00:00 -0800"),
    accepts("an offset without seconds before it", AT, event_at="2024-03-09T12:00+02:00"),
    accepts("a time in UTC", AT, event_at="2024-03-09 10:00:00 UTC"),
    accepts("a time in GMT", AT, event_at="2024-03-09 10:00:00.000 GMT"),
    accepts("a time in PST", AT, event_at="2024-03-09 02:00:00 PST"),
    accepts("a time in PDT", AT, event_at="2024-03-09 03:00:00 PDT"),
    accepts("a time in EST", AT, event_at="2024-03-09 05:00:00 EST"),
    accepts("a time in EDT", AT, event_at="2024-03-09 06:00:00 EDT"),
    accepts("a time in CET", AT, event_at="2024-03-09 11:00:00 CET"),
    accepts("a time in CEST", AT, event_at="2024-03-09 12:00:00 CEST"),
    refuses("a time in BST", "unparsable_event_at", event_at="2024-03-09 10:00:00 BST"),
    refuses("a time in IST", "unparsable_event_at", event_at="2024-03-09 10:00:00 IST"),
    refuses("a time in CST", "unparsable_event_at", event_at="2024-03-09 10:00:00 CST"),
    accepts("a time with the name of its zone", AT, event_at="2024-03-09 11:00:00 Europe/Berlin"),
    accepts(
        "a local time that the clocks skip",
        {"event_at": "2024-03-10 07:30:00"},
        event_at="2024-03-10 02:30:00 America/New_York",
        loaded_at="2024-03-11 00:00:00",
    ),
    accepts("epoch seconds", AT, event_at="1709978400"),
    accepts("epoch milliseconds", AT, event_at="1709978400000"),
    accepts("epoch microseconds", AT, event_at="1709978400000000"),
    accepts("epoch seconds with a fraction", AT, event_at="1709978400.0"),
    accepts(
        "nanoseconds are cut to microseconds",
        {"event_at": "2024-03-09 10:00:00.123456"},
        event_at="2024-03-09 10:00:00.123456789",
    ),
    accepts("no load time", AT, loaded_at=""),
    refuses("text for a load time", "unparsable_loaded_at", loaded_at="soon"),
    refuses("an infinite load time", "unparsable_loaded_at", loaded_at="infinity"),
    refuses("a load time in 2099", "loaded_at_in_future", loaded_at="2099-01-01 00:00:00"),
    # ids and texts
    refuses("no device", "missing_actor", device_id=""),
    refuses("a device of zeros", "missing_actor", device_id="00000000-0000-0000-0000-000000000000"),
    refuses("a device called null", "missing_actor", device_id="NULL"),
    refuses("a device called by a mark", "missing_actor", device_id="\\N"),
    refuses("the device of all emulators", "missing_actor", device_id="9774d56d682e549c"),
    refuses("no event name", "missing_event_name", event_name=" "),
    accepts("emoji in an id", {"user_id": "🦊👩‍👩‍👧"}, device_id="🦊👩‍👩‍👧"),
    accepts("an id from right to left", {"user_id": "مستخدم١"}, device_id="مستخدم١"),
    accepts("an id of 10 kB", {"user_id": LONG}, device_id=LONG),
    accepts(
        "SQL in an id",
        {"user_id": "'; drop table core.fct_sessions; --"},
        device_id="'; drop table core.fct_sessions; --",
    ),
    accepts("spaces around an id", {"user_id": "device"}, device_id="  device  "),
    accepts("a quoted newline", {"user_id": "two\nlines"}, device_id='"two\nlines"'),
    accepts("quotes in quotes", {"user_id": 'a "b" c'}, device_id='"a ""b"" c"'),
    accepts("a comma in quotes", {"user_id": "a,b"}, device_id='"a,b"'),
    accepts("a null byte in an id", {"user_id": "a\0b"}, device_id="a\0b"),
    Kind(
        "one id with two contents",
        text="{header}\n{good}\n"
        + line("{app}", "twice", device_id="first")
        + "\n"
        + line("{app}", "twice", device_id="second", loaded_at="2024-03-10 00:00:01")
        + "\n",
        accepted={"twice": {"user_id": "first"}},
    ),
    Kind(
        "no app",
        text="{header}\n{good}\n" + line("", "kind_no_app") + "\n",
        refused={"missing_app_id": 1},
    ),
    Kind(
        "an unknown platform",
        text="{header},platform\n{good},Windows Phone\n",
        accepted={"good": {"platform": "other"}},
    ),
    Kind(
        "a flag that is not a boolean",
        text="{header},is_reengagement\n{good},no\n" + line("{app}") + ",maybe\n",
        noted="is_reengagement",
        accepted={"good": {"is_reengagement": False}, "bad": {"is_reengagement": None}},
    ),
    Kind(
        "a flag of a number",
        text="{header},is_reengagement\n{good},1.0\n",
        accepted={"good": {"is_reengagement": True}},
    ),
    Kind(
        "a negative duration",
        text="{header},duration_seconds\n{good},1.5\n" + line("{app}") + ",-1\n",
        noted="duration_seconds",
        accepted={"good": {"duration_seconds": 1.5}, "bad": {"duration_seconds": None}},
    ),
    Kind(
        "an install in the future",
        text="{header},installed_at\n{good},\n" + line("{app}") + ",2099-01-01\n",
        noted="installed_at",
        accepted={"bad": {"installed_at": None}},
    ),
    Kind(
        "a negative impression",
        text="{header},ad_revenue_usd\n{good},0.00007912\n" + line("{app}") + ",-1\n",
        noted="ad_revenue_usd",
        accepted={"good": {"ad_revenue_usd": 0.00007912}, "bad": {"ad_revenue_usd": None}},
    ),
    Kind(
        "a country by its name",
        text="{header},country\n{good},Namibia\n"
        + line("{app}")
        + ",na\n"
        + line("{app}", "alpha")
        + ",deu\n"
        + line("{app}", "narnia")
        + ",Narnia\n",
        accepted={
            "good": {"country": "NA"},
            "bad": {"country": "NA"},
            "alpha": {"country": "DE"},
            "narnia": {"country": "NARNIA"},
        },
    ),
    # lines
    Kind("too few fields", text="{header}\n{good}\nbad,{app}\n", refused={"unreadable_line": 1}),
    Kind(
        "too many fields",
        text="{header}\n" + line("{app}") + ",1,2\n{good}\n",
        refused={"unreadable_line": 1},
    ),
    Kind(
        "a file cut short",
        text="{header}\n{good}\n" + line("{app}")[:-30],
        refused={"unreadable_line": 1},
    ),
    Kind(
        "an open quote",
        text="{header}\n{good}\n" + line("{app}", device_id='"open') + "\n",
        refused={"unreadable_line": 1},
    ),
    Kind(
        "text after a closing quote",
        text="{header}\n" + line("{app}", device_id='"a"b') + "\n{good}\n",
        refused={"unreadable_line": 1},
    ),
    Kind(
        "bytes that are no UTF-8",
        content=f"{HEADER}\n".encode()
        + line("kind_bytes_that_are_no_UTF_8", "good").encode()
        + b"\n"
        + line("kind_bytes_that_are_no_UTF_8", device_id="@").encode().replace(b"@", b"\xff\xfe")
        + b"\n",
        refused={"unreadable_line": 1},
    ),
    Kind("empty lines", text="{header}\n\n{good}\n\n\n"),
    Kind("a line of commas", text="{header}\n{good}\n,,,,,,,\n", refused={"missing_app_id": 1}),
    Kind(
        "a comment", text="{header}\n# exported by hand\n{good}\n", refused={"unreadable_line": 1}
    ),
    Kind("no newline at the end", text="{header}\n{good}"),
    Kind("carriage returns and newlines", text="{header}\r\n{good}\r\n"),
    # files
    Kind("an empty file", content=b"", has_good=False),
    Kind("a header and nothing else", text="{header}\n", has_good=False),
    Kind("a byte order mark", text="\ufeff{header}\n{good}\n"),
    Kind(
        "UTF-16",
        content=f"{HEADER}\n{line('kind_UTF_16', 'good', device_id='düne')}\n".encode("utf-16"),
        accepted={"good": {"user_id": "düne"}},
    ),
    Kind(
        "a gzipped file",
        content=gzip.compress(f"{HEADER}\n{line('kind_a_gzipped_file', 'good')}\n".encode()),
        name="{app}.csv.gz",
    ),
    Kind(
        "tabs in a tsv file",
        text=f"{HEADER}\n".replace(",", "\t")
        + line("kind_tabs_in_a_tsv_file", "good").replace(",", "\t"),
        name="{app}.tsv",
    ),
    Kind("lines that end in two ways", text="{header}\r\n{good}\n"),
    Kind("JSON, one object a line", text="{json}\n", name="{app}.ndjson"),
    Kind(
        "numbers and truth values in JSON",
        text="{json}\n"
        + '{"event_id": 12345678901234567890123, "app_id": "{app}", "device_id": 123.0, '
        + '"event_name": "x", "event_at": 1709978400, "loaded_at": "2024-03-10", '
        + '"revenue": 123456.123456, '
        + '"is_reengagement": true}\n{"event_id": "small", "app_id": "{app}", "device_id": "d",'
        + ' "event_name": "x", "event_at": 1709978400.0, "ad_revenue_usd": 4e-7}\n',
        name="{app}.jsonl",
        accepted={
            "12345678901234567890123": AT
            | {"user_id": "123", "revenue": 123456.123456, "is_reengagement": True},
            "small": AT | {"ad_revenue_usd": 0.0000004},
        },
    ),
    Kind("nulls and blank lines in JSON", text="\n{json}\n\n  \n", name="{app}.json"),
    Kind(
        "a key that only later lines have",
        text="{json}\n"
        + "".join(
            '{"event_id": "' + str(n) + '", "app_id": "{app}", "device_id": "d", "event_name": "x",'
            ' "event_at": "' + GOOD_AT + '"' + LATE_KEYS.get(n, "") + "}\n"
            for n in range(1, 154)
        ),
        name="{app}.ndjson",
        accepted={
            str(n): {
                "revenue": {150: 5, 151: 6, 152: 7}.get(n),
                "currency": "EUR" if n in (151, 152) else None,
            }
            for n in range(1, 154)
        },
    ),
    Kind(
        "two keys of one column in JSON, in the same line",
        text="{json}\n"
        + '{"event_id": "1", "app_id": "{app}", "device_id": "d", "event_name": "x", "event_at": "'
        + GOOD_AT
        + '", "country_code": "DE", "countryCode": "FR"}\n',
        name="{app}.ndjson",
        accepted={"1": {"country": None}},
    ),
    Kind(
        "a line that is no JSON",
        text='{json}\n{"event_id": "bad", "app_id": "{app}"\n',
        name="{app}.ndjson",
        refused={"unreadable_line": 1},
    ),
    Kind(
        "a line of JSON that is no object",
        text='{json}\n["{app}"]\n"{app}"\n5\ntrue\n',
        name="{app}.ndjson",
        refused={"unreadable_line": 4},
    ),
    Kind(
        "an object for an id in JSON",
        text='{json}\n{"event_id": "bad", "app_id": "{app}", "device_id": {"a": [1, "b"]},'
        ' "event_name": "x", "event_at": "' + GOOD_AT + '"}\n',
        name="{app}.ndjson",
        accepted={"bad": {"user_id": '{"a":[1,"b"]}'}},
    ),
    Kind(
        "names in capitals in JSON",
        text='{"EVENT_ID": "good", "App_Id": "{app}", "deviceId": "device", "Event": "x",'
        ' "event_AT": "' + GOOD_AT + '"}\n',
        name="{app}.ndjson",
    ),
    Kind("a quote in a column's name", text='{header},"size 5"""\n{good},x\n'),
    Kind(
        "SQL and Jinja in columns' names",
        text='{header},"\'); drop table x; --",{{ 7 * 7 }},{% raw %}\n{good},x,y,z\n',
    ),
    Kind(
        "names in camel case",
        text="eventId,appId,Device-Id,Event Name,eventAt,LOADED AT\n"
        f"good,{{app}},device,level,{GOOD_AT},{LOADED_AT}\n",
    ),
    Kind(
        "names in braces",
        text="{event_id},_app_id_,[device_id],{event_name},{Event At},_loaded_at_\n"
        f"good,{{app}},device,level,{GOOD_AT},{LOADED_AT}\n",
    ),
    Kind(
        "other names of columns",
        text=f"uuid,bundle_id,user_id,event,timestamp\ngood,{{app}},customer,level,{GOOD_AT}\n",
        accepted={"good": AT | {"user_id": "customer"}},
    ),
    Kind("an extra column", text="{header},colour\n{good},red\n"),
    Kind(
        "columns in another order",
        text="loaded_at,event_at,event_name,device_id,app_id,event_id\n"
        f"{LOADED_AT},{GOOD_AT},level,device,{{app}},good\n",
        accepted={"good": AT},
    ),
    Kind("column names in capitals", text=f"{HEADER.upper()}\n{{good}}\n"),
    Kind("a quoted header", text=",".join(f'"{n}"' for n in HEADER.split(",")) + "\n{good}\n"),
    Kind(
        "an optional column renamed half-way",
        text=HEADER.replace("revenue", "income") + "\n{good}\n" + line("{app}", revenue="5") + "\n",
        accepted={"bad": {"revenue": None}},
    ),
    Kind("a quote in the file's name", text="{header}\n{good}\n", name="it's.csv"),
    Kind("SQL in the file's name", text="{header}\n{good}\n", name="'; drop table x; --.csv"),
    Kind("a pattern as the file's name", text="{header}\n{good}\n", name="[ab]*.csv"),
    Kind("a path trick in the file's name", text="{header}\n{good}\n", name="x..%2f..%2fetc.csv"),
]
BY_NAME = {kind.what: kind for kind in KINDS}
assert len(BY_NAME) == len(KINDS) == len({kind.app for kind in KINDS})

# Parquet says what its columns are: values by SQL, beside the same good row
PARQUET = {
    "text in Parquet": (AT, "'2024-03-09 10:00:00'"),
    "a timestamp in Parquet": (AT, "timestamp '2024-03-09 10:00:00'"),
    "a timestamp with time zone": (AT, "timestamptz '2024-03-09 12:00:00+02'"),
    "whole epoch seconds in Parquet": (AT, "1709978400::bigint"),
    "fractional epoch seconds in Parquet": (AT, "1709978400.0::double"),
    "nanoseconds in Parquet": (AT, "timestamp_ns '2024-03-09 10:00:00'"),
    "a truth value for a time": ("unparsable_event_at", "true"),
    "a list for a time": ("unparsable_event_at", "['2024-03-09']"),
    "NaN for a time": ("missing_event_at", "'nan'::double"),
}


def parquet_file(app: str, path: Path, event_at: str) -> None:
    """One row with the given time."""
    duckdb.sql(
        f"copy (select 'bad' as event_id, '{app}' as app_id, 'device' as device_id,"
        f" 'level' as event_name, {event_at} as event_at,"
        f" timestamp '{LOADED_AT}' as loaded_at) to '{path}' (format parquet)"
    )


def parquet_app(what: str) -> str:
    """The app id of a kind of Parquet file."""
    return "parquet_" + what.replace(" ", "_")


COMPARED = (
    "event_at", "user_id", "platform", "revenue", "currency", "iap_revenue_usd", "is_reengagement",
    "duration_seconds", "installed_at", "ad_revenue_usd", "country",
)  # fmt: skip


@dataclass
class Built:
    """What became of the files."""

    pipeline: Pipeline
    accepted: dict[str, dict[str, dict[str, Any]]]
    refused: dict[str, Counter[str]]
    noted: dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """All kinds in one run, CSV and Parquet mixed."""
    pipeline = Pipeline(tmp_path_factory.mktemp("bad_input"), select=SELECT)
    for kind in KINDS:
        (pipeline.events / kind.name.replace("{app}", kind.app)).write_bytes(kind.bytes())
    for what, (_, value) in PARQUET.items():
        parquet_file(parquet_app(what), pipeline.events / f"{parquet_app(what)}.parquet", value)
    pipeline.run()
    accepted: dict[str, dict[str, dict[str, Any]]] = {}
    for app, event_id, *cells in pipeline.query(
        "select app_id, event_id, cast(event_at as varchar), "
        + ", ".join(COMPARED[1:])
        + " from intermediate.int_events"
    ):
        accepted.setdefault(app, {})[event_id] = dict(zip(COMPARED, cells, strict=True))
    refused: dict[str, Counter[str]] = {}
    for app, reason, raw in pipeline.query(
        "select coalesce(app_id, ''), rejection_reason, coalesce(raw_row, event_id)"
        " from intermediate.int_events_rejected"
    ):
        found = [kind.app for kind in KINDS if kind.app == app or f"{kind.app}" in (raw or "")]
        # lines without an app are told apart by what they are
        refused.setdefault(found[0] if found else app or raw or "", Counter())[reason] += 1
    noted: dict[str, dict[str, str]] = {}
    for app, event_id, columns in pipeline.query(
        "select app_id, event_id, noted_columns from intermediate.int_event_log"
        " where event_status = 'accepted' and noted_columns is not null"
    ):
        noted.setdefault(app, {})[event_id] = columns.strip()
    return Built(pipeline, accepted, refused, noted)


def matches(actual: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether an accepted row says what is expected; money to the cent and below."""
    return all(
        (float(actual[name]) if isinstance(actual[name], Decimal) else actual[name]) == value
        for name, value in expected.items()
    )


@pytest.mark.parametrize("what", BY_NAME)
def test_kind(built: Built, what: str):
    kind = BY_NAME[what]
    accepted = built.accepted.get(kind.app, {})
    refused = built.refused.get(kind.app, Counter())
    loose = {"a line of commas", "a comment", "bytes that are no UTF-8"}
    loose.add("a line of JSON that is no object")
    if what not in loose:  # these lines do not say whose they are: counted below
        assert refused == kind.refused
    expected = dict(kind.accepted)
    if kind.has_good:
        expected.setdefault("good", AT)
    assert set(accepted) == set(expected)
    for event_id, row in expected.items():
        assert matches(accepted[event_id], row), accepted[event_id]
    assert built.noted.get(kind.app, {}) == ({"bad": kind.noted} if kind.noted else {})


@pytest.mark.parametrize("what", PARQUET)
def test_kind_of_parquet(built: Built, what: str):
    expected, _ = PARQUET[what]
    app = parquet_app(what)
    if isinstance(expected, dict):
        assert matches(built.accepted[app]["bad"], expected)
    else:
        assert built.refused[app] == {expected: 1}


def test_nothing_disappears_without_a_reason(built: Built):
    """Every line of every file is in the log once, lines that nobody can read among them."""
    reasons = Counter(
        dict(
            built.pipeline.query(
                "select rejection_reason, count(*) from intermediate.int_events_rejected group by 1"
            )
        )
    )
    expected: Counter[str] = Counter()
    for kind in KINDS:
        expected.update(kind.refused)
    expected.update(reason for reason, _ in PARQUET.values() if isinstance(reason, str))
    assert reasons == expected
    unreadable = built.pipeline.query(
        "select raw_row from intermediate.int_events_rejected"
        " where rejection_reason = 'unreadable_line'"
    )
    assert any("# exported by hand" in row[0] for row in unreadable)
    assert any('\\"open' in row[0] for row in unreadable)


def test_a_second_run_reads_none_of_it_again_and_a_full_refresh_is_equal(built: Built):
    pipeline = built.pipeline
    rows = "select count(*), bit_xor(hash(rowid, l)) from intermediate.int_event_log as l"
    before = pipeline.query(rows)
    pipeline.run()
    assert pipeline.query(rows) == before
    (pipeline.events / "later.csv").write_text(
        f"{HEADER}\n{line('later', 'good')}\nlater,bad\n{line('later', 'better')}\n"
    )
    pipeline.run()
    assert pipeline.count("intermediate.int_event_log") == before[0][0] + 3
    assert_equal_tables(pipeline, pipeline.rebuilt())


# ------------------------------------------------------------------------- files that are useless

STOPS = {
    "a missing required column": (
        f"{HEADER}\n".replace("event_at", "happened").encode(),
        "bad.csv: it has no column 'event_at'; it has: event_id, app_id, device_id",
    ),
    "a required column renamed half-way": (
        f"{HEADER}\n".replace("device_id", "machine").encode(),
        "bad.csv: it has no column 'device_id' or 'customer_user_id'",
    ),
    "a column twice in the header": (
        f"{HEADER},app_id\n".encode(),
        "bad.csv: it has no column 'app_id' (several columns could be it); it has: event_id,",
    ),
    "semicolons for commas": (
        f"{HEADER}\n".replace(",", ";").encode(),
        "bad.csv: it has no column 'app_id', no 'event_name', no 'event_at', no 'device_id' or",
    ),
    "UTF-16, big-endian": (
        b"\xfe\xff" + f"{HEADER}\n".encode("utf-16-be"),
        "bad.csv: it has no column 'app_id'",
    ),
}


@pytest.mark.parametrize("what", STOPS)
def test_a_file_that_is_useless_as_a_whole_stops_the_build_by_name(tmp_path: Path, what: str):
    content, message = STOPS[what]
    pipeline = Pipeline(tmp_path, select=["+stg_generic__events"])
    (pipeline.events / "good.csv").write_text(f"{HEADER}\n{line('app', 'good')}\n")
    (pipeline.events / "bad.csv").write_bytes(content)
    result = pipeline.run(check=False)
    assert not result.success
    assert message in "\n".join([str(result), *result.said])


def test_a_folder_says_what_its_parquet_files_do_not(tmp_path: Path):
    """`column=value` folders: a value that looks like a number in one and like text in the next."""
    pipeline = Pipeline(tmp_path, select=["+int_events"])
    for country in ("07", "7", "DE"):
        folder = pipeline.events / f"country={country}"
        folder.mkdir()
        parquet_file(f"from_{country}", folder / "part.parquet", f"timestamp '{GOOD_AT}'")
    parquet_file("from_nowhere", pipeline.events / "part.parquet", f"timestamp '{GOOD_AT}'")
    pipeline.run()
    assert dict(pipeline.query("select app_id, country from intermediate.int_events")) == {
        "from_07": "07",
        "from_7": "7",
        "from_DE": "DE",
        "from_nowhere": None,
    }


def test_a_damaged_parquet_file_stops_the_build_by_name(tmp_path: Path):
    pipeline = Pipeline(tmp_path, select=["+stg_generic__events"])
    (pipeline.events / "bad.parquet").write_bytes(b"PAR1 and no more")
    result = pipeline.run(check=False)
    assert not result.success
    assert "bad.parquet" in str(result)


def test_a_folder_without_events_stops_the_build_by_name(tmp_path: Path):
    pipeline = Pipeline(tmp_path, select=["+stg_generic__events"])
    result = pipeline.run(check=False)
    assert not result.success
    assert "there are no events of provider 'generic' to read" in str(result)
    assert "/events holds no file that ends in .parquet, .csv, .tsv, .json" in str(result)


def test_a_row_group_larger_than_the_memory_is_read_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pipeline = Pipeline(tmp_path, select=["+int_event_log"])
    path = pipeline.events / "large.parquet"
    # 150,000 rows of ids that do not compress: one row group of some 300 MB
    duckdb.sql(
        "copy (select uuid() as event_id, 'app' as app_id, 'device ' || range % 1000 as device_id,"
        " array_to_string([md5(concat(range, n)) for n in range(60)], '') as event_name,"
        f" timestamp '{GOOD_AT}' as event_at, timestamp '{LOADED_AT}' as loaded_at"
        f" from range(150000)) to '{path}' (format parquet, row_group_size 150000,"
        " compression uncompressed)"
    )
    assert path.stat().st_size > 250_000_000
    monkeypatch.setenv("DUCKDB_MEMORY_LIMIT", "250MB")
    result = pipeline.run(check=False)
    if not result.success:
        assert "Out of Memory" in str(result) or "could not allocate" in str(result), str(result)
        assert pipeline.count("information_schema.tables", "table_name = 'int_event_log'") == 0
        monkeypatch.delenv("DUCKDB_MEMORY_LIMIT")
        pipeline.run()
    assert pipeline.count("intermediate.int_event_log") == 150_000


# ---------------------------------------------------------------------------------- documentation


def test_the_table_in_the_documentation_lists_every_kind_and_no_other():
    text = (PROJECT_DIR / "docs" / "bad_input.md").read_text(encoding="utf-8")
    listed = {
        row.split("|")[1].strip(): row.split("|")[2].strip()
        for row in text.splitlines()
        if row.startswith("| ") and not row.startswith(("| kind", "| ---"))
    }
    for kind in KINDS:
        assert kind.what in listed
        for reason in kind.refused:
            assert f"`{reason}`" in listed[kind.what], kind.what
        if kind.noted:
            assert f"`{kind.noted}` is null and noted" in listed[kind.what], kind.what
        if not kind.refused:
            assert "refused" not in listed[kind.what], kind.what
    for what, (expected, _) in PARQUET.items():
        if isinstance(expected, str):
            assert f"`{expected}`" in listed[what], what
    others = {
        "a damaged Parquet file",
        "a folder without events",
        "a row group larger than the memory limit",
        "an unknown app",
    }
    assert set(listed) == {*BY_NAME, *PARQUET, *STOPS, *others}
    assert len(listed) >= 30
