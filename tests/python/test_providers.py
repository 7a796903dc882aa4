"""AppsFlyer and Adjust from their files to sessions: made-up rows in the exports' own layouts.

Two people in each. One installs on Android from a campaign, plays, pays, comes back, is brought
back by another campaign; one is organic, on iOS, and plays over midnight. What has to come out is
worked out by hand, beside the rows.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import shutil
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from dbt_harness import PROJECT_DIR, Dbt
from pipeline import Pipeline, assert_equal_tables

VARS = {"providers": ["appsflyer", "adjust"]}
SELECT = ["+fct_sessions", "+fct_installs", "+fct_user_days", "+mart_data_quality"]
SELECT += ["+mart_rejections"]


def columns(text: str) -> list[str]:
    """Names of columns."""
    return text.split(",")


# ------------------------------------------------------------------------------- AppsFlyer's layout

# the 81 columns of a Pull API report, in their order
PULL = (
    "Attributed Touch Type,Attributed Touch Time,Install Time,Event Time,Event Name,Event Value,"
    "Event Revenue,Event Revenue Currency,Event Revenue USD,Event Source,Is Receipt Validated,"
    "Partner,Media Source,Channel,Keywords,Campaign,Campaign ID,Adset,Adset ID,Ad,Ad ID,Ad Type,"
    "Site ID,Sub Site ID,Sub Param 1,Sub Param 2,Sub Param 3,Sub Param 4,Sub Param 5,Cost Model,"
    "Cost Value,Cost Currency,"
    + "".join(
        f"Contributor {n} Partner,Contributor {n} Media Source,Contributor {n} Campaign,"
        f"Contributor {n} Touch Type,Contributor {n} Touch Time,"
        for n in (1, 2, 3)
    )
    + "Region,Country Code,State,City,Postal Code,DMA,IP,WIFI,Operator,Carrier,Language,"
    "AppsFlyer ID,Advertising ID,IDFA,Android ID,Customer User ID,IMEI,IDFV,Platform,Device Type,"
    "OS Version,App Version,SDK Version,App ID,App Name,Bundle ID,Is Retargeting,"
    "Retargeting Conversion Type,Attribution Lookback,Reengagement Window,Is Primary Attribution,"
    "User Agent,HTTP Referrer,Original URL"
).split(",")
# some of the 47 additional ones
ADDITIONAL = ["Store Reinstall", "Impressions", "Conversion Type", "Blocked Reason", "Device Model"]
ADDITIONAL += ["Monetization Network", "Ad Unit", "Placement"]
# the columns that Data Locker calls otherwise than their header in small letters
API_NAMES = {"Campaign ID": "af_c_id", "Partner": "af_prt", "Channel": "af_channel"}
ANDROID = {
    "AppsFlyer ID": "1772445600123-1000000000000000001",
    "Advertising ID": "aaaaaaaa-0000-4000-8000-000000000001",
    "Platform": "android",
    "App ID": "com.example.blocks",
    "Country Code": "DE",
    "Region": "EU",
    "DMA": "None",
    "Event Source": "SDK",
    "Install Time": "2026-03-02 10:00:00",
    "Is Retargeting": "false",
    "Media Source": "googleadwords_int",
    "Campaign": "DE_Blocks_ACI",
    "Campaign ID": "20830000001",
}
BACK = ANDROID | {
    "Install Time": "2026-03-10 09:00:00",  # when they came back
    "Is Retargeting": "true",
    "Retargeting Conversion Type": "re-engagement",
    "Media Source": "facebook_rtg_int",
    "Campaign": "DE_Blocks_RTG",
    "Campaign ID": "23850000000000001",
}
IOS = {
    "AppsFlyer ID": "1772449200456-2000002",
    "IDFV": "BBBBBBBB-0000-4000-8000-000000000002",
    "Platform": "ios",
    "App ID": "id1234500000",
    "Country Code": "US",
    "Region": "NA",
    "Event Source": "SDK",
    "Install Time": "2026-03-02 11:00:00",
    "Is Retargeting": "false",
}


def flyer(who: Mapping[str, str], at: str, name: str, **cells: str) -> dict[str, str]:
    """A row; cells by the header in small letters, blanks as underscores."""
    known = {header.lower().replace(" ", "_"): header for header in (*PULL, *ADDITIONAL)}
    day = at if len(at) > 14 else f"2026-03-{at}"
    row = dict(who) | {"Event Time": day, "Event Name": name}
    return row | {known[key]: value for key, value in cells.items()}


def paid(amount: str, usd: str, **cells: str) -> dict[str, str]:
    """The cells of revenue in euros."""
    return {
        "event_value": f'{{"af_revenue":"{amount}"}}',
        "event_revenue": amount,
        "event_revenue_currency": "EUR",
        "event_revenue_usd": usd,
        "is_primary_attribution": "true",
        **cells,
    }


EVENT = {"event_revenue_currency": "EUR", "is_primary_attribution": "true"}
TWIN = {"is_primary_attribution": "false"}
LOGIN = flyer(ANDROID, "02 10:00:20", "login", event_value="{}", **EVENT)
IN_APP = [  # newest first, as reports are
    flyer(ANDROID, "10 09:06:30", "af_purchase", **paid("9.99", "10.789200000000001", **TWIN)),
    flyer(ANDROID, "10 09:05:00", "level_up", event_value='{"level":3}', **EVENT | TWIN),
    flyer(ANDROID, "04 21:10:00", "level_up", event_value='{"level":3}', **EVENT),
    flyer(ANDROID, "02 11:00:02", "level_up", event_value='{"level":2}', **EVENT),
    flyer(
        ANDROID, "02 10:30:00", "subscription_renewed", **paid("2.99", "3.2292", event_source="S2S")
    ),
    flyer(ANDROID, "02 10:20:10", "level_up", event_value='{"level":1}', **EVENT),
    flyer(ANDROID, "02 10:05:00", "af_purchase", **paid("4.99", "5.3892")),
    flyer(ANDROID, "02 10:05:00", "af_purchase", **paid("3.99", "4.3092")),
    LOGIN,
    LOGIN,
]
REPORTS = {
    "installs_report.csv": [flyer(ANDROID, "02 10:00:00", "install", conversion_type="install")],
    "installs_retarget.csv": [flyer(BACK, "10 09:00:00", "re-engagement")],
    "in_app_events_report.csv": IN_APP,
    "in_app_events_retarget.csv": [
        flyer(BACK, "10 09:06:30", "af_purchase", **paid("9.99", "10.789200000000001")),
        flyer(BACK, "10 09:05:00", "level_up", event_value='{"level":3}', **EVENT),
    ],
    "organic_installs_report.csv": [flyer(IOS, "02 11:00:00", "install")],
    "organic_in_app_events_report.csv": [
        flyer(IOS, "03 00:05:00", "level_up", event_value="null"),
        flyer(IOS, "02 23:50:00", "level_up", event_value="null"),
        flyer(IOS, "02 11:01:00", "tutorial_done", event_value="null"),
    ],
    "ad_revenue_raw.csv": [
        flyer(ANDROID, f"02 {at}", "af_ad_revenue", event_value="{}", event_revenue=usd,
              event_revenue_currency="USD", event_revenue_usd=usd, impressions="1")
        for at, usd in (("10:21:00", "0.000079"), ("10:03:00", "0.0123"))
    ],
}  # fmt: skip
LAUNCHES = {  # by the day and hour in which they arrived
    ("2026-03-02", "10"): [
        *[flyer(ANDROID, f"02 {at}", "launch") for at in ("10:00:05", "10:00:12", "10:04:00")],
        flyer(ANDROID, "02 10:59:58", "launch"),
    ],
    ("2026-03-02", "11"): [flyer(IOS, "02 11:00:03", "launch")],
    ("2026-03-02", "late"): [flyer(IOS, "02 23:49:30", "launch")],
    ("2026-03-04", "21"): [flyer(ANDROID, "04 21:09:50", "launch")],
    ("2026-03-10", "9"): [
        flyer(BACK, "10 09:00:03", "launch", is_primary_attribution="true"),
        flyer(ANDROID, "10 09:00:03", "launch", is_primary_attribution="false"),
    ],
}


def table(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """Rows as CSV; what a row lacks is blank."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def pull(rows: Sequence[Mapping[str, str]]) -> str:
    """A Pull API report, with additional columns where a row has them."""
    names = {name for row in rows for name in row}
    return table([*PULL, *(name for name in ADDITIONAL if name in names)], rows)


