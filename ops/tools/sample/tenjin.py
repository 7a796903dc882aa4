"""The sample in Tenjin DataVault layout: Harbor Words (iOS, Android), Pixel Orchard (Android)."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

from sample.dice import Dice
from sample.export import Export, Table, day_of, every_day, published, spend_of_day, usd_per_eur
from sample.world import (
    COUNTRIES,
    END,
    NO_DELAY,
    WESTERN,
    App,
    Session,
    Source,
    User,
    after,
    load_after,
    load_of_hour,
    moment,
    to_second,
)

ZERO_ID = "0" * 32
UPDATED_AT = "2025-04-28 04:00:00"
VISIT = "0 open, 70 level_complete"
CREATIVES = (("video_15s_a", 1), ("video_30s_b", 1), ("playable_03", 1), ("static_07", 1))
AD_NETWORKS = (("Elm Mediation", 3), ("Fjord Exchange", 2))
AD_UNITS = (("rewarded_hint", 3), ("interstitial_level", 2))
PRODUCTS = (
    *((("coins_500", 4.99), 5), (("coins_1200", 9.99), 3)),
    *((("starter_pack", 2.99), 6), (("no_ads", 6.99), 2)),
)
# country: (currency, units per US dollar in which the store quotes prices)
PRICES = {
    "DE": ("EUR", 1.0),
    "FR": ("EUR", 1.0),
    "GB": ("GBP", 0.9),
    "JP": ("JPY", 150.0),
    "BR": ("BRL", 5.0),
    "IN": ("INR", 80.0),
}
NETWORKS = {
    0: "Organic",
    11: "Acorn Rewards",
    12: "Bluebird Video",
    13: "Cobalt Social",
    14: "Delta Search",
    15: "House Ads",
    21: "Elm Mediation",
    22: "Fjord Exchange",
}


def uuid(kind: str, number: int) -> str:
    """Return a readable id: `a` for apps, `b` for publisher apps, `c` for campaigns."""
    return f"{kind}1a00000-0000-4000-8000-{number:012d}"


def campaign(number: int, *cells, **more) -> Source:
    """Return a campaign with that id."""
    channel, *rest = cells
    return Source(channel, uuid("c", number), *rest, **more)


# fmt: off
HOURS = (5, 3, 2, 1, 1, 2, 4, 6, 6, 5, 5, 6, 8, 7, 6, 6, 7, 8, 10, 12, 14, 13, 10, 7)
WEEK = (0.93, 0.92, 0.93, 0.96, 1.02, 1.14, 1.18)
HARBOR_RELEASES = ((0, "1.4.0.12"), (16, "1.4.1.3"), (37, "1.5.0.8"))
PIXEL_RELEASES = ((0, "0.9.2.1"), (21, "1.0.0.4"), (44, "1.0.2.0"))

EVENT_COLUMNS = (
    "created_at", "acquired_at", "loaded_at", "event", "event_type", "bundle_id", "app_id",
    "platform", "app_version", "os_version", "device", "country", "ip_address", "advertising_id",
    "developer_device_id", "limit_ad_tracking", "source_campaign_id", "source_uuid", "uuid",
    "site_id", "creative_name", "product_id", "price", "quantity", "currency", "revenue",
    "purchase_state", "value",
)
IMPRESSION_COLUMNS = (
    "created_at", "acquired_at", "loaded_at", "app_id", "bundle_id", "platform", "country",
    "app_version", "advertising_id", "developer_device_id", "source_campaign_id", "ad_network",
    "ad_unit", "revenue",
)

APPS = [
    App(uuid("a", 1), "ios", "Harbor Words", "com.example.harborwords", HOURS, WEEK,
        HARBOR_RELEASES, store_id="1500000101", sources=[
            campaign(1, "Organic", "Organic", 1.9, retention=1.15),
            campaign(2, "Cobalt Social", "HW_iOS_US_lookalike", 2.0, 3.1,
                     retention=1.3, worth=1.8, countries=WESTERN, cpm=11),
            campaign(3, "Bluebird Video", "HW_iOS_T1_playable", 1.7, 1.55,
                     retention=0.75, worth=0.7, cpm=6),
        ]),
    App(uuid("a", 2), "android", "Harbor Words", "com.example.harborwords", HOURS, WEEK,
        HARBOR_RELEASES, store_id="com.example.harborwords", sources=[
            campaign(4, "Organic", "Organic", 2.3, retention=1.15),
            campaign(5, "Delta Search", "HW_AND_search", 1.4, 1.15,
                     retention=1.15, worth=1.1, cpm=9),
            campaign(6, "Delta Search", "HW_AND_search (copy)", 0.7, 1.3,
                     retention=1.1, worth=1.1, first_day=25, cpm=9),
            campaign(7, "Bluebird Video", "HW_AND_WW_playable", 2.2, 0.95,
                     retention=0.75, worth=0.6, cpm=4),
            campaign(8, "House Ads", "HW_cross_promo", 0.4, 0.0, first_day=20, retention=1.1),
        ]),
    App(uuid("a", 3), "android", "Pixel Orchard", "com.example.pixelorchard", HOURS, WEEK,
        PIXEL_RELEASES, store_id="com.example.pixelorchard", sources=[
            campaign(9, "Organic", "Organic", 2.0, first_day=2),
            campaign(10, "Acorn Rewards", "PO_incent_burst", 3.4, 0.55,
                     retention=0.55, worth=0.35, first_day=28, last_day=41, cpm=5),
            campaign(11, "Bluebird Video", "PO_WW_video", 2.2, 0.85,
                     retention=0.85, worth=0.9, first_day=5, cpm=4),
        ]),
]
# fmt: on
# Campaigns with spend but no users; of two of them Tenjin's own table knows nothing.
BRAND_CAMPAIGN, UNKNOWN_CAMPAIGNS = uuid("c", 12), (uuid("c", 98), uuid("c", 99))


class TenjinExport(Export):
    """The events of both games and the impressions of Harbor Words."""

    def __init__(self) -> None:
        super().__init__(901)
        self.events = Table(EVENT_COLUMNS)
        self.impressions = Table(IMPRESSION_COLUMNS)
        self.seen: set[tuple] = set()

    def add(self, at: datetime, event: str, /, loaded=None, wait=NO_DELAY, **cells) -> None:
        """Add an event row; the cells given win over what is filled in."""
        loaded = loaded or load_after(at, wait)
        row = {"created_at": to_second(at), "loaded_at": to_second(loaded)}
        self.events.add(loaded, {**row, "event": event, "event_type": "event", **cells})

    def add_impression(self, at: datetime, loaded=None, wait=NO_DELAY, **cells) -> None:
        """Add an impression row."""
        loaded = loaded or load_after(at, wait)
        row = {"created_at": to_second(at), "loaded_at": to_second(loaded)}
        self.impressions.add(loaded, {**row, **cells})

    # ---------------------------------------------------------------- simulated users

    def cells(self, user: User, at: datetime) -> dict:
        """Return what a row of a user carries."""
        if not user.cells:
            user.cells = self.new_cells(user)
        return {**user.cells, "app_version": user.app.version(at)}

    def new_cells(self, user: User) -> dict:
        """Return what all rows of a user carry."""
        dice, is_organic = self.dice, user.source.channel == "Organic"
        advertising_id, vendor_id = dice.hexadecimal(32), ""
        if user.app.platform == "ios":
            vendor_id = dice.hexadecimal(32)
            # half of them refuse to be tracked, a few are never asked
            advertising_id = dice.pick(((advertising_id, 35), (ZERO_ID, 50), ("", 15)))
        acquired = user.installed_at
        if dice.chance(0.3):
            acquired -= timedelta(seconds=dice.whole(1, 40))
        cells = {
            "app_id": user.app.app_id,
            "bundle_id": user.app.bundle_id,
            "platform": user.app.platform,
            "country": user.country,
            "os_version": user.os_version,
            "device": user.device,
            "acquired_at": to_second(acquired),
            "advertising_id": advertising_id,
            "developer_device_id": vendor_id,
            "limit_ad_tracking": "true" if advertising_id in (ZERO_ID, "") else "false",
            "source_campaign_id": user.source.campaign_id,
        }
        if is_organic and user.app.name == "Pixel Orchard":
            cells["source_campaign_id"] = ""
        if not is_organic:
            cells["site_id"] = f"site_{1000 + dice.whole(1, 6) * 1319}"
            cells["creative_name"] = dice.pick(CREATIVES)
        return cells

    def free_second(self, user: User, event: str, at: datetime) -> datetime:
        """Return the first second from `at` on in which the user's event is new.

        Rows have no id: two of the same content would be one event.
        """
        at = min(at, after(END, -600)).replace(microsecond=0)
        while (user.app.app_id, user.number, event, at) in self.seen:
            at += timedelta(seconds=1)
        self.seen.add((user.app.app_id, user.number, event, at))
        return at

    def play_session(self, session: Session) -> None:
        """Write the rows of a session: an open, custom events, purchases, impressions."""
        dice, user, length = self.dice, session.user, session.seconds
        cells = self.cells(user, session.start)

        def put(at, event, **more):
            at = self.free_second(user, event, at)
            self.add(at, event, wait=self.wait(session), **{**cells, **more})

        def inside():
            return after(session.start, dice.between(0.03, 0.97) * length)

        first = {"uuid": dice.hexadecimal(32)} if dice.chance(0.15) else {}
        if session.number == 0:
            first["ip_address"] = f"192.0.2.{user.number % 254 + 1}"
            if user.source.channel != "Organic":
                first["source_uuid"] = dice.hexadecimal(32)
        put(session.start, "open", **first)
        if session.number == 0 and dice.chance(0.7):
            put(after(session.start, 0.6 * length), "tutorial_complete")
        if length > 100 and dice.chance(0.5):
            level = 1 + 3 * session.number + dice.whole(0, 2)
            put(after(session.start, length), "level_complete", value=str(level))
        if length > 400 and dice.chance(0.12):
            put(inside(), "open")
        if user.is_payer and dice.chance(0.35 if session.day_n == 0 else 0.1):
            name, purchase = self.purchase(user)
            put(inside(), name, **purchase)
        if user.app.name == "Harbor Words" and length > 60:
            for _ in range(dice.pick(((0, 52), (1, 32), (2, 16)))):
                cents = dice.between(1.2, 5.0) * user.source.worth * COUNTRIES[user.country][1]
                shown = {"ad_network": dice.pick(AD_NETWORKS), "ad_unit": dice.pick(AD_UNITS)}
                at = self.free_second(user, "impression", inside())
                shown["revenue"] = f"{cents:.4f}"
                self.add_impression(at, wait=session.delay, **{**cells, **shown})

    def purchase(self, user: User) -> tuple[str, dict]:
        """Return (event name, cells) of a purchase; the name is the product's, or blank."""
        product, usd = self.dice.pick(PRODUCTS)
        currency, rate = PRICES.get(user.country, ("USD", 1.0))
        return "" if self.dice.chance(0.2) else product, {
            "event_type": "purchase",
            "product_id": product,
            "price": f"{usd * rate:.2f}",
            "quantity": "1",
            "currency": currency,
            # US cents, after the store's share
            "revenue": f"{usd * 70:.2f}",
            "purchase_state": "0",
        }

    # ---------------------------------------------------------------- awkward cases

    def actor(self, number: int, app_number: int, acquired: str = "", **cells) -> dict:
        """Return the cells of a case's actor, who plays at the time acquired, if given."""
        app = APPS[app_number - 1]
        actor = {
            "app_id": app.app_id,
            "bundle_id": app.bundle_id,
            "platform": app.platform,
            "country": "GB",
            "app_version": app.releases[0][1],
            "os_version": "14",
            "device": "case",
            "advertising_id": f"ca5e{number:04d}" + "0a" * 12,
            "developer_device_id": "",
            "limit_ad_tracking": "false",
            **cells,
        }
        if app.platform == "ios":
            actor["developer_device_id"] = f"ca5e{number:04d}" + "0b" * 12
        if acquired:
            actor["acquired_at"] = to_second(moment(acquired))
            self.act(actor, acquired, "0 open, 90 level_complete +", value="1")
        return actor

    def add_cases(self) -> None:
        """Write every awkward case the layout allows."""
        self.add_shapes()
        self.add_late_events()
        self.add_odd_actors()
        self.add_acquisition_cases()
        self.add_odd_values()
        self.add_rejected_rows()
        self.add_duplicates()

    def add_shapes(self) -> None:
        """Gaps around 30 minutes, ties, midnights, a session of one event, a very long one."""
        actor = self.actor(1, 2, "03-04 09:00")
        for day, gap, case in (
            ("05", 1800, "gap of exactly the timeout"),
            ("06", 1799, "gap just below the timeout"),
            ("08", 1801, "gap just above the timeout"),
        ):
            self.act(actor, f"03-{day} 18:00", f"0 open, {gap} level_complete", case)
        actor = self.actor(2, 1, "03-09 08:00")
        for day in (11, 14, 20):
            script = "0 open, 0 level_complete, 0 daily_reward"
            self.act(actor, f"03-{day} 21:00", script, "events at one instant")
        self.act(actor, "04-06 21:00", "0 open", "session of one event")
        actor = self.actor(3, 3, "03-14 23:58:59")
        for start in ("03-18 23:50", "03-31 23:45"):
            script = "0 open, 620 level_complete, 1500 daily_reward"
            self.act(actor, start, script, "session across midnight")
        actor = self.actor(4, 2, "03-20 16:00")
        levels = ", ".join(f"{1700 * step} level_complete" for step in range(1, 56))
        script = f"0 open, {levels}, {26 * 3600} level_complete"
        self.act(actor, "03-22 06:00", script, "session of 26 hours")

    def add_late_events(self) -> None:
        """Events that arrive long after others of the same actor."""
        actor = self.actor(5, 1, "03-05 07:30")
        for start, case, script in (
            (
                "03-10 07:00",
                "late event joins two sessions",
                "0 open, 1500 level_complete @03-15T10, 2900 level_complete",
            ),
            (
                "03-16 07:00",
                "late event moves a start earlier",
                "-600 open @03-18T02, 0 level_complete",
            ),
            ("03-27 07:00", "session 30 days late", "0 open @04-26T08, 30 daily_reward @04-26T08"),
        ):
            self.act(actor, start, script, case)
        for number, start in ((6, "03-01 05:40:00"), (7, "03-01 05:50:00")):
            actor = self.actor(number, 2, acquired_at=f"2025-{start}")
            self.act(actor, start, "0 open @last", "event 60 days late")
            self.act(actor, "03-02 06:00", VISIT)
        actor = self.actor(8, 2, "03-11 10:00")
        load = load_of_hour(moment("03-13 10:00")).replace(microsecond=0)
        for ahead in (600, 900):
            self.add(after(load, ahead), "open", loaded=load, **actor)
            self.cases["event later than its load, within the skew"] += 1

    def add_odd_actors(self) -> None:
        """Unusable ids, a changing id, no platform, no acquisition time."""
        for number, unusable in ((11, ZERO_ID), (12, ""), (13, "unknown")):
            actor = self.actor(number, 1, "03-21 09:00", advertising_id=unusable)
            self.act(actor, "03-22 11:00", VISIT, "unusable id, another usable")
        actor = self.actor(14, 1, "03-21 09:30")
        actor["advertising_id"] = ZERO_ID
        self.act(actor, "03-21 09:40", VISIT, "advertising id lost half-way")
        for number in (15, 16):
            actor = self.actor(number, 2, "03-26 10:00", platform="")
            self.act(actor, "03-27 10:00", VISIT, "platform blank or unknown")
        actor = self.actor(24, 3)
        self.act(actor, "04-07 15:00", VISIT, "actor whose install is not in the export")

    def add_acquisition_cases(self) -> None:
        """Installs before the first day, reinstalls, re-engagement, an unknown campaign."""
        for number, day in ((17, "2024-12-17"), (18, "2025-01-18"), (19, "2025-02-19")):
            actor = self.actor(number, 2, acquired_at=f"{day} 12:00:00")
            for start in ("03-01", "03-02", "03-04", "03-09", "03-20"):
                self.act(actor, f"{start} 08:11:{number}", VISIT)
            self.cases["install before the first day"] += 1
        actor = self.actor(23, 2, "04-07 12:00")
        self.act(actor, "04-07 11:20", VISIT, "activity before the install")
        for number, again in ((25, "03-26 15:00:00"), (26, "04-20 15:00:00")):
            actor = self.actor(number, 2, "03-03 15:00")
            actor["acquired_at"] = f"2025-{again}"
            self.act(actor, again, VISIT, "reinstall within 90 days")
        for number, start, case in (
            (27, "03-18 17:30", "re-engagement derived after 10 days"),
            (28, "03-11 17:30", "another campaign after 3 days only"),
        ):
            actor = self.actor(number, 2, "03-08 17:00", source_campaign_id=uuid("c", 5))
            actor["source_campaign_id"] = uuid("c", 7)
            self.act(actor, start, VISIT, case)
        for number in (29, 30):
            cells = {"source_campaign_id": UNKNOWN_CAMPAIGNS[1]}
            self.actor(number, 2, "04-05 12:00", **cells)
            self.cases["campaign that no other table has"] += 1

    def add_odd_values(self) -> None:
        """Odd text, odd money, an id that two events share."""
        odd = {"creative_name": 'Größe "XL", 広告 №7', "site_id": "sité,1"}
        # among the first rows, from which DuckDB guesses how a file escapes its quotes
        self.actor(31, 1, "03-01 12:00", source_campaign_id=uuid("c", 2), **odd)
        self.cases["text with unicode, quotes and a comma"] += 1
        actor = self.actor(32, 2, "04-08 12:00")
        for start, case, money in (
            ("04-09 12:00", "purchase without currency", {"revenue": "349.30"}),
            ("04-10 12:00", "purchase at 0", {"revenue": "0", "currency": "EUR"}),
            ("04-11 12:00", "purchase without revenue", {"currency": "USD"}),
            (
                "04-12 12:00",
                "price in an unknown currency, revenue in USD",
                {"price": "33.00", "currency": "XQQ", "revenue": "349.30"},
            ),
        ):
            bill = {"event_type": "purchase", "product_id": "coins_500", "quantity": "1"}
            self.act(actor, start, "0 open, 10 coins_500 +", case, **bill, **money)
        shared = {"uuid": "ca5e" + "5" * 28}
        script = "0 open +, 10 level_complete +"
        self.act(actor, "04-13 12:00", script, "one uuid on two events", **shared)

    def add_rejected_rows(self) -> None:
        """At least two rows for each reason the layout allows."""
        late = to_second(after(load_after(moment("04-04 12:00")), 901))
        bill = {"event": "", "event_type": "purchase", "price": "4.99", "currency": "USD"}
        actor = self.actor(90, 2, acquired_at="2025-04-04 07:00:00", event="open")
        reasons = {
            "missing_loaded_at": [{"loaded_at": ""}] * 2,
            "unparsable_loaded_at": [
                {"loaded_at": "pending"},
                {"loaded_at": "2025-04-31 00:00:00"},
            ],
            "missing_app_id": [{"app_id": "", "bundle_id": ""}] * 2,
            "unknown_app": [{"app_id": uuid("a", 99)}] * 2,
            "missing_actor": [
                {"advertising_id": ZERO_ID},
                {"advertising_id": "", "developer_device_id": ZERO_ID},
                {"advertising_id": "unknown"},
            ],
            "missing_event_name": [{"event": ""}] * 2,
            "missing_event_at": [{"created_at": ""}] * 2,
            "unparsable_event_at": [
                {"created_at": "soon"},
                {"created_at": "2025-02-30 10:00:00"},
            ],
            "event_at_in_future": [{"created_at": "2099-12-31 23:59:59"}, {"created_at": late}],
            "event_at_too_old": [
                {"created_at": "1970-01-01 00:00:00"},
                {"created_at": "2007-12-31 23:59:59"},
            ],
            "invalid_installed_at": [
                {"acquired_at": "never"},
                {"acquired_at": "1970-01-01 00:00:00"},
                {"acquired_at": "2098-01-01 00:00:00"},
            ],
            "invalid_revenue": [{**bill, "revenue": text} for text in ("free", "-349.30", "NaN")],
        }
        self.reject(actor, reasons)
        shown = {"loaded": load_after(moment("04-04 12:00")), "ad_network": "Elm Mediation"}
        for second, cells, reason in (
            (1, {"revenue": "NaN"}, "invalid_revenue"),
            (2, {"revenue": "-1"}, "invalid_revenue"),
            (3, {"revenue": "2.5", "advertising_id": ZERO_ID}, "missing_actor"),
        ):
            at = moment(f"04-04 07:30:0{second}")
            self.add_impression(at, **{**actor, **shown, **cells})
            self.cases[f"rejected: {reason}"] += 1

    def add_duplicates(self) -> None:
        """Rows delivered again with the same content: a row has no id to tell it by."""
        for table in (self.events, self.impressions):
            regular = [
                (loaded, row)
                for loaded, row in table.deliveries()
                if "ca5e" not in row["advertising_id"] + row["developer_device_id"]
                and row["loaded_at"]
                and loaded < END - timedelta(days=12)
            ]
            for number, (loaded, row) in enumerate(regular[50::350]):
                later = load_after(loaded, timedelta(hours=(1, 48, 264)[number % 3]))
                table.add(later, {**row, "loaded_at": to_second(later)})
                self.cases["delivered again later"] += 1
            table.add(*regular[60])
            self.cases["same content twice in one load"] += 1


