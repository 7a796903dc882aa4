"""One imaginary week, written in the layout of each provider: the same users, seconds and money.

Visits on Android are plain: opened once, closed with the last event. On iOS apps are opened several
times a visit, closed and opened again, or closed a minute after the last event: what not all
layouts can say. What a layout says of a visit is in `told`; what has to come out of it is computed
in test_layouts.py.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from test_firebase import ga4, ndjson
from test_providers import DEFINITION, activity, flyer, locker, pull, table

LAYOUTS = ("generic", "tenjin", "appsflyer", "adjust", "firebase")
START = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())
DAY = 86400
LANDED = "2026-03-16 00:00:00"
# (channel as each layout writes it, campaign), by platform
CAMPAIGNS = {"android": "20830000001", "ios": "973900001"}
CHANNELS = {
    "android": {
        "generic": "google_ads",
        "tenjin": "AdWords",
        "appsflyer": "googleadwords_int",
        "adjust": "Google Ads ACI",
        "firebase": "google",
    },
    "ios": {
        "generic": "apple_search_ads",
        "tenjin": "Apple Search Ads",
        "appsflyer": "Apple Search Ads",
        "adjust": "Apple Search Ads",
        "firebase": "Apple Search Ads",
    },
}


@dataclass
class Visit:
    """What a user does between two times away of two hours or more: (second, what), in order."""

    facts: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class User:
    """A user; `number` tells them apart in all layouts."""

    number: int
    platform: str
    is_paid: bool
    visits: list[Visit]

    @property
    def installed_at(self) -> int:
        """The second of the first open."""
        return self.visits[0].facts[0][0]


def users() -> list[User]:
    """The week's people; the same ones each time."""
    chance = random.Random(20260302)

    def upto(number: int) -> int:
        return int(chance.random() * number)

    people = []
    for number in range(24):
        platform = ("android", "ios")[number % 2]
        at = START + number % 5 * DAY + 3600 + upto(18 * 3600)
        visits = []
        while at < START + 7 * DAY - 3 * 3600:
            visits.append(visit(at, platform == "ios", upto))
            at = visits[-1].facts[-1][0] + 2 * 3600 + upto(30 * 3600)
        people.append(User(number, platform, number % 3 > 0, visits))
    return people


def visit(at: int, is_restless: bool, upto: Any) -> Visit:
    """A visit from `at` on, in steps of 20 seconds to 17 minutes."""
    facts = [(at, "open")]
    for step in range(1 + upto(6)):
        at += 20 + upto(1000)
        facts.append((at, ("level", "level", "ad", "ad", "purchase")[upto(5)]))
        if is_restless:
            turn = upto(4)
            if turn == 0:  # opened again without a close
                facts.append((at + 7, "open"))
            elif turn == 1:  # away for two minutes
                facts += [(at + 10, "close"), (at + 130, "open")]
                at += 130
            elif turn == 2 and step:  # away for three seconds
                facts += [(at + 10, "close"), (at + 13, "open")]
    last = facts[-1][0]
    facts.append((last + 60 if is_restless else last, "close"))
    return Visit(facts)


def told(layout: str, user: User) -> list[tuple[int, str]]:
    """What an export in a layout says of a user, installs aside.

    Tenjin, AppsFlyer, Adjust and GA4 have no close. Adjust and GA4 have one open a visit, and
    Adjust none in the first.
    """
    facts = []
    for number, one in enumerate(user.visits):
        for place, (at, what) in enumerate(one.facts):
            if what == "close" and layout != "generic":
                continue
            if what == "open" and layout in ("adjust", "firebase") and place > 0:
                continue
            if what == "open" and layout == "adjust" and number == 0:
                continue
            facts.append((at, what))
    return facts


def spend() -> Iterator[tuple[int, str, Decimal]]:
    """(day, platform, dollars) of each day's campaigns."""
    for day in range(5):
        yield day, "android", Decimal(10 + day)
        yield day, "ios", Decimal("2.5") + day


def revenue(number: int, at: int) -> Decimal:
    """Dollars of an ad."""
    return Decimal(1 + (number + at) % 9) / 1000


def text(at: int) -> str:
    """A second as most exports write it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def date(day: int) -> str:
    """A day of the week."""
    return text(START + day * DAY)[:10]


def app_of(layout: str, platform: str) -> str:
    """The app's id."""
    if layout == "appsflyer":
        return {"android": "com.example.week", "ios": "id6000000001"}[platform]
    return {"adjust": "weekadjust01"}.get(layout, f"week.{layout}.{platform}")


def user_id(layout: str, number: int) -> str:
    """The id under which a layout knows a user."""
    return {
        "generic": f"week-{number}",
        "tenjin": f"{0x7E000000 + number:032x}",
        "appsflyer": f"{1772400000000 + number}-{1000000 + number}",
        "adjust": f"{0xAD000000 + number:032x}",
        "firebase": f"{0xF1000000 + number:032X}",
    }[layout]


