"""The dashboard shows what the marts say: served by dbt-charts, read as a page and in a browser.

`make test-dashboard` makes the environment that these tests need; elsewhere they are skipped.
Expected numbers are queried from the marts here, each by a query of its own.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt_harness import DATABASE_FILE, PROJECT_DIR, Dbt

DASHBOARD_DIR = PROJECT_DIR / "ops" / "dashboard"
DCT = Path(sys.executable).with_name("dct")
PAGES = ("engagement", "acquisition", "retention", "forecast", "data_quality")
START_SECONDS = 120
PAGE_SECONDS = 300

sys.path.insert(0, str(DASHBOARD_DIR))

if not DCT.exists():
    pytest.skip(
        "dbt-charts is not in this environment: `make test-dashboard` makes one and runs these",
        allow_module_level=True,
    )

from browser import NO_CHROMIUM, find_chromium, open_browser  # noqa: E402
from frame import FILTERS, WIDE  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"


@dataclass
class Page:
    """One drawn page: its charts by name, each with its texts in the order of drawing."""

    svg: ElementTree.Element

    def texts(self, chart: str) -> list[str]:
        """The texts of a chart; the first of a KPI is its value.

        Raises:
            AssertionError: the page has no such chart.
        """
        for group in self.svg.iter(f"{SVG}g"):
            if group.get("data-chart-id") == chart:
                texts = ("".join(text.itertext()).strip() for text in group.iter(f"{SVG}text"))
                return [re.sub(r"\s+", " ", text) for text in texts if text]
        raise AssertionError(f"no chart {chart} on this page, but {sorted(self.charts())}")

    def cells(self, chart: str) -> list[str]:
        """The texts without blanks: between the lines of a cell that is broken there are none."""
        return ["".join(text.split()) for text in self.texts(chart)]

    def row(self, chart: str, *names: str) -> list[str]:
        """The cells from the one on that says the names, which a phone has in one cell."""
        cells = self.cells(chart)
        return cells[cells.index("".join(",".join(names).split())) :]

    def charts(self) -> set[str]:
        """The names of all charts on the page."""
        names = (group.get("data-chart-id") for group in self.svg.iter(f"{SVG}g"))
        return {name for name in names if name}

    def values(self, *charts: str) -> list[str]:
        """The value of each KPI."""
        return [self.texts(chart)[0] for chart in charts]

    def everything(self) -> str:
        """All that is written on the page."""
        return " ".join("".join(self.svg.itertext()).split())

    def colour(self, chart: str, label: str) -> str:
        """The colour of a line's label, which is its line's."""
        for group in self.svg.iter(f"{SVG}g"):
            if group.get("data-chart-id") == chart:
                for text in group.iter(f"{SVG}text"):
                    if "".join(text.itertext()).strip() == label:
                        return str(text.get("fill"))
        raise AssertionError(f"no label {label} in chart {chart}")


@dataclass
class Dashboard:
    """A running server and the database that it shows.

    `drawn` keeps pages by their address, for tests that look at one page and whose database
    stays as it is.
    """

    url: str
    database: Path
    drawn: dict[str, Page] = field(default_factory=dict)

    def page(self, name: str, **filters: Any) -> Page:
        """A page as the server draws it; a filter of several values is given as a list.

        Raises:
            AssertionError: the server answers with an error page; the text is its message.
        """
        address = f"{self.url}/{name}.svg?{urllib.parse.urlencode(filters, doseq=True)}"
        if address not in self.drawn:
            self.drawn[address] = self.draw(address)
        return self.drawn[address]

    def draw(self, address: str) -> Page:
        """The page at an address, drawn now."""
        try:
            with urllib.request.urlopen(address, timeout=PAGE_SECONDS) as answer:
                return Page(ElementTree.fromstring(answer.read()))
        except urllib.error.HTTPError as error:
            text = re.sub(r"(?s)<(style|script).*?</\1>|<[^>]+>", " ", error.read().decode())
            raise AssertionError(f"{error.code} {' '.join(text.split())}") from error

    def query(self, sql: str) -> list[tuple]:
        """Rows of a query on the database shown."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def environment(database: Path) -> dict[str, str]:
    """What dbt-charts is started with."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    return kept | {"DASHBOARD_DB": str(database), "DO_NOT_TRACK": "1"}


@contextmanager
def serve(database: Path, folder: Path) -> Iterator[Dashboard]:
    """The dashboard of a database, on a free port of this machine, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, str(DASHBOARD_DIR / "serve.py")]
    command += ["--project-dir", str(DASHBOARD_DIR), "--no-cache"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    log = folder / "serve.log"  # outside the project, whose files are watched
    with log.open("w") as output:
        server = subprocess.Popen(
            command, cwd=folder, env=environment(database), stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{url}/health", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
        yield Dashboard(url, database)
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture(scope="module")
def dashboard(built: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """The dashboard of the bundled sample."""
    with serve(built.database, tmp_path_factory.mktemp("dashboard")) as served:
        yield served


def changed_copy(built: Dbt, folder: Path, where: str) -> Path:
    """A copy of the sample's database with only the rows of core and marts that `where` keeps."""
    database = folder / DATABASE_FILE
    shutil.copyfile(built.database, database)
    with duckdb.connect(str(database)) as connection:
        tables = connection.execute(
            """
            select table_schema, table_name, bool_or(column_name = 'app_id')
            from information_schema.columns
            inner join information_schema.tables using (table_catalog, table_schema, table_name)
            where table_schema in ('core', 'marts') and table_type = 'BASE TABLE'
            group by all
            """
        ).fetchall()
        for schema, table, has_app in tables:
            if has_app or where == "false":
                connection.execute(f"delete from {schema}.{table} where not ({where})")
    return database


@pytest.fixture(scope="module")
def pages(built: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the static pages of the sample."""
    folder = tmp_path_factory.mktemp("pages")
    subprocess.run(
        [sys.executable, str(DASHBOARD_DIR / "static_pages.py"), str(folder)],
        env=environment(built.database),
        check=True,
    )
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    pytest.importorskip("playwright", reason="`make test-dashboard` installs Playwright")
    if find_chromium() is None:
        pytest.skip(NO_CHROMIUM)
    with open_browser() as opened:
        yield opened


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    """A tab that reaches this machine only, and notes what else it was asked to reach."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PAGE_SECONDS * 1000)
    page.elsewhere = []

    def guard(route: Any) -> None:
        if route.request.url.startswith(("http://127.0.0.1:", "file://", "data:", "blob:")):
            route.continue_()
        else:
            page.elsewhere.append(route.request.url)
            route.abort()

    page.route("**/*", guard)
    yield page
    page.close()


def kpi_in(tab: Any, chart: str) -> str:
    """The value of a KPI in the browser."""
    return tab.locator(f"[data-chart-id={chart}] text").first.text_content().strip()


def whole(number: Any) -> str:
    """A number without decimals; halves go up, as they do in charts."""
    return f"{math.floor(float(number) + 0.5):,}"


def cents(number: Any) -> str:
    return f"{number:,.2f}"


def percent(number: Any, digits: int = 1) -> str:
    return f"{100 * number:.{digits}f}%"


def duration(seconds: Any) -> str:
    """Seconds as the dashboard writes them: the two greatest units."""
    parts, left = [], round(seconds)
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        parts.append((count, unit))
    while parts[0][0] == 0 and len(parts) > 1:
        parts.pop(0)
    return " ".join(f"{count}{unit}" for count, unit in parts[:2] if count)


# --- the pages as they are written -----------------------------------------------------------


def test_pages_are_valid(tmp_path: Path) -> None:
    """That their SQL runs is tested by drawing each of them below."""
    done = subprocess.run(
        [str(DCT), "validate", "--project-dir", str(DASHBOARD_DIR)],
        cwd=tmp_path,
        env=environment(tmp_path / DATABASE_FILE),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# what a phone has in place of a chart that is too wide for it, where a name with _phone_ is not all
ON_A_PHONE = {
    "campaigns_table": {"spend_phone_table", "return_phone_table"},
    "forecast_table": {"ltv_phone_table", "roas_phone_table"},
    "freshness_table": {"freshness_phone_table", "rows_phone_table"},
    "heat_table": {"heat_chart"},
}


def test_a_phone_gets_the_charts_of_the_wide_page() -> None:
    layouts = {path.name for path in (DASHBOARD_DIR / "charts").glob("*.yml")} - {"meta.yml"}
    phones = {path.name for path in (DASHBOARD_DIR / "charts" / "phone").glob("*.yml")}
    assert layouts == phones - {"meta.yml"} == {f"{page}.yml" for page in PAGES}
    for page in PAGES:
        charts = (DASHBOARD_DIR / "pages" / f"{page}.yml").read_text().split("\ncharts:")[1]
        names = set(re.findall(r"^  (\w+):$", charts, re.M))
        wide, phone = (
            names & set(re.findall(r"\w+", (DASHBOARD_DIR / "charts" / layout).read_text()))
            for layout in (f"{page}.yml", f"phone/{page}.yml")
        )
        assert wide | phone == names, page
        for chart in wide - phone:
            parts = chart.rpartition("_")
            instead = ON_A_PHONE.get(chart, {f"{parts[0]}_phone_{parts[2]}"})
            assert instead <= phone, f"{page}: {chart}"


def test_links_take_filters_that_the_page_has() -> None:
    for page, filters in FILTERS.items():
        text = (DASHBOARD_DIR / "pages" / f"{page}.yml").read_text()
        if "extends: ./cohorts.yml" in text:
            text += (DASHBOARD_DIR / "pages" / "cohorts.yml").read_text()
        assert set(filters.split()) <= set(re.findall(r"^  (\w+):\n    input:", text, re.M)), page


def test_pages_read_marts_and_names_only() -> None:
    """Metric logic stays in the marts: of core only the names of apps and campaigns are read."""
    read = set()
    for path in (DASHBOARD_DIR / "pages").glob("*.yml"):
        read |= set(re.findall(r"\b(?:from|join)\s+(\w+)\.(\w+)", path.read_text()))
    assert {schema for schema, _ in read} == {"marts", "core"}
    assert {table for schema, table in read if schema == "core"} == {"dim_apps", "dim_campaigns"}


# --- numbers ---------------------------------------------------------------------------------

LAST_DAY = """
    select
        sum(dau),
        case when count(wau) = count(*) then sum(wau) end,
        case when count(mau) = count(*) then sum(mau) end,
        sum(dau) filter (where mau is not null) / sum(mau)
    from marts.mart_daily_engagement
    where activity_date = (
        select max(activity_date) from marts.mart_daily_engagement where is_complete and {where}
    ) and {where}
"""
LAST_WEEK = """
    select
        sum(session_count) / sum(dau),
        sum(total_session_length_seconds) / sum(measured_session_count),
        sum(total_session_interval_seconds) / sum(session_interval_count),
        sum(install_count)
    from marts.mart_daily_engagement
    where {where} and is_complete and activity_date > (
        select max(activity_date) - 7
        from marts.mart_daily_engagement where is_complete and {where}
    )
"""
ENGAGEMENT = (
    "dau",
    "wau",
    "mau",
    "stickiness",
    "sessions_per_user",
    "average_length",
    "average_interval",
    "installs",
)


@pytest.mark.parametrize(
    ("filters", "where"),
    [
        ({}, "true"),
        (
            {"app": "Stride Run", "platform": ["ios", "web"]},
            "app_id = 'com.example.striderun' and platform in ('ios', 'web')",
        ),
        (
            {"dates": ["2025-03-10", "2025-03-31"]},
            "activity_date between '2025-03-10' and '2025-03-31'",
        ),
    ],
    ids=["all", "app-and-platforms", "dates"],
)
def test_engagement_is_what_the_mart_says(
    dashboard: Dashboard, filters: dict[str, Any], where: str
) -> None:
    page = dashboard.page("engagement", **filters)
    dau, wau, mau, stickiness = dashboard.query(LAST_DAY.format(where=where))[0]
    per_user, length, interval, installs = dashboard.query(LAST_WEEK.format(where=where))[0]
    assert page.values(*ENGAGEMENT) == [
        whole(dau),
        *("not full yet" if users is None else whole(users) for users in (wau, mau)),
        percent(stickiness),
        cents(per_user),
        duration(length),
        duration(interval),
        whole(installs),
    ]


def test_stickiness_is_drawn_where_mau_is_full(dashboard: Dashboard) -> None:
    for dates, is_drawn in (
        (["2025-03-01", "2025-03-20"], False),
        (["2025-04-01", "2025-04-20"], True),
    ):
        page = dashboard.page("engagement", dates=dates)
        assert ("stickiness_chart" in page.charts()) == is_drawn


CPM = """
    select
        1000 * sum(spend) / sum(app_open_count),
        1000 * sum(spend) / sum(cumulative_app_open_count),
        count(distinct install_date)
    from marts.mart_cpm_n_day
    where day_n = {day_n} and is_mature and not is_organic and {where}
"""
COST = """
    select
        sum(spend),
        sum(spend) filter (where reported_installs is not null) / sum(reported_installs),
        sum(spend) / sum(tracked_installs)
    from marts.mart_campaigns_n_day
    where day_n = 0 and is_mature and not is_organic and {where}
"""
ROAS = """
    select sum(cumulative_ad_revenue + cumulative_iap_revenue) / sum(spend)
    from marts.mart_campaigns_n_day
    where day_n = {day_n} and is_mature and is_revenue_mature and not is_organic and {where}
"""


@pytest.mark.parametrize(
    ("filters", "day_n", "where"),
    [
        ({}, 7, "true"),
        # the greatest N that there is, up to the one asked for
        ({"day_n": 29}, 14, "true"),
        (
            {"channel": ["Cobalt Social", "Delta Search"], "platform": "ios", "day_n": 1},
            1,
            "channel in ('Cobalt Social', 'Delta Search') and platform = 'ios'",
        ),
        (
            {"campaign": "bb-771", "dates": ["2025-03-10", "2025-04-10"], "inferred": "without"},
            7,
            "campaign_id = 'bb-771' and install_date between '2025-03-10' and '2025-04-10'",
        ),
    ],
    ids=["all", "day-29", "channels-and-platform", "campaign-and-dates"],
)
def test_acquisition_is_what_the_mart_says(
    dashboard: Dashboard, filters: dict[str, Any], day_n: int, where: str
) -> None:
    page = dashboard.page("acquisition", **filters)
    on_day, cumulative, dates = dashboard.query(CPM.format(day_n=day_n, where=where))[0]
    spend, cpi, tracked_cpi = dashboard.query(COST.format(where=where))[0]
    (roas,) = dashboard.query(ROAS.format(day_n=day_n, where=where))[0]
    assert page.values("spend", "cpi", "tracked_cpi", "cpm", "cpm_cumulative", "roas") == [
        whole(spend),
        cents(cpi),
        cents(tracked_cpi),
        whole(on_day),
        whole(cumulative),
        percent(roas),
    ]
    label, mature = page.texts("cpm")[1:3]
    assert label == f"CPM D{day_n}, on the day"
    assert mature.startswith(f"{dates} of ")
    # the bar of the same N
    assert whole(on_day) in page.texts("cpm_by_day_n_chart")
    assert whole(cumulative) in page.texts("cpm_cumulative_by_day_n_chart")


@pytest.mark.parametrize(("layout", "suffix"), [("", ""), ("phone/", "_phone")])
def test_campaigns_cost_what_the_mart_says(dashboard: Dashboard, layout: str, suffix: str) -> None:
    page = dashboard.page(f"{layout}acquisition")
    costs = dashboard.query(
        """
        select
            1000 * sum(spend) / sum(app_open_count),
            1000 * sum(spend) / sum(cumulative_app_open_count)
        from marts.mart_cpm_n_day
        where day_n = 7 and is_mature and campaign_id in ('bb-771', '0023841', '90017755')
        group by campaign_id
        """
    )
    assert len(costs) == 3
    on_day = page.texts(f"cpm_by_campaign{suffix}_chart")
    cumulative = page.texts(f"cpm_cumulative_by_campaign{suffix}_chart")
    assert {whole(cost) for cost, _ in costs} <= set(on_day)
    assert {whole(cost) for _, cost in costs} <= set(cumulative)


def test_a_phone_s_campaigns_cost_what_the_mart_says(dashboard: Dashboard) -> None:
    page = dashboard.page("phone/acquisition")
    names = [
        "campaign_name, channel, campaign_id",
        "campaign_id in ('bb-771', '0023841', '90017755')",
    ]
    spends = dashboard.query(
        f"""
        select {names[0]}, sum(spend), sum(tracked_installs)
        from marts.mart_campaigns_n_day
        inner join core.dim_campaigns using (app_id, platform, channel, campaign_id)
        where day_n = 0 and is_mature and {names[1]} group by all
        """
    )
    assert len(spends) == 3
    for name, channel, campaign_id, spend, installs in spends:
        row = page.row("spend_phone_table", name, channel)
        assert row[1:3] == [cents(spend), whole(installs)]
        assert row[4] == cents(float(spend) / float(installs))
        on_day, cumulative, dates = dashboard.query(
            CPM.format(day_n=7, where=f"campaign_id = '{campaign_id}'")
        )[0]
        (roas,) = dashboard.query(ROAS.format(day_n=7, where=f"campaign_id = '{campaign_id}'"))[0]
        row = page.row("return_phone_table", name, channel)
        assert row[1:3] == [whole(on_day), whole(cumulative)]
        assert row[4] == percent(roas)
        assert row[5].startswith(f"{dates}of")
        assert whole(cumulative) in page.row("matrix_phone_table", name, channel)[1:7]


def test_an_immature_cell_is_no_zero(dashboard: Dashboard) -> None:
    paid = dashboard.query(
        """
        select count(*) from marts.mart_cpm_n_day
        where day_n = 60 and is_mature and not is_organic
        """
    )
    assert paid == [(0,)]
    page = dashboard.page("acquisition", day_n=60)
    assert page.values("cpm", "cpm_cumulative", "roas") == ["immature"] * 3
    assert page.texts("cpm")[2] == "0 of 60 install days mature"
    assert page.texts("immature")[0] == "D60 is immature"
    assert not {"cpm_by_week_chart", "cpm_by_campaign_chart"} & page.charts()
    assert "immature" in page.texts("campaigns_table")
    matrix = page.texts("matrix_table")
    # days that no cohort has reached have no column
    headers = matrix[matrix.index("Campaign") + 1 :]
    assert headers[:6] == ["0", "1", "3", "7", "14", "30"] and not headers[6].isdigit()
    without = dashboard.query(
        """
        select count(*)
        from (
            select coalesce(campaign_name, cells.campaign_id) as campaign
            from marts.mart_cpm_n_day as cells
            left join core.dim_campaigns as campaigns
                using (app_id, platform, channel, campaign_id)
            where not cells.is_organic and day_n in (
                select day_n from marts.mart_cpm_n_day where is_mature and not is_organic
            )
            group by cells.channel, campaign, day_n
            having coalesce(sum(cumulative_app_open_count) filter (where is_mature), 0) = 0
        ) as groups
        """
    )[0][0]
    assert matrix.count("—") == without > 0


def test_organic_users_cost_nothing(dashboard: Dashboard) -> None:
    page = dashboard.page("acquisition", channel="organic")
    assert "No paid campaign matches these filters" in page.everything()
    assert "cpm" not in page.charts()


RETENTION = """
    select sum(active_users) / sum(d0_users), sum(rolling_users) / sum(d0_users)
    from marts.mart_cohorts_n_day
    where day_n = {day_n} and is_mature and {where}
"""


@pytest.mark.parametrize(
    ("filters", "day_n", "where"),
    [
        ({}, 30, "true"),
        (
            {"inferred": "without", "channel": "organic", "day_n": 14},
            14,
            "not is_install_inferred and channel = 'organic'",
        ),
    ],
    ids=["all", "organic-without-inferred"],
)
def test_retention_is_what_the_mart_says(
    dashboard: Dashboard, filters: dict[str, Any], day_n: int, where: str
) -> None:
    page = dashboard.page("retention", **filters)
    (users,) = dashboard.query(
        f"select sum(tracked_installs) from marts.mart_cohorts_n_day where day_n = 0 and {where}"
    )[0]
    d1, _ = dashboard.query(RETENTION.format(day_n=1, where=where))[0]
    d7, _ = dashboard.query(RETENTION.format(day_n=7, where=where))[0]
    classic, rolling = dashboard.query(RETENTION.format(day_n=day_n, where=where))[0]
    assert page.values("users", "d1", "d7", "classic", "rolling") == [
        whole(users),
        percent(d1),
        percent(d7),
        percent(classic),
        percent(rolling),
    ]


@pytest.mark.parametrize("curve", ["classic", "rolling"])
def test_the_heat_map_is_what_the_mart_says(dashboard: Dashboard, curve: str) -> None:
    measure = {"classic": "active_users", "rolling": "rolling_users"}[curve]
    weeks = dashboard.query(
        f"""
        select
            strftime(date_trunc('week', install_date), '%-d %b %Y'),
            sum(tracked_installs) filter (where day_n = 0),
            sum({measure}) filter (where day_n = 1) / sum(d0_users) filter (where day_n = 1),
            sum({measure}) filter (where day_n = 7) / sum(d0_users) filter (where day_n = 7)
        from marts.mart_cohorts_n_day
        where install_date >= '2025-03-03'
        group by date_trunc('week', install_date)
        order by date_trunc('week', install_date)
        """
    )
    texts = dashboard.page("retention", curve=curve).texts("heat_table")
    assert f"Cohorts: {curve} retention by install week and day N" in texts
    for week, users, d1, d7 in weeks:
        row = texts[texts.index(week) :][:9]
        shown = [text.rstrip("%") for text in (row[1], row[2], row[8])]
        expected = [f"{users:,.0f}", *("—" if x is None else f"{100 * x:.0f}" for x in (d1, d7))]
        assert shown == expected, week


@pytest.mark.parametrize(
    ("filters", "where"),
    [({}, "true"), ({"country": ["DE", "US"], "day_n": 14}, "install_country in ('DE', 'US')")],
    ids=["all", "two-countries"],
)
def test_countries_are_what_the_mart_says(
    dashboard: Dashboard, filters: dict[str, Any], where: str
) -> None:
    day_n = filters.get("day_n", 30)
    rows = dashboard.query(
        f"""
        select
            install_country,
            sum(tracked_installs) filter (where day_n = 0),
            sum(active_users) filter (where day_n = {day_n} and is_mature)
                / sum(d0_users) filter (where day_n = {day_n} and is_mature),
            sum(ltv * d0_users) filter (where day_n = {day_n} and is_revenue_mature)
                / sum(d0_users) filter (where day_n = {day_n} and is_revenue_mature)
        from marts.mart_cohorts_by_country_n_day where {where}
        group by 1 order by 2 desc, 1 limit 2
        """
    )
    texts = dashboard.page("retention", **filters).texts("by_country_table")
    assert f"mature install days; N is {day_n}" in " ".join(texts)
    for country, users, retention, ltv in rows:
        row = texts[texts.index(country) :][:6]
        assert row[1] == whole(users)
        assert (row[4], row[5]) == (percent(retention), f"{ltv:.3f}")
        on_a_phone = dashboard.page("phone/retention", **filters)
        assert on_a_phone.row("by_country_phone_table", country)[:6] == row


FORECAST = """
    select
        sum(d0_users),
        sum(predicted_revenue) / sum(d0_users),
        sum(predicted_revenue) filter (where spend is not null) / sum(spend)
    from marts.mart_ltv_predictions
    where horizon_day_n = {day_n} and null_reason is null and {where}
"""


@pytest.mark.parametrize(
    ("filters", "day_n", "where"),
    [
        ({}, 30, "true"),
        # the greatest horizon up to the one asked for
        ({"horizon": 13, "channel": "Cobalt Social"}, 7, "channel = 'Cobalt Social'"),
    ],
    ids=["all", "channel"],
)
def test_the_forecast_is_what_the_mart_says(
    dashboard: Dashboard, filters: dict[str, Any], day_n: int, where: str
) -> None:
    page = dashboard.page("forecast", **filters)
    users, ltv, roas = dashboard.query(FORECAST.format(day_n=day_n, where=where))[0]
    assert page.values("predicted_users", "predicted_ltv", "predicted_roas") == [
        whole(users),
        f"{ltv:.3f}",
        percent(roas),
    ]


SESSION_FORECAST = """
    with app as (select distinct app_id from core.dim_apps where app_name = '{app}'),
    forecast as (
        select
            min(as_of_date) as as_of_date, sum(predicted_session_count), avg(predicted_dau),
            sum(predicted_ad_revenue)
        from marts.mart_session_forecast where app_id in (from app)
    ),
    observed as (
        select sum(session_count)
        from marts.mart_daily_engagement, forecast
        where app_id in (from app) and activity_date between as_of_date - 27 and as_of_date
    ),
    tests as (
        select method, sum(absolute_error) / sum(actual_value) as wape
        from marts.mart_session_forecast_backtest
        where app_id in (from app) and measure = 'sessions' group by method
    )
    select
        observed.*, forecast.* exclude (as_of_date),
        (select wape from tests where method = 'cohort_curves'),
        (select wape from tests where method = 'same_weekday')
    from observed, forecast
"""


def test_sessions_to_come_are_what_the_mart_says(dashboard: Dashboard) -> None:
    (app,) = dashboard.query(
        """
        select app_name from marts.mart_session_forecast
        inner join (select app_id, min(app_name) as app_name from core.dim_apps group by app_id)
            using (app_id)
        group by app_name having count(distinct app_id) = 1
        order by sum(predicted_session_count) limit 1
        """
    )[0]
    observed, sessions, dau, ad_revenue, *errors = dashboard.query(
        SESSION_FORECAST.format(app=app)
    )[0]
    page = dashboard.page("forecast", app=app)
    texts = page.texts("session_forecast_table")
    assert texts[texts.index(app) :][:7] == [
        app,
        whole(observed),
        whole(sessions),
        whole(dau),
        f"{ad_revenue:,.2f}",
        *map(percent, errors),
    ]
    assert f"Sessions of {app}, 60 days back and 28 ahead" in page.everything()
    phone = dashboard.page("phone/forecast")
    assert "session_chart" in phone.charts()
    assert phone.row("session_forecast_phone_table", app)[1:6] == [
        whole(observed),
        whole(sessions),
        whole(dau),
        f"{ad_revenue:,.2f}",
        f"{percent(errors[0])}({percent(errors[1])})",
    ]


@pytest.mark.parametrize(
    ("filters", "where"),
    [
        ({}, "true"),
        ({"app": "Stride Run", "platform": "ios"}, "app_name = 'Stride Run' and platform = 'ios'"),
    ],
    ids=["all", "app-and-platform"],
)
def test_predicted_churn_came_as_the_mart_says(
    dashboard: Dashboard, filters: dict[str, Any], where: str
) -> None:
    cells = dashboard.query(
        f"""
        select
            horizon_days, probability_bin, user_count, expected_churned_user_count,
            churned_user_count, as_of_date
        from marts.mart_churn_reliability
        inner join core.dim_apps using (app_id, platform)
        where {where}
        """
    )
    bins: dict[tuple[int, int], list[float]] = {}
    for horizon, number, *counts, _ in cells:
        sums = bins.setdefault((horizon, number), [0, 0, 0])
        bins[horizon, number] = [float(a) + float(b) for a, b in zip(sums, counts, strict=True)]
    assert bins
    page = dashboard.page("forecast", **filters)
    texts = page.texts("churn_bins_table")
    rows = [texts[start : start + 5] for start in range(len(texts))]
    for (horizon, number), (users, expected, churned) in bins.items():
        span = f"{10 * number - 10} to {10 * number}%"
        shares = [percent(expected / users), percent(churned / users)]
        assert [f"{horizon} days", span, whole(users), *shares] in rows
    assert sum(texts.count(f"{horizon} days") for horizon in (14, 30)) == len(bins)
    # a line may end at any space of the subtitle
    subtitle = "".join(page.texts("churn_chart")).replace(" ", "")
    for horizon in (14, 30):
        dates = {cell[-1] for cell in cells if cell[0] == horizon}
        as_of = f"as of {max(dates):%-d %b %Y}" if dates else "not known yet"
        as_of += " or before" if len(dates) > 1 else ""
        assert f"{horizon} days {as_of}".replace(" ", "") in subtitle
    assert {"churn_chart", "churn_bins_table"} <= dashboard.page("phone/forecast").charts()


def test_churn_without_known_outcomes_says_so(dashboard: Dashboard) -> None:
    assert dashboard.query(
        """
        select count(*) from marts.mart_churn_reliability
        inner join core.dim_apps using (app_id, platform)
        where app_name = 'Pixel Orchard'
        """
    ) == [(0,)]
    page = dashboard.page("forecast", app="Pixel Orchard")
    assert "How good predicted churn is, is not known yet" in page.everything()
    assert not {"churn_chart", "churn_bins_table"} & page.charts()


@pytest.mark.parametrize(
    ("filters", "day_n", "where"),
    [({}, 30, "true"), ({"horizon": 7, "app": "Harbor Words"}, 7, "app_name = 'Harbor Words'")],
    ids=["all", "app-and-horizon"],
)
def test_what_a_budget_buys_is_what_the_mart_says(
    dashboard: Dashboard, filters: dict[str, Any], day_n: int, where: str
) -> None:
    cells = dashboard.query(
        f"""
        select
            campaign_name, app_name || ', ' || platform,
            next_1000_installs, next_1000_installs_lower, next_1000_installs_upper,
            next_1000_sessions, next_1000_sessions_lower, next_1000_sessions_upper,
            rank_by_sessions,
            next_1000_revenue, next_1000_revenue_lower, next_1000_revenue_upper,
            rank_by_revenue,
            reporting_currency,
            (select max(rank_by_sessions) from marts.mart_budget as others
                where others.app_id = cells.app_id and horizon_day_n = {day_n}),
            (select max(rank_by_revenue) from marts.mart_budget as others
                where others.app_id = cells.app_id and horizon_day_n = {day_n})
        from marts.mart_budget as cells
        inner join core.dim_campaigns using (app_id, platform, channel, campaign_id)
        inner join core.dim_apps using (app_id, platform)
        where horizon_day_n = {day_n} and null_reason is null and {where}
        order by next_1000_sessions desc
        """
    )
    assert cells

    def value(number: float | None, unit: str) -> str:
        return "—" if number is None else f"{whole(number)} {unit}"

    def interval(low: float | None, high: float | None, unit: str) -> str:
        return "—" if low is None or high is None else f"{whole(low)} to {whole(high)} {unit}"

    def place(rank: int | None, last: int) -> str:
        return "—" if rank is None else f"{rank} of {last}"

    rows = [
        [
            *names,
            value(installs, "installs"),
            interval(installs_lower, installs_upper, "installs"),
            value(sessions, "sessions"),
            interval(sessions_lower, sessions_upper, "sessions"),
            place(by_sessions, last_by_sessions),
            value(revenue, currency),
            interval(revenue_lower, revenue_upper, currency),
            place(by_revenue, last_by_revenue),
        ]
        for (
            *names,
            installs,
            installs_lower,
            installs_upper,
            sessions,
            sessions_lower,
            sessions_upper,
            by_sessions,
            revenue,
            revenue_lower,
            revenue_upper,
            by_revenue,
            currency,
            last_by_sessions,
            last_by_revenue,
        ) in cells
    ]
    texts = dashboard.page("forecast", **filters).texts("budget_table")
    start = texts.index(rows[0][0])
    shown = texts[start : start + 10 * len(rows)]
    assert [shown[at : at + 10] for at in range(0, len(shown), 10)] == rows
    name, app, installs, _, sessions, (low, _, high, _), _, revenue, *_ = (
        cell.split() if " to " in cell and "sessions" in cell else cell for cell in rows[0]
    )
    phone = dashboard.page("phone/forecast", **filters).row("budget_phone_table", name, app)
    assert phone[1] == installs.removesuffix(" installs")
    assert phone[2] == f"{sessions.removesuffix(' sessions')}({low}to{high})"
    assert phone[3].startswith("".join(revenue.split()))


def test_a_budget_without_an_answer_says_why(dashboard: Dashboard) -> None:
    reasons = dashboard.query(
        """
        select replace(null_reason, '_', ' '), count(*) from marts.mart_budget
        inner join core.dim_apps using (app_id, platform)
        where horizon_day_n = 30 and app_name = 'Stride Run' and platform = 'ios'
        group by all order by all
        """
    )
    page = dashboard.page("forecast", app="Stride Run", platform="ios")
    names = ", ".join(reason for reason, _ in reasons)
    count = sum(campaigns for _, campaigns in reasons)
    assert f"Campaigns without an answer: {count} ({names})" in page.everything()
    assert "budget_table" not in page.charts()


def test_a_campaign_s_forecast_has_its_interval(dashboard: Dashboard) -> None:
    name, users, *ltvs, roas, roas_lower, roas_upper = dashboard.query(
        """
        select
            campaign_name,
            sum(d0_users),
            sum(predicted_revenue) / sum(d0_users),
            sum(predicted_revenue_lower) / sum(d0_users),
            sum(predicted_revenue_upper) / sum(d0_users),
            sum(predicted_revenue) / sum(spend),
            sum(predicted_revenue_lower) / sum(spend),
            sum(predicted_revenue_upper) / sum(spend)
        from marts.mart_ltv_predictions
        inner join core.dim_campaigns using (app_id, platform, channel, campaign_id)
        where horizon_day_n = 30
        group by campaign_name
        having count(*) = count(predicted_revenue_lower) and count(*) = count(spend)
        order by sum(spend) desc
        limit 1
        """
    )[0]
    texts = dashboard.page("forecast").texts("forecast_table")
    row = texts[texts.index(name) :][:11]
    assert row[2] == whole(users)
    assert row[5:8] == [f"{ltv:.3f}" for ltv in ltvs]
    assert row[8:] == [percent(rate) for rate in (roas, roas_lower, roas_upper)]
    phone = dashboard.page("phone/forecast")
    _, users, *ltvs = phone.row("ltv_phone_table", *row[:2])[:6]
    assert [users, *ltvs] == [row[2], *row[4:8]]
    assert phone.row("roas_phone_table", *row[:2])[1:5] == [row[3], *row[8:]]


def test_a_horizon_without_predictions_says_why(dashboard: Dashboard) -> None:
    assert dashboard.query(
        "select count(predicted_revenue) from marts.mart_ltv_predictions where horizon_day_n = 365"
    ) == [(0,)]
    page = dashboard.page("forecast", horizon=365)
    assert "horizon beyond observed age" in page.everything()
    assert not {"ltv_chart", "forecast_table", "backtest_chart"} & page.charts()


def test_the_backtest_is_what_the_mart_says(dashboard: Dashboard) -> None:
    count, wape, bias = dashboard.query(
        """
        select
            sum(predicted_unit_count),
            sum(absolute_error) / sum(actual_revenue),
            sum(predicted_revenue) / sum(actual_revenue) - 1
        from marts.mart_ltv_backtest
        where level = 'campaign' and method = 'power_law' and observed_day_n = 3
            and horizon_day_n = 30 and predicted_unit_count > 0
        """
    )[0]
    texts = dashboard.page("forecast").texts("backtest_table")
    rows = [texts[start : start + 5] for start in range(len(texts))]
    assert ["power law", "D3", whole(count), percent(wape), percent(bias)] in rows
    phone = dashboard.page("phone/forecast")
    assert "power law" in phone.texts("backtest_chart")
    texts = phone.texts("backtest_phone_table")
    assert ["power law", "D3", whole(count), percent(wape), percent(bias)] in [
        texts[start : start + 5] for start in range(len(texts))
    ]


def test_verdicts_are_what_the_mart_says(dashboard: Dashboard) -> None:
    page = dashboard.page("forecast")
    verdicts = dashboard.query(
        """
        select
            campaign_name, channel, platform, strftime(cohort_start_date, '%b %Y'), verdict,
            tracked_installs, missing_users, d1_retention_rate, d1_retention_rate_lower,
            d1_retention_rate_upper
        from marts.mart_campaign_quality
        inner join core.dim_campaigns using (app_id, platform, channel, campaign_id)
        where verdict = 'sound'
        """
    )
    assert verdicts
    texts = page.texts("quality_table")
    rows = [texts[start : start + 11] for start in range(len(texts))]
    shown = [row[:5] + row[6:] for row in rows]
    for *names, installs, missing, d1, low, high in verdicts:
        rates = [percent(rate) for rate in (d1, low, high)]
        assert [*names, whole(installs), whole(missing), *rates] in shown
        *campaign, verdict = names
        on_a_phone = dashboard.page("phone/forecast").row("quality_phone_table", *campaign)
        rate = f"{rates[0]}({rates[1].removesuffix('%')}to{rates[2]})"
        assert on_a_phone[1:4] == [verdict, whole(installs), rate]


def test_alerts_are_those_of_the_mart(dashboard: Dashboard) -> None:
    alerts = dashboard.query(
        """
        select
            strftime(session_date, '%-d %b %Y'), trend, session_count, expected_session_count,
            expected_session_count_lower, expected_session_count_upper, deviation_rate
        from marts.mart_session_trends
        where is_alert
        """
    )
    assert alerts
    texts = dashboard.page("engagement").texts("alerts_table")
    assert texts.count("new") + texts.count("goes on") == len(alerts)
    for day, trend, *counts, deviation in alerts:
        row = texts[texts.index(day) :][:9]
        assert row[2] == trend
        assert row[4:8] == [whole(count) for count in counts]
        assert row[8].replace("\u2212", "-") == percent(deviation)
        on_a_phone = dashboard.page("phone/engagement").row("alerts_phone_table", day)
        assert on_a_phone[2:5] == [row[4], f"{row[5]}({row[6]}to{row[7]})", row[8]]
    quiet = dashboard.page("engagement", app="Pixel Orchard")
    assert "all as expected" in quiet.everything()
    assert "alerts_table" not in quiet.charts()


def test_data_quality_is_what_the_marts_say(dashboard: Dashboard) -> None:
    page = dashboard.page("data_quality", provider="generic")
    raw, accepted, duplicate, rejected, left_out, actorless, late = dashboard.query(
        """
        select
            sum(raw_row_count), sum(accepted_count), sum(duplicate_count), sum(rejected_count),
            sum(left_out_count), sum(missing_actor_count), sum(late_count)
        from marts.mart_data_quality where provider = 'generic' and feed = 'events'
        """
    )[0]
    assert raw == accepted + duplicate + rejected + left_out
    assert page.values(
        "raw_rows",
        "accepted_rate",
        "duplicate_rate",
        "rejected_rate",
        "left_out_rate",
        "missing_actor_rate",
        "late_rate",
    ) == [
        whole(raw),
        *(percent(part / raw, 2) for part in (accepted, duplicate, rejected, left_out, actorless)),
        percent(late / accepted, 2),
    ]
    assert page.texts("rejected_rate")[2] == f"{rejected:,} rows"
    reasons = dashboard.query(
        """
        select replace(rejection_reason, '_', ' '), sum(row_count)
        from marts.mart_rejections
        where provider = 'generic' and kind = 'row_refused' and feed = 'events'
        group by all order by all
        """
    )
    texts = page.texts("reasons_chart")
    assert reasons and {reason for reason, _ in reasons} <= set(texts)
    last_load = dashboard.query(
        """
        select strftime(max(last_loaded_at), '%-d %b %Y %H:%M')
        from marts.mart_data_quality where provider = 'generic' and feed = 'events'
        """
    )[0][0]
    assert last_load in page.texts("freshness_table")
    phone = dashboard.page("phone/data_quality")
    assert phone.row("freshness_phone_table", "generic")[1] == "".join(last_load.split())
    assert phone.row("freshness_phone_table", "generic")[4] == percent(late / accepted)
    assert phone.row("rows_phone_table", "generic")[1:6] == [
        whole(raw),
        *(percent(part / raw) for part in (accepted, duplicate, rejected, left_out)),
    ]


def test_rows_left_out_on_purpose_are_shown(built: Dbt, tmp_path: Path) -> None:
    """The sample has none: seven are put in, of a load date that is drawn."""
    database = changed_copy(built, tmp_path, "true")
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            """
            update marts.mart_data_quality
            set left_out_count = 7, raw_row_count = raw_row_count + 7
            where provider = 'generic' and feed = 'events' and load_date = '2025-04-10'
            """
        )
        connection.execute(
            """
            insert into marts.mart_rejections by name
            select * replace (
                'row_left_out' as kind, 'sandbox' as rejection_reason, 7 as row_count,
                date '2025-04-10' as load_date, 'key' as rejection_id
            )
            from marts.mart_rejections where kind = 'row_refused' and feed = 'events' limit 1
            """
        )
    with serve(database, tmp_path) as served:
        page = served.page("data_quality")
        ((raw,),) = served.query(
            "select sum(raw_row_count) from marts.mart_data_quality where feed = 'events'"
        )
        assert page.texts("left_out_rate")[0] == percent(7 / raw, 2)
        assert page.texts("left_out_rate")[2] == "7 rows"
        assert "left out" in page.texts("not_accepted_chart")
        assert "sandbox" not in page.texts("reasons_chart")
        table = served.page("data_quality", dates=["2025-04-10", "2025-04-10"])
        assert table.texts("reasons_table")[-3:] == ["left out", "sandbox", "7"]
        phone = served.page("phone/data_quality", dates=["2025-04-10", "2025-04-10"])
        assert phone.texts("reasons_phone_table")[-2:] == ["left out: sandbox", "7"]


def test_one_load_date_is_no_chart(built: Dbt, tmp_path: Path) -> None:
    """All files read at once, as on a first day, with no row refused."""
    database = changed_copy(built, tmp_path, "true")
    with duckdb.connect(str(database)) as connection:
        connection.execute("delete from marts.mart_data_quality where load_date <> '2025-04-10'")
        connection.execute("delete from marts.mart_rejections")
    charts_of_dates = {"accepted_chart", "not_accepted_chart", "reasons_chart"}
    with serve(database, tmp_path) as served:
        for layout in ("", "phone/"):
            page = served.page(f"{layout}data_quality")
            assert "one_day" in page.charts()
            assert not charts_of_dates & page.charts()


def test_campaigns_of_one_name_are_no_sum(built: Dbt, tmp_path: Path) -> None:
    """Of two channels, with names that are longer than a chart has room for."""
    name = "A very long name of a campaign that ends in 2"
    database = changed_copy(built, tmp_path, "true")
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            """
            update core.dim_campaigns
            set campaign_name
                = case campaign_id when '90017755' then 'A very long and other 7' else ? end
            where campaign_id in ('bb-771', '0023841', '90017755')
            """,
            [name],
        )
        # and one of another app, with everything else the same
        for table in (
            "core.dim_campaigns",
            "marts.mart_campaigns_n_day",
            "marts.mart_campaign_quality",
        ):
            connection.execute(
                f"insert into {table} select * replace ('another.app' as app_id) from {table}"
                " where campaign_id = 'bb-771'"
            )
    with serve(database, tmp_path) as served:
        costs = served.query(
            """
            select whole, 1000 * sum(spend) / sum(app_open_count)
            from (select *, channel || campaign_id as whole from marts.mart_cpm_n_day)
            where day_n = 7 and is_mature and campaign_id in ('bb-771', '0023841', '90017755')
            group by whole
            """
        )
        assert len(costs) == 3
        texts = served.page("acquisition").texts("cpm_by_campaign_chart")
        assert {whole(cost) for _, cost in costs} <= set(texts)
        assert "A very long and other 7" in texts
        assert sum(text.startswith("A very long name") for text in texts) == 2
        # two bars of one label are an error in the chart's place
        bars = served.page("forecast").texts("quality_chart")
        assert sum(bar.startswith("A very") for bar in bars) >= 4, bars


def test_what_is_not_over_is_not_drawn_as_an_outage(dashboard: Dashboard) -> None:
    """The day of the newest load, the week that is not complete, and days N that nobody reached."""
    everywhere = dashboard.query(
        """
        select 'Data complete up to ' || strftime(min(last_complete_date), '%-d %b %Y')
        from marts.mart_as_of having min(last_complete_date) = max(last_complete_date)
        """
    )[0][0]
    for name in PAGES:
        assert everywhere in dashboard.page(name).everything(), name
    days = dashboard.page("acquisition").texts("cpm_by_day_n_chart")
    assert "D30" in days and not {"D60", "D90"} & set(days)
    # the sample ends on Tuesday, 29 April: the week from the 28th has no complete spend
    weeks = dashboard.page("acquisition").texts("weekly_spend_chart")
    assert "14" in weeks and not {"21", "28"} & set(weeks)


def test_without_spend_the_page_says_where_to_put_it(built: Dbt, tmp_path: Path) -> None:
    database = changed_copy(built, tmp_path, "true")
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "update marts.mart_campaigns_n_day set spend = null, reported_installs = null"
        )
        connection.execute("update marts.mart_ltv_predictions set spend = null")
        connection.execute("update marts.mart_budget set null_reason = 'no_recent_spend'")
    with serve(database, tmp_path) as served:
        for layout in ("", "phone/"):
            page = served.page(f"{layout}acquisition")
            assert "No ad spend loaded: put it in ad_spend/" in page.everything()
            assert not {"cpm", "cpm_by_day_n_chart", "campaigns_table"} & page.charts()
            ((installs, ltv),) = served.query(
                """
                select
                    sum(tracked_installs) filter (where day_n = 0),
                    sum(cumulative_ad_revenue + cumulative_iap_revenue)
                        filter (where day_n = 7 and is_revenue_mature)
                        / sum(d0_users) filter (where day_n = 7 and is_revenue_mature)
                from marts.mart_campaigns_n_day where not is_organic
                """
            )
            assert page.values("brought_installs", "brought_ltv") == [whole(installs), f"{ltv:.3f}"]
        name, channel, installs = served.query(
            """
            select campaign_name, channel, sum(tracked_installs) from marts.mart_campaigns_n_day
            inner join core.dim_campaigns using (app_id, platform, channel, campaign_id)
            where day_n = 0 group by all order by 3 desc limit 1
            """
        )[0]
        assert page.row("brought_phone_table", name, channel)[1] == whole(installs)
        for layout, table in (("", "ltv_table"), ("phone/", "ltv_phone_table")):
            page = served.page(f"{layout}forecast")
            assert "No ad spend loaded: put it in ad_spend/" in page.everything()
            assert table in page.charts()
            assert not {"forecast_table", "roas_phone_table"} & page.charts()


@pytest.mark.parametrize(
    "address",
    ["engagement/?dates=yesterday", "acquisition/?day_n=x", "retention/?dates=2025-03-01"],
)
def test_a_wrong_filter_value_gets_a_page(dashboard: Dashboard, address: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(f"{dashboard.url}/{address}", timeout=PAGE_SECONDS)
    assert answer.value.code == 400
    page = answer.value.read().decode()
    assert "Wrong filter value" in page
    assert f'href="/{address.split("?")[0]}"' in page


def test_without_a_database_the_page_says_what_to_do(tmp_path: Path) -> None:
    """No file, and one in which nothing was built; the server need not be started again."""
    database = tmp_path / DATABASE_FILE

    def error_page(address: str) -> str:
        with pytest.raises(urllib.error.HTTPError) as answer:
            urllib.request.urlopen(f"{served.url}/{address}", timeout=PAGE_SECONDS)
        assert answer.value.code == 503
        return answer.value.read().decode()

    with serve(database, tmp_path) as served:
        assert "No database yet" in error_page("engagement/")
        duckdb.connect(str(database)).close()
        for name in PAGES:
            page = error_page(f"phone/{name}/")
            assert "Not a complete build" in page and "make build" in page, name


HOSTILE = (
    "it's",
    "x' or 'a' = 'a",
    '"; select 1; --',
    "') union all select 1 --",
    "{{ 70001 * 3 }}",
    "{{ queries.state }}",
    "{% raw %}",
    "back\\slash\\'",
    "<b>&amp;</b>",
    "/* open",
    "a;b,c",
    "مستخدم",
)


def test_a_name_is_data_in_filters_and_on_pages(built: Dbt, tmp_path: Path) -> None:
    """Each name as one that nothing has, and all of them as the name of an app, which is drawn."""
    app_id = "com.example.striderun"
    name = " ".join(HOSTILE)
    database = changed_copy(built, tmp_path, "true")
    with duckdb.connect(str(database)) as connection:
        connection.execute("update core.dim_apps set app_name = ? where app_id = ?", [name, app_id])
    with serve(database, tmp_path) as served:
        page = served.page("engagement", app=name)
        dau = served.query(LAST_DAY.format(where=f"app_id = '{app_id}'"))[0][0]
        assert page.values("dau") == [whole(dau)]
        assert "70001 * 3" in page.everything()
        assert "210003" not in page.everything()
        for wrong in HOSTILE:
            found = served.page("engagement", app=wrong)
            assert found.charts() == {"nothing"}, wrong
            assert "No complete day matches these filters" in found.everything(), wrong


# --- looks -----------------------------------------------------------------------------------


def test_a_channel_keeps_its_colour(dashboard: Dashboard) -> None:
    """On another page and under a filter, too."""
    channel = "Delta Search"
    colour = dashboard.page("acquisition").colour("cpm_by_channel_chart", channel)
    filtered = dashboard.page("acquisition", channel=[channel, "House Ads"])
    assert filtered.colour("cpm_by_channel_chart", channel) == colour
    assert dashboard.page("retention").colour("classic_chart", channel) == colour


def test_an_empty_database_is_no_error_and_a_new_file_is_seen(built: Dbt, tmp_path: Path) -> None:
    """Empty, then with one app, published under the running server as publish.py does it."""
    app = "a1a00000-0000-4000-8000-000000000003"
    for folder in ("empty", "one_app"):
        (tmp_path / folder).mkdir()
    published = changed_copy(built, tmp_path / "empty", "false")
    with serve(published, tmp_path) as served:
        for name in (*PAGES, *(f"phone/{name}" for name in PAGES)):
            page = served.page(name)
            assert page.charts() == {"nothing"}, name
            assert "this database yet" in page.everything(), name
            assert "README.md" in page.everything(), name
        os.replace(changed_copy(built, tmp_path / "one_app", f"app_id = '{app}'"), published)
        served.drawn.clear()
        (dau,) = served.query(
            """
            select dau from marts.mart_daily_engagement
            where is_complete order by activity_date desc limit 1
            """
        )[0]
        assert served.page("engagement").values("dau") == [whole(dau)]
        (cpm,) = served.query(
            """
            select 1000 * sum(spend) / sum(app_open_count)
            from marts.mart_cpm_n_day where day_n = 7 and is_mature and not is_organic
            """
        )[0]
        assert served.page("phone/acquisition").values("cpm") == [whole(cpm)]
        assert "classic_chart" in served.page("retention").charts()


# --- in a browser ----------------------------------------------------------------------------


def test_a_click_on_a_filter_changes_the_numbers(dashboard: Dashboard, tab: Any) -> None:
    tab.goto(f"{dashboard.url}/engagement/")
    (everybody,), (harbour,) = (
        dashboard.query(
            f"""
            select sum(dau)
            from marts.mart_daily_engagement as days
            inner join core.dim_apps as apps using (app_id, platform)
            where activity_date = (
                select max(activity_date) from marts.mart_daily_engagement where is_complete
            ) and {where}
            """
        )[0]
        for where in ("true", "app_name = 'Harbor Words'")
    )
    assert kpi_in(tab, "dau") == whole(everybody) != whole(harbour)
    tab.locator("[data-dbt-variable=app]").last.click()
    tab.get_by_role("option", name="Harbor Words").click()
    tab.keyboard.press("Escape")
    tab.locator("[data-chart-id=dau] text").first.filter(has_text=whole(harbour)).wait_for()
    assert "app=Harbor" in tab.url
    assert tab.elsewhere == []


def test_a_click_on_day_n_changes_the_costs(dashboard: Dashboard, tab: Any) -> None:
    tab.goto(f"{dashboard.url}/acquisition/")
    before = kpi_in(tab, "cpm")
    tab.locator("[data-dbt-variable=day_n]").last.click()
    tab.get_by_role("option", name="30", exact=True).click()
    on_day, _, _ = dashboard.query(CPM.format(day_n=30, where="true"))[0]
    assert whole(on_day) != before
    tab.locator("[data-chart-id=cpm] text").first.filter(has_text=whole(on_day)).wait_for()
    assert tab.elsewhere == []


def test_a_filter_goes_along_to_the_next_page(dashboard: Dashboard, tab: Any) -> None:
    chosen = "app=Stride+Run&platform=ios&channel=Cobalt+Social&dates=2025-03-10&dates=2025-04-10"
    tab.goto(f"{dashboard.url}/retention/?{chosen}&country=DE&lines=app")
    tab.get_by_role("link", name="Acquisition").click()
    tab.wait_for_url(f"**/acquisition/?{chosen}")
    where = (
        "app_id = 'com.example.striderun' and platform = 'ios' and channel = 'Cobalt Social' "
        "and install_date between '2025-03-10' and '2025-04-10'"
    )
    spend, _, _ = dashboard.query(COST.format(where=where))[0]
    assert kpi_in(tab, "spend") == whole(spend)
    # a filter that the next page does not have stays behind
    tab.get_by_role("link", name="Engagement").click()
    tab.wait_for_url("**/engagement/?app=Stride+Run&platform=ios&dates=2025-03-10&dates=2025-04-10")
    tab.get_by_role("link", name="Data quality").click()
    tab.wait_for_url("**/data_quality/")
    assert tab.elsewhere == []


def test_static_pages_need_nothing_else(dashboard: Dashboard, pages: Path, tab: Any) -> None:
    spend, _, _ = dashboard.query(COST.format(where="true"))[0]
    for name in ("index", *PAGES, *(f"phone/{name}" for name in PAGES)):
        path = pages / f"{name}.html"
        for link in re.findall(r'href="([^"#]+)[^"]*"', path.read_text()):
            if not link.startswith(("https://dbtcharts.com", "data:")):
                assert (path.parent / link).is_file(), f"{name} links to {link}"
        tab.goto(path.as_uri())
        assert tab.locator("[data-chart-id]").count() > 5, name
    assert tab.elsewhere == []
    tab.goto((pages / "acquisition.html").as_uri())
    assert kpi_in(tab, "spend") == whole(spend)


def test_a_narrow_window_gets_the_narrow_layout(pages: Path, tab: Any) -> None:
    tab.set_viewport_size({"width": 390, "height": 800})
    for name in PAGES:
        tab.goto((pages / f"{name}.html").as_uri())
        tab.wait_for_url(f"**/phone/{name}.html")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390, name
        # and nothing in a table is cut off at the page's edge
        tables = tab.locator("[data-chart-id$=_table]")
        edges = tables.locator("text").evaluate_all(
            "texts => texts.map(text => text.getBoundingClientRect().right)"
        )
        assert all(edge <= 390 - 15 for edge in edges), name
    tab.get_by_text("wide layout").click()
    tab.wait_for_url(f"**/{PAGES[-1]}.html{WIDE}")


def test_a_narrow_window_is_served_the_narrow_layout(dashboard: Dashboard, tab: Any) -> None:
    tab.set_viewport_size({"width": 390, "height": 800})
    tab.goto(f"{dashboard.url}/retention/?platform=ios")
    tab.wait_for_url("**/phone/retention/?platform=ios")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert tab.locator("nav [aria-current=page]").text_content() == "Retention"
    tab.get_by_text("wide layout").click()
    tab.wait_for_url(f"**/retention/?platform=ios{WIDE}")
    # and all pages from there on are wide, until a phone's are asked for
    tab.get_by_role("link", name="Forecast").click()
    tab.wait_for_url(f"{dashboard.url}/forecast/?platform=ios")
    tab.get_by_text("phone layout").click()
    tab.wait_for_url("**/phone/forecast/?platform=ios")
    tab.get_by_role("link", name="Retention").click()
    tab.wait_for_url("**/phone/retention/?platform=ios")
    assert tab.elsewhere == []