def locker(rows: Sequence[Mapping[str, str]]) -> bytes:
    """A file of Data Locker: the API's names."""
    names = {name: API_NAMES.get(name) or name.lower().replace(" ", "_") for name in PULL}
    renamed = [{names[key]: value for key, value in row.items()} for row in rows]
    return gzip.compress(table(list(names.values()), renamed).encode())


# ---------------------------------------------------------------------------------- Adjust's layout

DEFINITION = columns(
    "{activity_kind},{event_name},{event},{created_at},{received_at},{installed_at},"
    "{reattributed_at},{app_token},{app_id},{app_version_short},{environment},{store},{os_name},"
    "{os_version},{device_name},{country},{adid},{idfa||gps_adid||fire_adid},{idfv},{android_id},"
    "{is_organic},{is_reattributed},{is_imported},{network_name},{campaign_name},{tracker_name},"
    "{session_count},{last_session_time},{time_spent},{last_time_spent},{revenue_float},{currency},"
    "{reporting_revenue},{reporting_currency},{ad_impressions_count},{cost_amount},{nonce},[user_id]"
)
PLAYER = {
    "app_token": "abc123def456",
    "app_id": "com.example.blocks",
    "environment": "production",
    "store": "google",
    "os_name": "android",
    "country": "de",
    "adid": "0123456789abcdef0123456789abcdef",
    "idfa||gps_adid||fire_adid": "aaaaaaaa-0000-4000-8000-000000000011",
    "is_organic": "0",
    "is_imported": "0",
    "network_name": "Google Ads ACI",
    "campaign_name": "DE_Blocks_ACI (20830000001)",
    "installed_at": "1772445600",  # 2026-03-02 10:00:00
}
RETURNED = {"network_name": "Facebook", "campaign_name": "DE_Blocks_RTG (23850000000000001)"}
ORGANIC = {
    "app_token": "abc123def456",
    "app_id": "1234500000",
    "environment": "production",
    "store": "itunes",
    "os_name": "ios",
    "country": "us",
    "adid": "fedcba9876543210fedcba9876543210",
    "idfa||gps_adid||fire_adid": "00000000-0000-0000-0000-000000000000",
    "is_organic": "1",
    "network_name": "Organic",
    "installed_at": "1772449200",  # 11:00:00
}
NOBODY = {key: value for key, value in PLAYER.items() if key not in ("adid", "installed_at")}