# ---------------------------------------------------------------- spend and network revenue


def daily_spend(installs: Counter, cases: Counter) -> list[dict]:
    """Return the rows of daily_spend; money in cents."""
    dice, rows = Dice(910), []

    def add(day_index, campaign_id, spend, impressions, clicks, reported, currency="USD"):
        day = day_of(day_index)
        rate = usd_per_eur(day) if currency == "EUR" else 1
        row = {
            "id": 50_001 + len(rows),
            "date": day,
            "campaign_id": campaign_id,
            "impressions": impressions,
            "clicks": clicks,
            "installs": reported,
            "spend": round(spend * 100),
            "original_spend": round(spend * 100 / rate),
            "original_currency": currency,
            "updated_at": to_second(published(day, 1)),
        }
        rows.append(row)

    for app in APPS:
        for source in (source for source in app.sources if source.cpi is not None):
            currency = "EUR" if source.channel == "Cobalt Social" else "USD"
            for day_index in every_day(source):
                tracked = installs[app.platform, source.campaign_id, day_index]
                figures = spend_of_day(dice, source, day_index, tracked)
                add(day_index, source.campaign_id, *figures, currency)
                cases["paid campaign at zero spend, days"] += source.cpi == 0
    for case, days, campaign_id, figures in (
        ("spend without installs, days", range(14, 19), BRAND_CAMPAIGN, (9.5, 2100, 17, 0)),
        ("spend of an unknown campaign, days", (21, 22, 23), UNKNOWN_CAMPAIGNS[0], (4, 900, 8, 2)),
        ("spend without a campaign, days", (31, 32), "", (6, 1400, 12, 3)),
    ):
        for day_index in days:
            add(day_index, campaign_id, *figures)
            cases[case] += 1
    for row in [row for row in rows[7::47] if row["spend"]]:
        restated = {name: round(row[name] * 1.08) for name in ("spend", "original_spend")}
        updated = to_second(published(row["date"], 4, 7))
        rows.append({**row, **restated, "clicks": row["clicks"] + 2, "updated_at": updated})
        cases["spend restated"] += 1
    return rows


