"""The acceptance list: what existing session packages get wrong, case by case, through dbt runs.

Every case is one user of one app (timeout 1,800 s, grace 5 s), so all cases share one sequence of
loads; the expected sessions are written by hand. After every load the facts are also compared with
the reference, and after the last one all tables with those of a full refresh.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from dbt_harness import PROJECT_DIR
from pipeline import Pipeline, differences, reference_differences
from reference import load_event_types, micros, moment_of
from streams import Row, stream_config

# when each load landed; the third and the fifth repeat or undercut an earlier time
LOADS = {
    1: "2024-03-10 06:00:00",
    2: "2024-03-10 12:00:00",
    3: "2024-03-10 12:00:00",  # a second file with the same loaded_at
    4: "2024-03-14 06:00:00",
    5: "2024-03-12 06:00:00",  # behind the watermark, within load_lookback_days
    6: "2024-04-24 06:00:00",  # 41 days of silence
    7: "2024-05-04 06:00:00",  # the job was down for ten days; its files are read in one run
    8: "2024-08-20 06:00:00",
}
LAST = max(LOADS)
APP = "app.plain"

CONFIG = stream_config(event_types=load_event_types(PROJECT_DIR / "seeds" / "event_types.csv"))

_ids = iter(range(10**6))


def event(at: str | None, name: str | None = "level", **columns: Any) -> Row:
    """A row as a file would have it; `at` is a time in 2024, or one with its year."""
    if at is not None and len(at.split("-")) == 2:
        at = f"2024-{at}"
    return {
        "provider": "generic",
        "app_id": APP,
        "platform": "ios",
        "event_id": f"id-{next(_ids)}",
        "event_name": name,
        "event_at": None if at is None else micros(at),
    } | columns


@dataclass
class Case:
    """A user's events by load, and the sessions to expect after some loads.

    A session is written `start end reason count`, times without the year.
    """

    name: str
    loads: dict[int, list[Row]]
    sessions: dict[int, list[str]] = field(default_factory=dict)

    @property
    def user_id(self) -> str:
        """The device id of the case's user."""
        return self.name.replace(" ", "-")

    def rows(self, load: int) -> list[Row]:
        """The rows of one load."""
        return [
            {"device_id": self.user_id, "loaded_at": micros(LOADS[load])} | row
            for row in self.loads.get(load, [])
        ]


duplicated = event("03-09 10:00:00", event_id="twice")
late = event("03-09 09:00:00", event_id="late-twice")