def activity(
    who: Mapping[str, str], at: int, kind: str, nonce: str, **cells: str
) -> dict[str, str]:
    """A row; Adjust got it two seconds later."""
    row = {"activity_kind": kind, "created_at": str(at), "received_at": str(at + 2)}
    row |= dict(who) | {"nonce": nonce} | cells
    return {f"{{{key}}}": value for key, value in row.items()}


LEVEL = {"event_name": "level_up", "event": "lv1abc"}
EURO = {"revenue_float": "4.99", "currency": "EUR"}
ADJUST = [
    activity(NOBODY, 1772444400, "impression", "n01"),
    activity(NOBODY, 1772445000, "click", "n02"),
    activity(PLAYER, 1772445600, "install", "n03"),  # 10:00:00, and no session beside it
    activity(PLAYER, 1772445900, "event", "n04", **LEVEL),
    activity(PLAYER, 1772445960, "event", "n05", event_name="purchase", event="pu1abc",
             reporting_revenue="5.3892", reporting_currency="USD", **EURO),
    activity(PLAYER, 1772446200, "ad_revenue", "n06", reporting_revenue="0.0123",
             reporting_currency="USD", ad_impressions_count="1"),  # 10:10:00
    activity(PLAYER, 1772449200, "session", "n07", last_session_time="1772445600",
             time_spent="0", last_time_spent="612"),  # 11:00:00
    activity(PLAYER, 1772449260, "event", "n08", **LEVEL),
    activity(PLAYER, 1772658590, "session", "n09", last_time_spent="95"),  # 03-04 21:09:50
    activity(PLAYER, 1772676000, "install_update", "n10"),
    activity(PLAYER, 1772679600, "cost_update", "n11", cost_amount="1.25"),
    activity(PLAYER | RETURNED, 1773306000, "reattribution", "n12"),  # 03-12 09:00:00
    activity(PLAYER, 1773306120, "event", "n13", **LEVEL),
    activity(PLAYER, 1775124000, "subscription", "n14", **EURO),
    activity(PLAYER, 1775347200, "uninstall", "n15"),
    activity(PLAYER, 1775635200, "reinstall", "n16"),  # 04-08 08:00:00
    activity(ORGANIC, 1772449200, "install", "n17"),
    activity(ORGANIC, 1772449260, "event", "n18", event_name="tutorial_done"),
    activity(ORGANIC, 1772495370, "session", "n19", last_time_spent="70"),  # 23:49:30
    activity(ORGANIC, 1772496300, "event", "n20", **LEVEL),  # 00:05:00
    activity(ORGANIC, 1772496330, "att_update", "n21"),
    activity(ORGANIC, 1772449201, "rejected_install", "n22"),
    activity(ORGANIC | {"environment": "sandbox", "adid": "5andb0x"}, 1772452800, "session", "n23"),
    activity(PLAYER, 1772445900, "event", "n04", **LEVEL),  # delivered twice
]  # fmt: skip
HOUR = "adjust/events/abc123def456_2026-03-02T100000_9f1c0de5a3b2c1d0e9f8a7b6c5d4e3f2.csv.gz"