def daily_ad_revenue(sessions: list[Session], cases: Counter) -> list[dict]:
    """Return the rows of daily_ad_revenue of Pixel Orchard; money in cents."""
    dice, rows = Dice(911), []

    def add(day, publisher, country, impressions, revenue):
        row = {
            "id": 70_001 + len(rows),
            "date": day,
            "publisher_app_id": uuid("b", publisher),
            "country": country,
            "impressions": impressions,
            "clicks": impressions // 40,
            "conversions": impressions // 300,
            "revenue": f"{revenue:.2f}",
            "updated_at": to_second(published(day, 2)),
        }
        rows.append(row)

    visits = Counter(
        (session.start.date(), session.user.country)
        for session in sessions
        if session.user.app.name == "Pixel Orchard"
    )
    for (day, country), count in sorted(visits.items()):
        for publisher, per_session in ((1, 2.4), (2, 1.1)):
            shown = int(count * per_session * dice.between(0.8, 1.3))
            if shown:
                cents = shown * dice.between(0.7, 1.6) * COUNTRIES[country][1]
                add(day, publisher, country, shown, cents)
    # before the app's first user, and from where nobody plays
    for day, publisher, country, shown, cents in (
        (date(2025, 3, 1), 1, "US", 14, 16.2),
        (date(2025, 3, 2), 1, "US", 9, 10.35),
        (date(2025, 3, 20), 2, "IS", 3, 4.1),
    ):
        add(day, publisher, country, shown, cents)
        cases["ad revenue without sessions"] += 1
    for row in rows[9:-3:97]:
        restated = {"revenue": f"{float(row['revenue']) * 0.9:.2f}"}
        rows.append({**row, **restated, "updated_at": to_second(published(row["date"], 5, 7))})
        cases["ad revenue restated"] += 1
    return rows