CASES = [
    Case(
        "a session that straddles two loads stays one",
        {1: [event("03-10 05:50:00")], 2: [event("03-10 06:10:00"), event("03-10 06:30:00")]},
        {
            1: ["03-10 05:50:00 03-10 05:50:00 first 1"],
            LAST: ["03-10 05:50:00 03-10 06:30:00 first 3"],
        },
    ),
    Case(
        "an event ten minutes late joins its session",
        {1: [event("03-10 05:00:00"), event("03-10 05:20:00")], 2: [event("03-10 05:10:00")]},
        {LAST: ["03-10 05:00:00 03-10 05:20:00 first 3"]},
    ),
    Case(
        "an event five hours late joins its session",
        {1: [event("03-10 01:00:00"), event("03-10 05:00:00")], 2: [event("03-10 01:29:59")]},
        {
            LAST: [
                "03-10 01:00:00 03-10 01:29:59 first 2",
                "03-10 05:00:00 03-10 05:00:00 timeout 1",
            ]
        },
    ),
    Case(
        "an event four days late joins its session",
        {1: [event("03-10 05:00:00")], 4: [event("03-10 05:10:00"), event("03-14 05:00:00")]},
        {
            LAST: [
                "03-10 05:00:00 03-10 05:10:00 first 2",
                "03-14 05:00:00 03-14 05:00:00 timeout 1",
            ]
        },
    ),
    Case(
        "an event more than thirty days late joins its session",
        {1: [event("03-10 05:00:00")], 6: [event("03-10 05:29:59.999999")]},
        {LAST: ["03-10 05:00:00 03-10 05:29:59.999999 first 2"]},
    ),
    Case(
        "an event more than 150 days late joins its session",
        {1: [event("03-10 05:00:00")], 8: [event("03-10 05:01:00"), event("08-19 05:00:00")]},
        {
            LAST: [
                "03-10 05:00:00 03-10 05:01:00 first 2",
                "08-19 05:00:00 08-19 05:00:00 timeout 1",
            ]
        },
    ),
    Case(
        "a late event before the first session becomes the first session",
        {1: [event("03-10 05:00:00")], 2: [event("03-01 05:00:00")]},
        {
            1: ["03-10 05:00:00 03-10 05:00:00 first 1"],
            LAST: [
                "03-01 05:00:00 03-01 05:00:00 first 1",
                "03-10 05:00:00 03-10 05:00:00 timeout 1",
            ],
        },
    ),
    Case(
        "a late event that bridges two sessions leaves no orphan",
        {
            1: [event("03-10 03:00:00"), event("03-10 03:50:00"), event("03-10 05:30:00")],
            2: [event("03-10 03:25:00")],
        },
        {
            1: [
                "03-10 03:00:00 03-10 03:00:00 first 1",
                "03-10 03:50:00 03-10 03:50:00 timeout 1",
                "03-10 05:30:00 03-10 05:30:00 timeout 1",
            ],
            LAST: [
                "03-10 03:00:00 03-10 03:50:00 first 3",
                "03-10 05:30:00 03-10 05:30:00 timeout 1",
            ],
        },
    ),
    Case(
        "the newest session may start earlier than it was known to",
        {1: [event("03-10 05:30:00")], 2: [event("03-10 05:10:00")]},
        {LAST: ["03-10 05:10:00 03-10 05:30:00 first 2"]},
    ),
    Case(
        "a late close adds a reopen",
        {
            1: [event("03-10 05:00:00", "app_open"), event("03-10 05:10:00", "app_open")],
            2: [event("03-10 05:05:00", "app_close")],
        },
        {
            1: ["03-10 05:00:00 03-10 05:10:00 first 2"],
            LAST: [
                "03-10 05:00:00 03-10 05:05:00 first 2",
                "03-10 05:10:00 03-10 05:10:00 reopen 1",
            ],
        },
    ),
    Case(
        "a late open takes a reopen away farther along its chain than a timeout",
        {
            1: [
                event("03-10 04:00:00", "app_open"),
                event("03-10 04:10:00", "app_close"),
                event("03-10 04:35:00"),
                event("03-10 05:00:00"),
                event("03-10 05:25:00", "app_open"),
            ],
            2: [event("03-10 04:10:05", "app_open")],
        },
        {
            1: [
                "03-10 04:00:00 03-10 05:00:00 first 4",
                "03-10 05:25:00 03-10 05:25:00 reopen 1",
            ],
            LAST: ["03-10 04:00:00 03-10 05:25:00 first 6"],
        },
    ),
    Case(
        "an open and a close at one instant leave the app as it was",
        {
            1: [event("03-10 05:00:00", "app_open")],
            2: [
                event("03-10 05:10:00", "app_open"),
                event("03-10 05:10:00", "app_close"),
                event("03-10 05:20:00", "app_open"),
            ],
        },
        {LAST: ["03-10 05:00:00 03-10 05:20:00 first 4"]},
    ),
    Case(
        "an event dated 2099 blocks nothing",
        {
            1: [event("03-10 05:00:00"), event("2099-01-01 00:00:00")],
            2: [event("03-10 05:10:00")],
            4: [event("03-14 05:00:00")],
        },
        {
            LAST: [
                "03-10 05:00:00 03-10 05:10:00 first 2",
                "03-14 05:00:00 03-14 05:00:00 timeout 1",
            ]
        },
    ),
    Case(
        "data after 40 days of silence is loaded",
        {4: [event("03-14 05:00:00")], 6: [event("04-24 05:00:00")]},
        {
            LAST: [
                "03-14 05:00:00 03-14 05:00:00 first 1",
                "04-24 05:00:00 04-24 05:00:00 timeout 1",
            ]
        },
    ),
    Case(
        "ten days of loads read at once after the job was down are all there",
        {
            7: [
                event(f"{at} 05:00:00", loaded_at=micros(f"2024-{at} 06:00:00"))
                for at in ("04-25", "04-26", "04-27", "04-28", "04-29", "04-30")
            ]
            + [event("05-04 05:00:00")]
        },
        {
            LAST: [
                f"{at} 05:00:00 {at} 05:00:00 {'first' if at == '04-25' else 'timeout'} 1"
                for at in ("04-25", "04-26", "04-27", "04-28", "04-29", "04-30", "05-04")
            ]
        },
    ),
    Case(
        "two loads with equal loaded_at are both read",
        {2: [event("03-10 11:00:00")], 3: [event("03-10 11:10:00"), event("03-10 11:50:00")]},
        {
            2: ["03-10 11:00:00 03-10 11:00:00 first 1"],
            3: [
                "03-10 11:00:00 03-10 11:10:00 first 2",
                "03-10 11:50:00 03-10 11:50:00 timeout 1",
            ],
        },
    ),
    Case(
        "a load behind the watermark is read within the lookback",
        {4: [event("03-12 05:00:00")], 5: [event("03-12 05:15:00"), event("03-12 05:40:00")]},
        {
            4: ["03-12 05:00:00 03-12 05:00:00 first 1"],
            5: ["03-12 05:00:00 03-12 05:40:00 first 3"],
        },
    ),
    Case(
        "an event without an actor is nobody's",
        {
            1: [
                event("03-10 05:00:00"),
                event("03-10 05:01:00", device_id=None),
                event("03-10 05:02:00", device_id="0000-0000", user_id="unknown"),
            ],
            2: [event("03-10 05:03:00", device_id="")],
        },
        {LAST: ["03-10 05:00:00 03-10 05:00:00 first 1"]},
    ),
    Case(
        "events without an id are told apart by what they say",
        {
            1: [
                event("03-10 05:00:00", event_id=None),
                event("03-10 05:00:00", event_id=None),
                event("03-10 05:00:00", "purchase", event_id=None),
                event("03-10 05:00:01", event_id=""),
            ],
            2: [event("03-10 05:00:01", event_id=None), event("03-10 05:00:02", event_id=None)],
        },
        {LAST: ["03-10 05:00:00 03-10 05:00:02 first 4"]},
    ),
    Case(
        "a device that is identified later keeps its sessions and their ids",
        {
            1: [event("03-10 05:00:00"), event("03-10 05:10:00")],
            2: [event("03-10 11:00:00", user_id="customer-1")],
        },
        {
            1: ["03-10 05:00:00 03-10 05:10:00 first 2"],
            LAST: [
                "03-10 05:00:00 03-10 05:10:00 first 2",
                "03-10 11:00:00 03-10 11:00:00 timeout 1",
            ],
        },
    ),
    Case(
        "a customer id that changes within a session does not split it",
        {
            1: [event("03-10 05:00:00", user_id="u1"), event("03-10 05:10:00", user_id="u9")],
            2: [event("03-10 05:20:00", user_id="u1")],
        },
        {LAST: ["03-10 05:00:00 03-10 05:20:00 first 3"]},
    ),
    Case(
        "events at one instant are one session however they are split over loads",
        {
            1: [event("03-10 05:00:00", "app_open"), event("03-10 05:00:00", country="US")],
            2: [event("03-10 05:00:00", "purchase"), event("03-10 05:00:00", country="DE")],
        },
        {LAST: ["03-10 05:00:00 03-10 05:00:00 first 4"]},
    ),
    Case(
        "exactly the timeout starts a session",
        {1: [event("03-10 05:00:00")], 2: [event("03-10 05:30:00")]},
        {
            LAST: [
                "03-10 05:00:00 03-10 05:00:00 first 1",
                "03-10 05:30:00 03-10 05:30:00 timeout 1",
            ]
        },
    ),
    Case(
        "a microsecond less than the timeout does not start a session",
        {1: [event("03-10 05:00:00")], 2: [event("03-10 05:29:59.999999")]},
        {LAST: ["03-10 05:00:00 03-10 05:29:59.999999 first 2"]},
    ),
    Case(
        "a microsecond more than the timeout starts a session",
        {1: [event("03-10 05:00:00")], 2: [event("03-10 05:30:00.000001")]},
        {
            LAST: [
                "03-10 05:00:00 03-10 05:00:00 first 1",
                "03-10 05:30:00.000001 03-10 05:30:00.000001 timeout 1",
            ]
        },
    ),
    Case(
        "half an hour and 59 seconds is two sessions",
        {1: [event("03-10 05:00:00"), event("03-10 05:30:59")]},
        {
            LAST: [
                "03-10 05:00:00 03-10 05:00:00 first 1",
                "03-10 05:30:59 03-10 05:30:59 timeout 1",
            ]
        },
    ),
    Case(
        "a session across midnight is one",
        {1: [event("03-09 23:50:00")], 2: [event("03-10 00:05:00")]},
        {LAST: ["03-09 23:50:00 03-10 00:05:00 first 2"]},
    ),
    Case(
        "a session of three days is one",
        {
            1: [
                event(f"03-{7 + minute // 1440:02} {minute // 60 % 24:02}:{minute % 60:02}:00")
                for minute in range(0, 2880, 20)
            ],
            2: [
                event(f"03-09 {minute // 60:02}:{minute % 60:02}:00")
                for minute in range(0, 1440, 20)
            ],
        },
        {
            1: ["03-07 00:00:00 03-08 23:40:00 first 144"],
            LAST: ["03-07 00:00:00 03-09 23:40:00 first 216"],
        },
    ),
    Case(
        "one event is one session",
        {4: [event("03-13 05:00:00")]},
        {LAST: ["03-13 05:00:00 03-13 05:00:00 first 1"]},
    ),
    Case(
        "a duplicate that arrives days later on another day counts once",
        {
            1: [duplicated],
            4: [duplicated, duplicated | {"event_at": micros("2024-03-12 10:00:00")}],
        },
        {LAST: ["03-09 10:00:00 03-09 10:00:00 first 1"]},
    ),
    Case(
        "a duplicate of a late event counts once",
        {
            1: [event("03-09 09:10:00")],
            2: [late],
            4: [late],
            6: [late, event("03-09 09:20:00")],
        },
        {LAST: ["03-09 09:00:00 03-09 09:20:00 first 3"]},
    ),
    Case(
        "an earlier copy that arrives later replaces the one that was counted",
        {
            4: [event("03-12 08:00:00", event_id="moved"), event("03-12 08:10:00")],
            5: [event("03-11 08:00:00", event_id="moved")],
        },
        {
            4: ["03-12 08:00:00 03-12 08:10:00 first 2"],
            LAST: [
                "03-11 08:00:00 03-11 08:00:00 first 1",
                "03-12 08:10:00 03-12 08:10:00 timeout 1",
            ],
        },
    ),
    Case(
        "a copy that moves an event to another user empties the first",
        {
            4: [event("03-12 05:00:00", event_id="stolen")],
            5: [event("03-12 05:00:00", event_id="stolen", device_id="thief")],
        },
        {4: ["03-12 05:00:00 03-12 05:00:00 first 1"], LAST: []},
    ),
    Case(
        "push receipts and callbacks neither start nor extend a session",
        {
            1: [event("03-10 05:00:00"), event("03-10 05:29:00", "push_received")],
            2: [event("03-10 05:31:00"), event("03-10 11:00:00", "server_callback")],
        },
        {
            LAST: [
                "03-10 05:00:00 03-10 05:00:00 first 1",
                "03-10 05:31:00 03-10 05:31:00 timeout 1",
            ]
        },
    ),
    Case(
        "sessions on both sides of a month and of a leap day are whole",
        {
            1: [event("02-28 23:55:00"), event("02-29 00:05:00"), event("02-29 23:45:00")],
            2: [event("03-01 00:10:00")],
        },
        {
            LAST: [
                "02-28 23:55:00 02-29 00:05:00 first 2",
                "02-29 23:45:00 03-01 00:10:00 timeout 2",
            ]
        },
    ),
]
BY_NAME = {case.name: case for case in CASES}
assert len(BY_NAME) == len(CASES)