def write(pipeline: Pipeline, name: str, content: str | bytes) -> None:
    """A file below raw_path."""
    path = pipeline.raw / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def fresh(folder: Path, select: Sequence[str] = SELECT) -> Pipeline:
    """A pipeline of both providers with the project's own settings of them."""
    pipeline = Pipeline(folder, vars=VARS, select=select)
    with pipeline.connect(read_only=False) as connection:
        connection.execute("delete from seeds.provider_settings")
        connection.execute(
            "insert into seeds.provider_settings (provider, min_open_interval_seconds)"
            " values ('appsflyer', 600), ('adjust', 0)"
        )
    return pipeline


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Pipeline:
    """Both providers' rows, taken in by one run."""
    pipeline = fresh(tmp_path_factory.mktemp("providers"))
    for name, rows in REPORTS.items():
        write(pipeline, f"appsflyer/events/{name}", pull(rows))
    for (day, hour), rows in LAUNCHES.items():
        folder = f"appsflyer/events/locker/t=sessions/dt={day}/h={hour}"
        write(pipeline, f"{folder}/part-00000.csv.gz", locker(rows))
        write(pipeline, f"{folder}/_SUCCESS", "")
    # a report of what is no user's event
    write(pipeline, "appsflyer/events/locker/t=clicks/dt=2026-03-02/h=10/part-0.csv", "a,b\n1,2\n")
    write(pipeline, HOUR, gzip.compress(table(DEFINITION, ADJUST).encode()))
    pipeline.run()
    return pipeline