def write(root: Path) -> None:
    """All layouts below a folder."""
    for layout in LAYOUTS:
        for name, content in WRITERS[layout]().items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)


def rows_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as CSV, with the columns of all of them."""
    return table(list(dict.fromkeys(name for row in rows for name in row)), rows)


def generic() -> dict[str, str]:
    """The project's own layout: all of it can be said."""
    names = {"open": "app_open", "close": "app_close", "level": "level_up", "ad": "ad_impression"}
    events = []
    for user in users():
        base = {
            "app_id": app_of("generic", user.platform),
            "platform": user.platform,
            "device_id": user_id("generic", user.number),
            "loaded_at": LANDED,
        }
        credit = {}
        if user.is_paid:
            credit["channel"] = CHANNELS[user.platform]["generic"]
            credit["campaign_id"] = CAMPAIGNS[user.platform]
        at = text(user.installed_at)
        events.append(base | credit | {"event_name": "install", "event_at": at})
        for at, what in told("generic", user):
            row = base | {"event_name": names.get(what, what), "event_at": text(at)}
            if what == "ad":
                row["ad_revenue_usd"] = str(revenue(user.number, at))
            if what == "purchase":
                row |= {"revenue": "4.99", "currency": "USD"}
            events.append(row)
    paid = [
        {
            "spend_date": date(day),
            "app_id": app_of("generic", platform),
            "platform": platform,
            "channel": CHANNELS[platform]["generic"],
            "campaign_id": CAMPAIGNS[platform],
            "spend": str(dollars),
        }
        for day, platform, dollars in spend()
    ]
    return {"events/week.csv": rows_text(events), "ad_spend/week.csv": rows_text(paid)}


def tenjin() -> dict[str, str]:
    """DataVault: cents, the install's time on each row, ads in a table of their own."""
    events, ads = [], []
    for user in users():
        ad_id = user_id("tenjin", user.number)
        base = {
            "acquired_at": text(user.installed_at),
            "loaded_at": LANDED,
            "app_id": app_of("tenjin", user.platform),
            "platform": user.platform,
            "advertising_id": ad_id if user.platform == "android" else "",
            "developer_device_id": ad_id if user.platform == "ios" else "",
            "source_campaign_id": CAMPAIGNS[user.platform]
            if user.is_paid
            else "0-" + user.platform,
        }
        for at, what in told("tenjin", user):
            row = {"created_at": text(at)} | base
            if what == "ad":
                ads.append(row | {"revenue": str(100 * revenue(user.number, at))})
            elif what == "purchase":
                events.append(row | {"event": "iap", "event_type": "purchase", "revenue": "499"})
            else:
                name = {"open": "open", "level": "level_up"}[what]
                events.append(row | {"event": name, "event_type": "event"})
    apps = [{"id": app_of("tenjin", name), "platform": name, "name": "Week"} for name in CAMPAIGNS]
    networks = [{"id": "0", "name": "Organic"}]
    campaigns = []
    for platform, campaign in CAMPAIGNS.items():
        networks.append({"id": platform, "name": CHANNELS[platform]["tenjin"]})
        for key, network in ((campaign, platform), ("0-" + platform, "0")):
            campaigns.append(
                {"id": key, "name": key, "app_id": app_of("tenjin", platform)}
                | {"ad_network_id": network, "updated_at": LANDED}
            )
    paid = [
        {"date": date(day), "campaign_id": CAMPAIGNS[platform], "spend": str(100 * dollars)}
        for day, platform, dollars in spend()
    ]
    tables = {
        "events": events,
        "ad_mediation_impressions": ads,
        "apps": apps,
        "ad_networks": networks,
        "campaigns": campaigns,
        "daily_spend": paid,
    }
    return {f"tenjin/{name}/week.csv": rows_text(rows) for name, rows in tables.items()}


def appsflyer() -> dict[str, str | bytes]:
    """Pull API reports, launches in Data Locker, spend in Cost ETL."""
    reports: dict[str, list[dict[str, str]]] = {
        "installs_report": [],
        "organic_installs_report": [],
        "in_app_events_report": [],
        "ad_revenue_raw": [],
    }
    launches = []
    for user in users():
        who = {
            "AppsFlyer ID": user_id("appsflyer", user.number),
            "Platform": user.platform,
            "App ID": app_of("appsflyer", user.platform),
            "Install Time": text(user.installed_at),
            "Event Source": "SDK",
            "Is Retargeting": "false",
        }
        if user.is_paid:
            who["Media Source"] = CHANNELS[user.platform]["appsflyer"]
            who["Campaign ID"] = CAMPAIGNS[user.platform]
        kind = "installs_report" if user.is_paid else "organic_installs_report"
        reports[kind].append(flyer(who, text(user.installed_at), "install"))
        for at, what in told("appsflyer", user):
            if what == "open":
                launches.append(flyer(who, text(at), "launch"))
            elif what == "ad":
                usd = {"event_revenue_usd": str(revenue(user.number, at)), "impressions": "1"}
                reports["ad_revenue_raw"].append(flyer(who, text(at), "af_ad_revenue", **usd))
            else:
                usd = {"event_revenue_usd": "4.99"} if what == "purchase" else {}
                name = {"purchase": "af_purchase", "level": "level_up"}[what]
                reports["in_app_events_report"].append(flyer(who, text(at), name, **usd))
    paid = [
        {
            "date": date(day),
            "app_id": app_of("appsflyer", platform),
            "media_source": CHANNELS[platform]["appsflyer"],
            "campaign_id": CAMPAIGNS[platform],
            "cost": str(dollars),
            "currency": "USD",
        }
        for day, platform, dollars in spend()
    ]
    return {
        **{f"appsflyer/events/{name}.csv": pull(rows) for name, rows in reports.items()},
        "appsflyer/events/t=sessions/dt=2026-03-15/h=0/part-0.csv.gz": locker(launches),
        "appsflyer_cost/ad_spend/dt=2026-03-15/b=4/summary/week.csv": rows_text(paid),
    }