@dataclass
class History:
    """What the tables said after each load."""

    pipeline: Pipeline
    sessions: dict[int, dict[str, list[str]]] = field(default_factory=dict)
    ids: dict[int, dict[str, list[str]]] = field(default_factory=dict)
    from_reference: dict[int, list[str]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)


def short(instant: int) -> str:
    """A time in 2024 as the cases write it."""
    return moment_of(instant).replace(tzinfo=None).isoformat(" ")[5:]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """All cases loaded, load by load."""
    history = History(Pipeline(tmp_path_factory.mktemp("acceptance")))
    config = CONFIG
    for load in LOADS:
        rows = [row for case in CASES for row in case.rows(load)]
        history.rows += rows
        history.pipeline.load(rows)
        history.from_reference[load] = reference_differences(history.pipeline, history.rows, config)
        history.sessions[load], history.ids[load] = {}, {}
        for user_id, started, ended, reason, count, identity in history.pipeline.query(
            "select user_id, epoch_us(started_at), epoch_us(ended_at), start_reason, event_count,"
            " session_id from core.fct_sessions order by user_id, started_at"
        ):
            text = f"{short(started)} {short(ended)} {reason} {count}"
            history.sessions[load].setdefault(user_id, []).append(text)
            history.ids[load].setdefault(user_id, []).append(identity)
    return history