SESSIONS = """
    select s.platform, s.started_at::varchar, s.session_length_seconds::int, s.event_count,
        s.app_open_count, s.purchase_count, s.iap_revenue_usd::double, s.ad_revenue_usd::double,
        s.reengagement_campaign_id
    from core.fct_sessions as s
    where s.app_id {} 'abc123def456'
    order by 1, 2
"""


def test_sessions_of_appsflyer(built: Pipeline):
    assert built.query(SESSIONS.format("<>")) == [
        # 10:00:00 to 10:21:00: three launches within ten minutes are one open, the renewal that a
        # server sent at 10:30 is nobody's doing; 5.3892 + 4.3092, and 0.0123 + 0.000079
        ("android", "2026-03-02 10:00:00", 1260, 10, 1, 2, 9.6984, 0.012379, None),
        ("android", "2026-03-02 10:59:58", 4, 2, 1, 0, 0, 0, None),
        ("android", "2026-03-04 21:09:50", 10, 2, 1, 0, 0, 0, None),
        # once, though reported twice
        ("android", "2026-03-10 09:00:00", 390, 4, 1, 1, 10.7892, 0, "23850000000000001"),
        ("ios", "2026-03-02 11:00:00", 60, 3, 1, 0, 0, 0, None),
        ("ios", "2026-03-02 23:49:30", 930, 3, 1, 0, 0, 0, None),
    ]


def test_sessions_of_adjust(built: Pipeline):
    """As many opens as sessions, from three session rows; time spent is in none of them."""
    assert built.query(SESSIONS.format("=")) == [
        ("android", "2026-03-02 10:00:00", 600, 4, 1, 1, 5.3892, 0.0123, None),
        ("android", "2026-03-02 11:00:00", 60, 2, 1, 0, 0, 0, None),
        ("android", "2026-03-04 21:09:50", 0, 1, 1, 0, 0, 0, None),
        ("android", "2026-03-12 09:00:00", 120, 2, 1, 0, 0, 0, "23850000000000001"),
        ("android", "2026-04-08 08:00:00", 0, 1, 1, 0, 0, 0, None),
        ("ios", "2026-03-02 11:00:00", 60, 2, 1, 0, 0, 0, None),
        ("ios", "2026-03-02 23:49:30", 930, 2, 1, 0, 0, 0, None),
    ]


def test_every_row_is_accounted_for(built: Pipeline):
    assert built.query(
        "select provider, sum(raw_row_count), sum(accepted_count), sum(duplicate_count),"
        " sum(rejected_count), sum(left_out_count) from marts.mart_data_quality"
        " where feed = 'events' group by 1 order by 1"
    ) == [("adjust", 24, 22, 1, 0, 1), ("appsflyer", 29, 25, 1, 0, 3)]
    assert built.query(
        "select provider, kind, rejection_reason, sum(row_count) from marts.mart_rejections"
        " where feed = 'events' and column_name is null group by all order by 1"
    ) == [
        ("adjust", "row_left_out", "sandbox", 1),
        ("appsflyer", "row_left_out", "not_primary_attribution", 3),
    ]
    # money without activity is on its day all the same: 2.99 and 4.99 euros
    assert built.query(
        "select app_id, sum(iap_revenue_usd)::double from intermediate.int_events"
        " where event_type = 'purchase' and not is_activity and app_id <> 'abc123def456' group by 1"
    ) == [("com.example.blocks", 3.2292)]


def test_installs_are_credited_and_dated_by_the_provider(built: Pipeline):
    assert built.query(
        "select provider, platform, campaign_id, channel, installed_at::varchar, country"
        " from core.fct_installs where not is_install_inferred order by 1, 2"
    ) == [
        ("adjust", "android", "20830000001", "google_ads", "2026-03-02 10:00:00", "DE"),
        ("adjust", "ios", None, None, "2026-03-02 11:00:00", "US"),
        ("appsflyer", "android", "20830000001", "google_ads", "2026-03-02 10:00:00", "DE"),
        ("appsflyer", "ios", None, None, "2026-03-02 11:00:00", "US"),
    ]
    assert built.count("core.fct_installs") == 4