def adjust() -> dict[str, str | bytes]:
    """One export by a definition with braces; spend in the report service."""
    rows = []
    for user in users():
        name = f"W ({CAMPAIGNS[user.platform]})"
        who = {
            "app_token": app_of("adjust", user.platform),
            "environment": "production",
            "os_name": user.platform,
            "adid": user_id("adjust", user.number),
            "is_organic": "0" if user.is_paid else "1",
            "network_name": CHANNELS[user.platform]["adjust"] if user.is_paid else "Organic",
            "campaign_name": name if user.is_paid else "",
            "installed_at": str(user.installed_at),
        }
        rows.append(activity(who, user.installed_at, "install", f"i{user.number}"))
        for at, what in told("adjust", user):
            nonce = f"{user.number}-{at}-{what}"
            dollars = {"purchase": "4.99", "ad": str(revenue(user.number, at))}.get(what)
            money = {"reporting_revenue": dollars, "reporting_currency": "USD"} if dollars else {}
            kind = {"open": "session", "ad": "ad_revenue"}.get(what, "event")
            rows.append(activity(who, at, kind, nonce, event_name=what, **money))
    paid = [
        {
            "campaign": f"W ({CAMPAIGNS[platform]})",
            "day": date(day),
            "app_token": app_of("adjust", platform),
            "store_type": {"android": "google", "ios": "itunes"}[platform],
            "channel": {"android": "Google Ads", "ios": "Apple Search Ads"}[platform],
            "network_cost": str(dollars),
        }
        for day, platform, dollars in spend()
    ]
    return {
        "adjust/events/weekadjust01_2026-03-15T230000_0a1b.csv.gz": gzip.compress(
            table(DEFINITION, rows).encode()
        ),
        "adjust_reports/ad_spend/week.csv": rows_text(paid),
    }


def firebase() -> dict[str, str | bytes]:
    """GA4: a table a day; spend in the networks' own reports."""
    days: dict[str, list[dict[str, Any]]] = {}
    for user in users():
        source = {"name": "(organic)", "medium": "organic", "source": "store"}
        if user.is_paid:
            source = {"name": CAMPAIGNS[user.platform], "medium": "cpc"}
            source["source"] = CHANNELS[user.platform]["firebase"]
        cells: dict[str, Any] = {
            "app_info": {"id": app_of("firebase", user.platform), "version": "1"},
            "platform": user.platform.upper(),
            "traffic_source": source,
        }
        facts = [(user.installed_at, "first_open"), *told("firebase", user)]
        for at, what in facts:
            usd = {"purchase": 4.99, "ad": float(revenue(user.number, at))}.get(what)
            name = {"open": "session_start", "level": "level_up", "ad": "ad_impression"}
            name["purchase"] = "in_app_purchase"
            row = ga4(
                name.get(what, what),
                text(at),
                user_id("firebase", user.number),
                event_value_in_usd=usd,
                **cells,
            )
            days.setdefault(text(at)[:10].replace("-", ""), []).append(row)
    files: dict[str, str | bytes] = {
        f"firebase/events/events_{day}.ndjson": ndjson(rows) for day, rows in days.items()
    }
    reports = {
        "google_ads": ("android", "date,id,cost_micros", lambda dollars: int(dollars * 1_000_000)),
        "apple_search_ads": ("ios", "date,id,local_spend_amount", lambda dollars: dollars),
    }
    for report, (platform, header, amount) in reports.items():
        lines = [
            f"{date(day)},{CAMPAIGNS[platform]},{amount(dollars)}"
            for day, name, dollars in spend()
            if name == platform
        ]
        folder = f"{report}/ad_spend/app_id={app_of('firebase', platform)}/platform={platform}"
        files[f"{folder}/week.csv"] = "\n".join([header, *lines]) + "\n"
    return files


WRITERS: dict[str, Any] = {
    "generic": generic,
    "tenjin": tenjin,
    "appsflyer": appsflyer,
    "adjust": adjust,
    "firebase": firebase,
}