@pytest.mark.parametrize("name", BY_NAME)
def test_case(history: History, name: str):
    case = BY_NAME[name]
    assert case.sessions
    for load, expected in case.sessions.items():
        assert history.sessions[load].get(case.user_id, []) == expected, f"after load {load}"


@pytest.mark.parametrize("load", LOADS)
def test_every_case_equals_the_reference_after_every_load(history: History, load: int):
    assert not history.from_reference[load]


def test_all_cases_loaded_bit_by_bit_equal_a_full_refresh(history: History):
    full = history.pipeline.rebuilt()
    found = differences(history.pipeline.dbt.database, full.dbt.database)
    assert not found, "\n".join(map(str, found))


def test_a_second_run_is_a_no_op_in_every_table(history: History):
    pipeline = history.pipeline
    before = pipeline.dbt.copy(pipeline.folder / "before")
    places = pipeline.fingerprints()
    pipeline.run()
    assert pipeline.fingerprints() == places
    assert not differences(before.database, pipeline.dbt.database)


def test_sessions_that_late_data_does_not_touch_keep_their_ids(history: History):
    user_id = BY_NAME["a device that is identified later keeps its sessions and their ids"].user_id
    assert history.ids[LAST][user_id][0] == history.ids[1][user_id][0]


def test_a_session_number_and_an_interval_shift_when_a_session_is_put_before(history: History):
    user_id = BY_NAME["a late event before the first session becomes the first session"].user_id
    assert history.pipeline.query(
        "select session_number, session_interval_seconds from core.fct_sessions"
        f" where user_id = '{user_id}' order by started_at"
    ) == [(1, None), (2, Decimal(9 * 86_400))]