def test_a_row_has_landed_when_its_folder_or_name_says(built: Pipeline):
    assert built.query(
        "select event_name, event_at::varchar, loaded_at::varchar from intermediate.int_events"
        " where event_name in ('launch', 'install_update', 'click') order by 2"
    ) == [
        # the end of the file's hour; or when Adjust got it, where that is later
        ("click", "2026-03-02 09:50:00", "2026-03-02 11:00:00"),
        ("launch", "2026-03-02 10:00:05", "2026-03-02 11:00:00"),
        ("launch", "2026-03-02 10:00:12", "2026-03-02 11:00:00"),
        ("launch", "2026-03-02 10:04:00", "2026-03-02 11:00:00"),
        ("launch", "2026-03-02 10:59:58", "2026-03-02 11:00:00"),
        ("launch", "2026-03-02 11:00:03", "2026-03-02 12:00:00"),
        # `late` has no hour: the end of the day
        ("launch", "2026-03-02 23:49:30", "2026-03-03 00:00:00"),
        ("launch", "2026-03-04 21:09:50", "2026-03-04 22:00:00"),
        ("install_update", "2026-03-05 02:00:00", "2026-03-05 02:00:02"),
        ("launch", "2026-03-10 09:00:03", "2026-03-10 10:00:00"),
    ]
    assert built.query(
        "select split_part(file_name, '/', 4), reason from intermediate.state_files"
        " where status = 'not_read'"
    ) == [
        (
            "t=clicks",
            "it is a report of clicks, impressions, postbacks, blocked traffic or SKAdNetwork,"
            " which are no user's events",
        )
    ]


def test_the_unit_tests_of_their_staging(built: Pipeline):
    """Models of providers that are not in use by default have their tests here."""
    built.point()
    result = built.dbt("test", "--select", "stg_appsflyer__events", "stg_adjust__events")
    assert sum("__events__" in name for name in result.statuses) >= 11


def test_what_comes_again_in_another_layout_is_known(built: Pipeline, tmp_path: Path):
    """Columns in another order, by loaders' names, with a BOM; a definition of seven columns."""
    pipeline = Pipeline(tmp_path, vars=VARS, select=SELECT)
    pipeline.dbt.database.write_bytes(built.dbt.database.read_bytes())
    shutil.copytree(built.raw, pipeline.raw, dirs_exist_ok=True)
    sessions = [built.query(SESSIONS.format(sign)) for sign in ("=", "<>")]
    loose = {name: name.lower().replace(" ", "_") for name in reversed(PULL)}
    rows = [{loose[key]: value for key, value in row.items()} for row in IN_APP]
    write(pipeline, "appsflyer/events/again.csv", "\ufeff" + table(list(loose.values()), rows))
    # reports in folders of another kind: each row is what it is
    write(
        pipeline,
        "appsflyer/events/t=sessions/dt=2026-03-10/h=10/part.csv",
        pull(REPORTS["installs_report.csv"] + REPORTS["organic_installs_report.csv"]),
    )
    write(
        pipeline,
        "appsflyer/events/t=attributed_ad_revenue/dt=2026-03-10/h=10/part.csv",
        pull(REPORTS["installs_retarget.csv"] + LAUNCHES["2026-03-04", "21"]),
    )
    again = [
        # `n04` once more, what the sandbox sent, and a kind that nobody has heard of
        ("event", "1772445900", PLAYER["adid"], "n04", "production"),
        ("session", "1772446000", PLAYER["adid"], "n90", "sandbox"),
        ("brand_new_kind", "1772500000", PLAYER["adid"], "n91", ""),
    ]
    names = "_activity_kind_,_created_at_,_adid_,_nonce_,_environment_,_app_token_,_os_name_"
    lines = [",".join((*row, "abc123def456", "android")) for row in again]
    write(
        pipeline, HOUR.replace("02T10", "03T02").removesuffix(".gz"), "\n".join([names, *lines, ""])
    )
    # `n04` a third time, and a row without an `adid`, as dlt writes names: `}` is x, `|` is l
    names = "_activity_kindx,_created_atx,_adidx,_noncex,_environmentx,_app_tokenx,_os_namex"
    no_adid = "click,1772500001,,n92,,abc123def456,android"
    lines = [f"{names},_idfallgps_adidx", f"{lines[0]},", f"{no_adid},{uuid.UUID(int=92)}", ""]
    write(pipeline, HOUR.replace("02T10", "03T03").removesuffix(".gz"), "\n".join(lines))
    pipeline.run()
    assert [pipeline.query(SESSIONS.format(sign)) for sign in ("=", "<>")] == sessions
    assert pipeline.query(
        "select provider, sum(accepted_count), sum(duplicate_count), sum(left_out_count)"
        " from marts.mart_data_quality where feed = 'events' group by 1 order by 1"
    ) == [("adjust", 24, 3, 2), ("appsflyer", 25, 1 + 8 + 2 + 2, 3 + 2)]
    assert_equal_tables(pipeline, pipeline.rebuilt())

    # all other kinds are one row of the seed, which holds for what is there, too
    with pipeline.connect(read_only=False) as connection:
        connection.execute(
            "update seeds.event_types set is_activity = true where provider = 'adjust'"
            " and event_name = '*'"
        )
    pipeline.run()
    found = [row[:4] for row in pipeline.query(SESSIONS.format("="))]
    assert ("android", "2026-03-03 01:06:40", 0, 1) in found
    assert len(found) == len(sessions[0]) + 1