# ---------------------------------------------------------------- small tables


def campaign_rows() -> list[dict]:
    """Return the rows of campaigns."""
    numbers = {name: number for number, name in NETWORKS.items()}
    rows = []

    def add(number, name, channel, app_id, bucket_id=""):
        row = {
            "id": uuid("c", number),
            "remote_campaign_id": f"{number * 7_654_321_987_654_321:018d}",
            "name": name,
            "ad_network_id": numbers[channel],
            "app_id": app_id,
            "campaign_bucket_id": bucket_id,
            "updated_at": UPDATED_AT,
        }
        if channel == "Organic":
            row["remote_campaign_id"] = ""
        rows.append(row)

    for app in APPS:
        for source in app.sources:
            number = int(source.campaign_id[-12:])
            # the search campaign and its copy are one bucket
            bucket_id = uuid("c", 5) if number in (5, 6) else ""
            add(number, source.campaign_name, source.channel, app.app_id, bucket_id)
    add(12, 'PO_brand, "awareness"', "Cobalt Social", uuid("a", 3))
    return rows


def ad_network_rows() -> list[dict]:
    """Return the rows of ad_networks."""
    return [{"id": number, "name": name} for number, name in NETWORKS.items()]


def app_rows() -> list[dict]:
    """Return the rows of apps."""
    return [
        {
            "id": app.app_id,
            "name": app.name,
            "bundle_id": app.bundle_id,
            "store_id": app.store_id,
            "platform": app.platform,
            "updated_at": UPDATED_AT,
        }
        for app in APPS
    ]


def publisher_app_rows() -> list[dict]:
    """Return the rows of publisher_apps: Pixel Orchard at both mediation networks."""
    return [
        {
            "id": uuid("b", number),
            "app_id": uuid("a", 3),
            "ad_network_id": 20 + number,
            "name": f"Pixel Orchard at {NETWORKS[20 + number]}",
            "updated_at": UPDATED_AT,
        }
        for number in (1, 2)
    ]