def test_a_long_session_is_flagged_and_kept_out_of_length_averages(history: History):
    user_id = BY_NAME["a session of three days is one"].user_id
    assert history.pipeline.query(
        "select exceeds_max_length, session_length_seconds from core.fct_sessions"
        f" where user_id = '{user_id}'"
    ) == [(True, Decimal(3 * 86_400 - 1200))]
    assert history.pipeline.query(
        "select days.session_count, measured_session_count, total_session_length_seconds"
        " from core.fct_user_days as days inner join core.dim_users using (user_key)"
        f" where user_id = '{user_id}'"
        " order by activity_date"
    ) == [(1, 0, Decimal(0)), (0, 0, Decimal(0)), (0, 0, Decimal(0))]


def test_a_session_of_one_event_is_not_measured(history: History):
    user_id = BY_NAME["one event is one session"].user_id
    assert history.pipeline.query(
        "select session_length_seconds, is_measured from core.fct_sessions"
        f" where user_id = '{user_id}'"
    ) == [(Decimal(0), False)]


def test_an_emptied_user_is_gone_from_every_table(history: History):
    user_id = BY_NAME["a copy that moves an event to another user empties the first"].user_id
    for table in ("fct_sessions", "fct_installs", "dim_users"):
        assert history.pipeline.count(f"core.{table}", f"user_id = '{user_id}'") == 0, table
    assert history.sessions[LAST]["thief"] == ["03-12 05:00:00 03-12 05:00:00 first 1"]