# ---------------------------------------------------------------------------------------- bad input

GOOD = {
    "appsflyer": ("appsflyer/events/good.csv", pull(REPORTS["installs_report.csv"])),
    "adjust": (HOUR, gzip.compress(table(DEFINITION, ADJUST[:3]).encode())),
}


def test_what_is_no_such_report_stops_the_build_by_name(tmp_path: Path):
    pipeline = fresh(tmp_path, ["state_files"])
    for name, content in GOOD.values():
        write(pipeline, name, content)
    aggregate = "Date,Agency/PMD (af_prt),Media Source (pid),Campaign (c),Impressions,Clicks\n"
    flyer_hint = "Raw data reports have these columns"
    for name, content, texts in [
        (
            "appsflyer/events/quota.csv",
            "You've reached your maximum number of in-app event reports, try again tomorrow",
            ["it is a text and no table: 'You've reached your maximum number of in-app event"],
        ),
        (
            "appsflyer/events/by_date.csv",
            aggregate + "2026-03-02,,googleadwords_int,DE,1,1\n",
            ["it has no column 'event_time'", "no 'app_id'", flyer_hint],
        ),
        (
            "appsflyer/events/t=sessions/dt=2026-03-02/h=10/adjust.csv",
            table(DEFINITION, ADJUST[:1]),
            ["it has no column 'event_time'", flyer_hint],
        ),
        (
            "adjust/events/short.csv",
            "{event_name},{country},{app_token}\nx,de,abc\n",
            [
                "it has no column 'created_at', no 'activity_kind', no 'adid' or 'advertising_id'",
                "Add to the definition of the export",
            ],
        ),
    ]:
        write(pipeline, name, content)
        result = pipeline.run(check=False)
        assert not result.success, name
        for text in (f"/{name}: ", *texts):
            assert text in str(result), (name, text, str(result))
        (pipeline.raw / name).unlink()


def test_a_file_of_as_many_rows_as_the_limit_is_named_as_probably_cut(tmp_path: Path):
    pipeline = fresh(tmp_path, ["+int_events"])
    write(pipeline, *GOOD["adjust"])
    header = "Event Time,Event Name,App ID,AppsFlyer ID,Platform\n"
    line = "2026-03-02 10:00:00,level_up,com.example.blocks,1772445600123-1,android\n"
    write(pipeline, "appsflyer/events/cut.csv", header + line * 200_000)
    write(pipeline, "appsflyer/events/whole.csv", header + line * 199_999)
    pipeline.run()
    assert pipeline.query(
        "select file_name, row_count, left(reason, 45) from intermediate.state_files"
        " where provider = 'appsflyer' order by 1"
    ) == [
        ("appsflyer/events/cut.csv", 200_000, "probably cut: it has exactly 200,000 rows, as"),
        ("appsflyer/events/whole.csv", 199_999, None),
    ]


# -------------------------------------------------------------------------------- what is in use


def test_models_of_providers_that_are_not_chosen_are_disabled(built: Pipeline, tmp_path: Path):
    def providers(manifest: dict) -> set[str]:
        return {
            node["name"].removeprefix("stg_").split("__")[0]
            for node in manifest["nodes"].values()
            if node["resource_type"] == "model" and node["name"].startswith("stg_")
        }

    assert providers(built.dbt.manifest()) == {"appsflyer", "adjust"}
    assert providers(Dbt(tmp_path).manifest()) == {"generic", "tenjin"}


def test_a_provider_without_a_sample_says_what_to_set(tmp_path: Path):
    dbt = Dbt(tmp_path, vars={"providers": ["adjust"]})
    dbt("seed")
    result = dbt("compile", "--select", "stg_adjust__events", check=False)
    assert "there is nothing to read for provider 'adjust': set raw_path" in str(result)
    assert "the bundled sample has none of its rows" in str(result)


# ------------------------------------------------------------------------------ one's own provider


def test_the_provider_that_the_documentation_writes_works(tmp_path: Path):
    """Its files as the page shows them, in a copy of the project."""
    page = (PROJECT_DIR / "docs" / "providers.md").read_text()
    page = page[page.index("## Write a provider of your own") :]
    project = tmp_path / "project"
    left = shutil.ignore_patterns(".*", "target", "logs", "published", "*.duckdb*", "python", "ops")
    shutil.copytree(PROJECT_DIR, project, ignore=left)
    blocks = re.findall(r"```(?:yaml|sql|csv)\n(.*?)```", page, flags=re.DOTALL)
    files = re.findall(r"`(models/staging/acme/\S+)`:", page)
    assert len(files) == 2 and len(blocks) == 4
    assert len("".join(blocks).splitlines()) <= 52
    for name, block in zip(files, blocks, strict=False):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(block)
    for seed, block in zip(("event_types", "provider_settings"), blocks[2:], strict=True):
        with (project / "seeds" / f"{seed}.csv").open("a") as file:
            file.write(block)
    raw = tmp_path / "raw" / "acme" / "events"
    raw.mkdir(parents=True)
    (raw / "2026-03-03.csv").write_text(
        "what,when_ms,game,phone,euros\n"
        "start,1772445600123,blocks,p1,\n"  # 2026-03-02 10:00:00.123
        "gem,1772445660123,blocks,p1,4.99\n"
        "push,1772445720123,blocks,p1,\n"
    )
    vars = {"providers": ["acme"], "raw_path": str(tmp_path / "raw")}
    dbt = Dbt(tmp_path / "acme", project_dir=project, vars=vars)
    dbt("seed")
    dbt("run", "--select", "+fct_sessions")
    # 4.99 euros at the seed's rate of that day
    (rate,) = dbt.query(
        "select max_by(usd_per_unit, valid_from) from seeds.exchange_rates"
        " where currency = 'EUR' and valid_from <= '2026-03-02'"
    )[0]
    assert dbt.query(
        "select started_at::varchar, session_length_seconds::int, event_count, app_open_count,"
        " purchase_count, iap_revenue_usd from core.fct_sessions"
    ) == [("2026-03-02 10:00:00.123", 60, 2, 1, 1, round(Decimal("4.99") * rate, 6))]