def test_an_event_dated_2099_is_refused_with_its_reason(history: History):
    assert history.pipeline.query(
        "select rejection_reason, count(*) from intermediate.int_events_rejected"
        " where event_at > '2098-01-01' group by 1"
    ) == [("event_at_in_future", 1)]


def test_users_without_an_actor_are_refused_with_their_reason(history: History):
    assert history.pipeline.query(
        "select rejection_reason, count(*) from intermediate.int_events_rejected"
        " where user_id is null group by 1"
    ) == [("missing_actor", 3)]


def test_months_are_counted_by_the_date_of_the_session_start(history: History):
    user_id = BY_NAME["sessions on both sides of a month and of a leap day are whole"].user_id
    rows = history.pipeline.query(
        "select cast(activity_date as varchar), day_n, days.session_count"
        " from core.fct_user_days as days"
        " inner join core.dim_users using (user_key)"
        f" where user_id = '{user_id}' order by 1"
    )
    # what the second session does after midnight is activity of March, but no other session
    assert rows == [("2024-02-28", 0, 1), ("2024-02-29", 0, 1), ("2024-03-01", 1, 0)]


def test_raw_rows_are_accepted_duplicate_or_rejected(history: History):
    counts = dict(
        history.pipeline.query(
            "select event_status, count(*) from intermediate.int_event_log group by 1"
        )
    )
    assert sum(counts.values()) == len(history.rows)
    # the five copies of `duplicated` and `late`, of `moved` and `stolen`, and of rows without id
    assert counts == {
        "accepted": len(history.rows) - 12,
        "duplicate": 8,
        "rejected": 4,
    }


# ------------------------------------------------------------------------------ empty first build


def test_a_first_build_without_rows_is_followed_by_data(tmp_path: Path):
    pipeline = Pipeline(tmp_path)
    pipeline.load([])
    assert pipeline.count("core.fct_sessions") == 0
    rows = [event("03-10 05:00:00"), event("03-10 05:10:00"), event("03-10 09:00:00")]
    rows = [row | {"device_id": "d", "loaded_at": micros("2024-03-10 12:00:00")} for row in rows]
    pipeline.load(rows)
    assert pipeline.count("core.fct_sessions") == 2
    pipeline.run()
    assert not reference_differences(pipeline, rows, CONFIG)
    assert not differences(pipeline.dbt.database, pipeline.rebuilt().dbt.database)
