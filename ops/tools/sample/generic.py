"""The sample in the `generic` layout: Stride Run, a fitness app on iOS, Android and the web."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

from sample.dice import Dice
from sample.export import (
    ZERO_UUID,
    Export,
    Table,
    day_of,
    every_day,
    published,
    spend_of_day,
    usd_per_eur,
)
from sample.world import (
    COUNTRIES,
    END,
    EUROPE,
    NO_DELAY,
    US_AND_DE,
    App,
    Session,
    Source,
    User,
    after,
    load_after,
    load_of_hour,
    moment,
    to_microsecond,
)

APP_ID = "com.example.striderun"
# From this release on, the app reports how long it was in the foreground.
RELEASE_WITH_DURATION = "3.2.0"
CURRENCIES = {"DE": "EUR", "FR": "EUR", "GB": "GBP", "JP": "JPY"}
SEARCH = {"campaign_id": "90017755", "channel": "Delta Search"}
SOCIAL = {"campaign_id": "0023841", "channel": "Cobalt Social"}
VIDEO = {"campaign_id": "bb-771", "channel": "Bluebird Video"}
VISIT = "0 app_open, 50 screen_view, 180 app_close"

# fmt: off
HOURS = (1, 1, 1, 1, 2, 5, 11, 13, 9, 5, 4, 4, 6, 5, 3, 3, 5, 10, 14, 13, 9, 6, 3, 2)
WEEK = (1.15, 1.08, 1.05, 1.02, 0.90, 0.88, 0.98)
RELEASES = ((0, "3.1.0"), (13, "3.1.1"), (33, RELEASE_WITH_DURATION))

EVENT_COLUMNS = (
    "event_id", "app_id", "platform", "device_id", "user_id", "event_name", "event_at",
    "received_at", "loaded_at", "country", "app_version", "os_version", "device_model",
    "campaign_id", "channel", "is_reengagement", "revenue", "currency", "ad_revenue_usd",
    "duration_seconds",
)
SPEND_COLUMNS = (
    "spend_date", "app_id", "platform", "channel", "campaign_id", "campaign_name", "country",
    "spend", "currency", "impressions", "clicks", "reported_installs", "updated_at",
)
REVENUE_COLUMNS = (
    "revenue_date", "app_id", "platform", "country", "ad_network", "revenue", "currency",
    "impressions", "updated_at",
)
IN_APP_EVENTS = (("screen_view", 5), ("workout_started", 2), ("workout_finished", 2), ("share", 1))
PRODUCTS = (
    ({"USD": "9.99", "EUR": "9.99", "GBP": "8.99", "JPY": "1500"}, 5),
    ({"USD": "59.99", "EUR": "59.99", "GBP": "49.99", "JPY": "8800"}, 0.3),
    ({"USD": "4.99", "EUR": "4.99", "GBP": "4.49", "JPY": "700"}, 4),
)

SOURCES = {
    "ios": [
        Source("", "", "", 1.5, retention=1.2, worth=1.1),
        Source("Cobalt Social", "0023841", "SR iOS Prospecting EU", 1.2, 3.6,
               retention=1.2, worth=1.6, countries=EUROPE, cpm=12),
        Source("Delta Search", "90017755", "SR iOS Brand, US+DE", 1.0, 2.2,
               retention=1.25, worth=1.4, countries=US_AND_DE, cpm=10),
    ],
    "android": [
        Source("", "", "", 1.8, retention=1.1),
        Source("Bluebird Video", "bb-771", "SR Android video T1", 1.8, 1.25,
               retention=0.7, worth=0.6, cpm=5),
        Source("Delta Search", "90017802", "SR Android Generic", 1.2, 1.7,
               retention=1.05, first_day=10, cpm=8),
        # nobody pays for these, or nobody tells
        Source("Echo Creators", "spring-runner", "", 1.0,
               retention=0.95, first_day=35, last_day=47),
    ],
    "web": [Source("", "", "", 0.6, retention=0.8, worth=0.8)],
}
# fmt: on


def apps() -> list[App]:
    """Return Stride Run on each platform."""
    return [
        App(APP_ID, platform, "Stride Run", APP_ID, HOURS, WEEK, RELEASES, sources)
        for platform, sources in SOURCES.items()
    ]


class GenericExport(Export):
    """The events of Stride Run."""

    def __init__(self) -> None:
        super().__init__(900)
        self.events = Table(EVENT_COLUMNS)

    def add(self, at: datetime, event: str, /, loaded=None, wait=NO_DELAY, **cells) -> None:
        """Add an event row; the cells given win over what is filled in."""
        loaded = loaded or load_after(at, wait)
        received = after(at, self.dice.between(0.2, 25))
        if loaded - at > timedelta(hours=3) or received > loaded:
            received = after(loaded, -self.dice.between(1, 90))
        row = {
            "event_id": self.dice.hexadecimal(16),
            "app_id": APP_ID,
            "event_name": event,
            "event_at": to_microsecond(at),
            # only the iOS SDK tells
            "received_at": to_microsecond(received) if cells["platform"] == "ios" else "",
            "loaded_at": to_microsecond(loaded),
        }
        self.events.add(loaded, {**row, **cells})

    # ---------------------------------------------------------------- simulated users

    def cells(self, user: User, at: datetime) -> dict:
        """Return what a row of a user carries."""
        if not user.cells:
            has_account = self.dice.chance(0.3)
            user.cells = {
                "platform": user.app.platform,
                "device_id": self.dice.hexadecimal(16),
                "user_id": f"u{100000 + user.number}" if has_account else "",
                "country": user.country,
                "os_version": user.os_version,
                "device_model": user.device,
            }
        return {**user.cells, "app_version": user.app.version(at)}

    def play_session(self, session: Session) -> None:
        """Write the rows of a session: an open, events, mostly a close, sometimes a reopen."""
        dice, user = self.dice, session.user
        cells = self.cells(user, session.start)
        opened = session.start

        def put(at, event, **more):
            self.add(at, event, wait=self.wait(session), **{**cells, **more})

        def inside():
            return after(opened, dice.between(0.02, 0.97) * length)

        if session.number == 0:
            source = user.source
            put(opened, "install", campaign_id=source.campaign_id, channel=source.channel)
            opened = after(opened, dice.between(0.4, 2.5))
        put(opened, "app_open")
        end = max(min(after(session.start, session.seconds), after(END, -1)), after(opened, 3))
        length = (end - opened).total_seconds()
        for _ in range(min(3, int(dice.unit() * (1.3 + length / 500)))):
            put(inside(), dice.pick(IN_APP_EVENTS))
        if user.app.platform != "web" and length > 120:
            for _ in range(dice.whole(0, 1 + (length > 600))):
                put(inside(), "ad_impression", ad_revenue_usd=self.ad_revenue(user))
        if user.is_payer and dice.chance(0.35 if session.day_n == 0 else 0.1):
            prices = dice.pick(PRODUCTS)
            currency = CURRENCIES.get(user.country, "USD")
            put(inside(), "purchase", revenue=prices[currency], currency=currency)
        if dice.chance(0.75):
            foreground = ""
            if cells["app_version"] == RELEASE_WITH_DURATION:
                foreground = f"{length * dice.between(0.9, 1):.1f}"
            put(end, "app_close", duration_seconds=foreground)
            if dice.chance(0.07):
                opened = after(end, dice.between(1.5, 90))
                put(opened, "app_open")
                put(after(opened, dice.between(5, 60)), "screen_view")
        if session.day_n in (2, 9) and dice.chance(0.5) and after(end, 7200) < END:
            put(after(end, 7200), "push_received")

    def ad_revenue(self, user: User) -> str:
        """Return the revenue of an impression; Android's network tells daily totals only."""
        if user.app.platform != "ios":
            return ""
        return f"{self.dice.between(0.012, 0.05) * user.source.worth * worth(user.country):.6f}"

    # ---------------------------------------------------------------- awkward cases

    def actor(self, name: str, platform: str, installed: str = "", **cells) -> dict:
        """Return the cells of a case's actor, who installs at the time given, if any."""
        actor = {
            "device_id": f"case-{name}",
            "platform": platform,
            "country": "DE",
            "app_version": "3.1.0",
            "os_version": "14",
            "device_model": "case",
            **cells,
        }
        if installed:
            self.act(actor, installed, "0 install, 1.25 app_open, 61.5 screen_view")
        return actor

    def add_cases(self) -> None:
        """Write every awkward case."""
        self.add_timeouts()
        self.add_reopens()
        self.add_shapes()
        self.add_late_events()
        self.add_odd_actors()
        self.add_inactivity()
        self.add_campaign_cases()
        self.add_odd_values()
        self.add_rejected_rows()
        self.add_duplicates()
        # last, so that what was drawn before stays as it is
        self.add_refunds()

    def add_timeouts(self) -> None:
        """Gaps around the timeouts that seeds/session_settings.csv sets for this app."""
        for platform, timeout in (("ios", 1800), ("android", 1200), ("web", 600)):
            actor = self.actor(f"timeout-{platform}", platform, "03-04 09:00")
            for day, gap, case in (
                ("05", timeout, "gap of exactly the timeout"),
                ("06", timeout - 0.000001, "gap just below the timeout"),
                ("08", timeout + 0.000001, "gap just above the timeout"),
            ):
                script = f"0 app_open, {gap:.6f} screen_view"
                self.act(actor, f"03-{day} 18:00:00.250000", script, case)
        actor = self.actor("timeout-android", "android")
        case = "gap between two settings' timeouts"
        self.act(actor, "03-12 18:00", "0 app_open, 1500 screen_view", case)

    def add_reopens(self) -> None:
        """Closes and opens around the grace of five seconds."""
        actor = self.actor("reopen", "ios", "03-07 12:00:00.5")
        for day, gap in ((10, 3), (11, 5), (12, 5.000001), (13, 40), (15, 58.5), (17, 900)):
            case = f"reopen {'within' if gap <= 5 else 'after'} the grace"
            script = "0 app_open, 30 screen_view, 75.5 app_close, "
            script += f"{75.5 + gap:.6f} app_open, {200 + gap:.6f} screen_view"
            self.act(actor, f"03-{day} 19:00:00.1", script, case)
        for day, case, script in (
            (19, "close and open at one instant", "60 app_close, 60 app_open, 90 screen_view"),
            (21, "event between close and reopen", "60 app_close, 70 screen_view, 80 app_open"),
            (23, "close, then a timeout, then an open", "60 app_close, 1860 app_open"),
            (25, "open twice without a close", "20 app_open, 300 screen_view"),
        ):
            self.act(actor, f"03-{day} 19:00", f"0 app_open, {script}", case)

    def add_shapes(self) -> None:
        """Ties, midnights, sessions of one event, a very long session."""
        actor = self.actor("ties", "android", "03-09 08:00")
        script = "0 app_open, 0 screen_view, 0 share, 40 screen_view, 40 share, 40 app_close"
        for day in ("03-11", "03-14", "03-20"):
            self.act(actor, f"{day} 21:00:00.123456", script, "events at one instant")
        script = "0 screen_view, 0 share"
        self.act(actor, "04-02 21:00:00.000001", script, "session of one instant")
        self.act(actor, "04-06 21:00", "0 app_open", "session of one event")

        actor = self.actor("midnight", "ios", "03-14 23:58:59.5")
        script = "0 app_open, 620 screen_view, 1500 screen_view, 1510 app_close"
        for start in ("03-18 23:50", "03-31 23:45", "04-12 23:59:59.9"):
            self.act(actor, start, script, "session across midnight")

        actor = self.actor("26-hours", "android", "03-20 16:00")
        views = ", ".join(f"{1150 * step} screen_view" for step in range(1, 82))
        script = f"0 app_open, {views}, {26 * 3600} app_close"
        self.act(actor, "03-22 06:00", script, "session of 26 hours")

    def add_late_events(self) -> None:
        """Events that arrive long after others of the same actor."""
        actor = self.actor("late", "ios", "03-05 07:30")
        for start, case, script in (
            (
                "03-10 07:00",
                "late event joins two sessions",
                "0 app_open, 60 screen_view, 1500 screen_view @03-15T10, 2900 screen_view",
            ),
            (
                "03-16 07:00",
                "late event moves a start earlier",
                "-600 app_open @03-18T02, 0 app_open, 45 screen_view",
            ),
            (
                "03-20 07:00",
                "late close adds a reopen",
                "0 app_open, 100 app_close @03-26T05, 160 app_open, 300 screen_view",
            ),
            (
                "03-24 07:00",
                "late open undoes a reopen",
                "0 app_open, 100 app_close, 104 app_open @04-23T05, 160 app_open",
            ),
            (
                "03-27 07:00",
                "session 30 days late",
                "0 app_open @04-26T08, 30 screen_view @04-26T08",
            ),
            ("03-04 20:00", "late event before the first session", "0 screen_view @03-09T03"),
            ("03-01 05:40", "event 60 days late", "0 app_open @last, 20 screen_view @last"),
        ):
            self.act(actor, start, script, case)
        actor = self.actor("late-install", "android")
        script = "0 install @03-14T13 +, 2 app_open, 60 screen_view, 20000 app_open"
        self.act(actor, "03-12 13:00", script, "install row two days late", **VIDEO)
        actor = self.actor("clock-skew", "ios", "03-11 10:00")
        load = load_of_hour(moment("03-13 10:00"))
        for ahead in (600, 900):
            self.add(after(load, ahead), "app_open", loaded=load, **actor)
            self.cases["event later than its load, within the skew"] += 1

    def add_odd_actors(self) -> None:
        """Unusable and unusual ids and platforms."""
        for number, unusable in enumerate((ZERO_UUID, "0" * 16, "", "unknown", "N/A")):
            ids = {"device_id": unusable, "user_id": f"case-zero-{number}"}
            actor = self.actor("", "ios", "03-21 09:00", **ids)
            self.act(actor, "03-22 11:00", VISIT, "unusable id, another usable")
        # among the first rows, from which DuckDB guesses how a file escapes its quotes
        for device_id, user_id in (
            ('case-ünï "çødé", 用户', 'Zoë O\'Neil, "zo"'),
            ("case-🏃; drop table--", "العربية, עברית"),
        ):
            actor = self.actor("", "web", "03-01 09:00", device_id=device_id, user_id=user_id)
            self.act(actor, "03-02 20:00", VISIT, "text with unicode, quotes and a comma")
        for number, platform in enumerate(("", "", "smart-tv")):
            actor = self.actor(f"platform-{number}", platform, "03-26 10:00")
            self.act(actor, "03-27 10:00", VISIT, "platform blank or unknown")
        actor = self.actor("spelling", "ios", "03-26 12:00")
        script = "0 screen_view +, 9 screen_view"
        self.act(actor, "03-26 12:05", script, "platform in capitals", platform="IOS")
        for number in (1, 2, 3):
            actor = self.actor(f"no-install-{number}", "ios")
            for day in ("03-01", "03-02", "03-05", "03-19"):
                self.act(actor, f"{day} 0{number}:11", VISIT)
            self.cases["actor whose install is not in the export"] += 1

    def add_inactivity(self) -> None:
        """Rows that are no activity: they neither begin nor extend a session."""
        actor = self.actor("server-rows", "ios", "03-28 09:00")
        script = "0 app_open, 1500 push_received, 2000 server_callback, 2700 screen_view"
        self.act(actor, "03-30 09:00", script, "non-activity between two sessions")
        script = "0 attribution_update, 86400 push_received, 172800 uninstall"
        self.act(actor, "04-01 09:00", script, "non-activity after the last session")
        actor = self.actor("never-active", "android")
        script = "0 push_received, 600 server_callback"
        self.act(actor, "04-03 09:00", script, "actor without any activity")

    def add_campaign_cases(self) -> None:
        """Reinstalls, re-engagement, and a campaign that no other table knows."""
        for number, again in ((1, "03-26 15:00"), (2, "04-20 15:00")):
            actor = self.actor(f"reinstall-{number}", "ios", "03-03 15:00")
            self.act(actor, "03-04 15:00", VISIT)
            script = "0 install +, 2 app_open, 90 screen_view"
            self.act(actor, again, script, "reinstall within 90 days", **SOCIAL)

        flagged = {**SOCIAL, "is_reengagement": "true"}
        visit = "0 app_open +, 40 screen_view"
        for name, start, script, case, extra in (
            ("flag", "03-29 17:00", visit, "re-engagement by flag", flagged),
            (
                *("event", "03-30 17:00", "0 app_open, 0.5 reengagement +, 40 screen_view"),
                *("re-engagement by event", SOCIAL),
            ),
            ("derived", "03-18 17:30", visit, "re-engagement derived after 10 days", SOCIAL),
            ("too-soon", "03-11 17:30", visit, "another campaign after 3 days only", SOCIAL),
        ):
            actor = self.actor(f"reengaged-{name}", "ios")
            script_of_install = "0 install +, 1 app_open, 120 screen_view"
            self.act(actor, "03-08 17:00", script_of_install, **SEARCH)
            self.act(actor, start, script, case, **extra)
            self.act(actor, "04-11 17:00", visit, is_reengagement="false")
        unknown = {"campaign_id": "not-in-spend", "channel": "Bluebird Video"}
        for number in (1, 2):
            actor = self.actor(f"campaign-{number}", "android")
            script = "0 install +, 2 app_open, 200 screen_view"
            self.act(actor, "04-05 12:00", script, "campaign that no other table has", **unknown)

    def add_odd_values(self) -> None:
        """Activity before the install, odd money, explicit durations."""
        actor = self.actor("before-install", "ios", "04-07 12:00")
        self.act(actor, "04-07 10:00", VISIT, "activity before the install")
        actor = self.actor("money", "android", "04-08 12:00")
        for start, case, money in (
            ("04-09 12:00", "purchase without currency", {"revenue": "4.99"}),
            ("04-10 12:00", "purchase at 0", {"revenue": "0", "currency": "EUR"}),
            ("04-11 12:00", "purchase without revenue", {"currency": "USD"}),
            ("04-12 12:00", "purchase of 49,900 won", {"revenue": "49900", "currency": "KRW"}),
        ):
            self.act(actor, start, "0 app_open, 10 purchase +", case, **money)
        actor = self.actor("duration", "ios", "04-10 12:00", app_version=RELEASE_WITH_DURATION)
        case = "explicit duration on a single event"
        self.act(actor, "04-11 12:00", "0 app_open +", case, duration_seconds="12.5")
        script = "0 app_open, 60 app_close +"
        self.act(actor, "04-13 12:00", script, "explicit duration of 0", duration_seconds="0")

    def add_rejected_rows(self) -> None:
        """At least two rows for each reason the layout allows."""
        late = to_microsecond(after(load_after(moment("04-04 12:00")), 900.000001))
        paid = {"event_name": "purchase", "currency": "USD"}
        shown = {"event_name": "ad_impression"}
        reasons = {
            "missing_loaded_at": [{"loaded_at": ""}] * 2,
            "unparsable_loaded_at": [
                {"loaded_at": "yesterday"},
                {"loaded_at": "2025-13-45 00:00:00"},
            ],
            "missing_app_id": [{"app_id": ""}] * 2,
            "unknown_app": [{"app_id": "com.example.not-listed"}] * 2,
            "missing_actor": [
                {"device_id": ZERO_UUID, "user_id": "unknown"},
                {"device_id": "", "user_id": "n/a"},
                {"device_id": "0", "user_id": "None"},
            ],
            "missing_event_name": [{"event_name": ""}] * 2,
            "missing_event_at": [{"event_at": ""}] * 2,
            "unparsable_event_at": [
                {"event_at": "not a time"},
                {"event_at": "2025-02-30 10:00:00"},
                {"event_at": "0000-00-00 00:00:00"},
            ],
            "event_at_in_future": [{"event_at": "2099-01-01 00:00:00.000000"}, {"event_at": late}],
            "event_at_too_old": [
                {"event_at": "1970-01-01 00:00:00.000000"},
                {"event_at": "2007-12-31 23:59:59.999999"},
            ],
            "invalid_revenue": [
                *({**paid, "revenue": text} for text in ("free", "NaN", "-4.99", "Infinity")),
                *({**shown, "ad_revenue_usd": text} for text in ("-inf", "-0.01")),
            ],
            "unknown_currency": [
                {**paid, "revenue": "9.99", "currency": text} for text in ("XQQ", "gold coins")
            ],
            "invalid_duration": [{"duration_seconds": text} for text in ("-5", "long", "nan")],
            "invalid_flag": [{"is_reengagement": text} for text in ("maybe", "2")],
            "loaded_at_in_future": [
                {"loaded_at": f"{year}-01-01 00:00:00.000000"} for year in (2999, 9999)
            ],
        }
        self.reject(self.actor("rejected", "android"), reasons)

    def add_duplicates(self) -> None:
        """Rows delivered again, unchanged or not, and rows without an id of their own."""
        regular = [
            (loaded, row)
            for loaded, row in self.events.deliveries()
            if row["device_model"] != "case" and loaded < END - timedelta(days=12)
        ]

        def again(loaded, row, case, hours=0, **cells):
            later = load_after(loaded, timedelta(hours=hours)) if hours else loaded
            self.events.add(later, {**row, "loaded_at": to_microsecond(later), **cells})
            self.cases[case] += 1

        for number, (loaded, row) in enumerate(regular[100::250]):
            row["event_id"] = ""
            self.cases["event without an id"] += 1
            if number % 9 == 0:
                again(loaded, row, "event without an id, delivered again", hours=30)
        for number, (loaded, row) in enumerate(regular[40::300]):
            again(loaded, row, "delivered again later", hours=(1, 48, 264)[number % 3])
        late = [(load, row) for load, row in regular if is_late(load, row)]
        for loaded, row in late[::9]:
            again(loaded, row, "late event delivered again", hours=50)
        for hours in (72, 200):
            again(*regular[60], "delivered a second and a third time", hours=hours)
        for loaded, row in regular[70::1300]:
            moved = after(datetime.fromisoformat(row["event_at"]), 5 * 3600)
            changed = {"event_at": to_microsecond(moved), "event_name": "share"}
            again(loaded, row, "same id, other content, later", hours=26, **changed)
        for loaded, row in regular[80::2500]:
            again(loaded, row, "same id, other content, same load", app_version="9.9.9")

    def add_refunds(self) -> None:
        """What the store gave back a day or more later, while nobody was in the app."""
        bought = [
            row
            for _, row in self.events.deliveries()
            if row["event_name"] == "purchase" and row["device_model"] != "case"
        ]
        told = ("event_id", "app_id", "event_name", "event_at", "received_at", "loaded_at")
        for number, row in enumerate(bought[3::9]):
            at = after(datetime.fromisoformat(row["event_at"]), (1, 3.5, 9)[number % 3] * 86400)
            if at < END:
                cells = {column: value for column, value in row.items() if column not in told}
                self.add(at, "refund", **{**cells, "revenue": f"-{row['revenue']}"})
                self.cases["purchase given back"] += 1


def is_late(loaded: datetime, row: dict) -> bool:
    """Return whether a row came more than two days after its event."""
    return loaded - datetime.fromisoformat(row["event_at"]) > timedelta(days=2)


# ---------------------------------------------------------------- spend and network revenue


def worth(country: str) -> float:
    """Return what a country's users are worth, 1 on average."""
    return COUNTRIES[country][1]


def ad_spend(installs: Counter, cases: Counter) -> list[dict]:
    """Return the rows of the ad_spend feed."""
    dice, rows = Dice(920), []

    def add(day_index, platform, campaign, country, spend, figures, currency="USD"):
        day = day_of(day_index)
        cells = (day, APP_ID, platform, *campaign, country, f"{spend:.2f}", currency, *figures)
        updated = to_microsecond(published(day, 1))
        rows.append(dict(zip(SPEND_COLUMNS, (*cells, updated), strict=True)))

    for platform, sources in SOURCES.items():
        for source in (source for source in sources if source.cpi is not None):
            campaign = (source.channel, source.campaign_id, source.campaign_name)
            for day_index in every_day(source):
                tracked = installs[platform, source.campaign_id, day_index]
                spend, *figures = spend_of_day(dice, source, day_index, tracked)
                if source.countries == US_AND_DE:
                    share = dice.between(0.6, 0.8)
                    most = [int(figure * share + 0.5) for figure in figures]
                    rest = [figure - part for figure, part in zip(figures, most, strict=True)]
                    add(day_index, platform, campaign, "US", spend * share, most)
                    add(day_index, platform, campaign, "DE", spend * (1 - share), rest)
                elif source.countries == EUROPE:
                    euros = spend / usd_per_eur(day_of(day_index))
                    add(day_index, platform, campaign, "", euros, figures, "EUR")
                else:
                    add(day_index, platform, campaign, "", spend, figures)
    for case, days, platform, campaign, spend, figures in (
        (
            *("spend without installs, days", range(40, 45), "android"),
            *(("Cobalt Social", "0023999", 'SR "Spring", awareness'), 12, (2600, 19, 0)),
        ),
        (
            *("spend without a campaign, days", (20, 21), "ios"),
            *(("Delta Search", "", ""), 5.5, (700, 6, 1)),
        ),
        (
            *("paid campaign at zero spend, days", (50, 51, 52), "android"),
            *(("Echo Creators", "gift-codes", "Gift codes"), 0, (400, 11, 1)),
        ),
    ):
        for day_index in days:
            add(day_index, platform, campaign, "", spend, figures)
            cases[case] += 1
    for row in rows[5::43]:
        spend, updated = float(row["spend"]) * 1.07, published(row["spend_date"], 4, 7)
        restated = {"spend": f"{spend:.2f}", "clicks": row["clicks"] + 1}
        rows.append({**row, **restated, "updated_at": to_microsecond(updated)})
        cases["spend restated"] += 1
    return rows


def ad_revenue(sessions: list[Session], cases: Counter) -> list[dict]:
    """Return the rows of the ad_revenue feed: daily network revenue, Android only."""
    dice, rows = Dice(921), []

    def add(day, platform, country, network, revenue, currency, impressions):
        cells = (day, APP_ID, platform, country, network, f"{revenue:.4f}", currency, impressions)
        updated = to_microsecond(published(day, 2))
        rows.append(dict(zip(REVENUE_COLUMNS, (*cells, updated), strict=True)))

    android = [session for session in sessions if session.user.app.platform == "android"]
    for day, count in sorted(Counter(session.start.date() for session in android).items()):
        shown = int(count * dice.between(0.5, 0.9)) + 1
        revenue = shown * dice.between(0.011, 0.02)
        add(day, "android", "", "Elm Mediation", revenue, "USD", shown)
    visits = Counter((session.start.date(), session.user.country) for session in android)
    for (day, country), count in sorted(visits.items()):
        if country in ("US", "DE", "BR"):
            shown = int(count * dice.between(0.3, 0.6)) + 1
            revenue = shown * dice.between(0.008, 0.016) * worth(country)
            add(day, "android", country, "Fjord Exchange", revenue, "EUR", shown)
    add(date(2025, 3, 15), "amazon", "", "Elm Mediation", 0.42, "USD", 30)
    add(date(2025, 3, 16), "amazon", "US", "Fjord Exchange", 0.37, "EUR", 24)
    cases["ad revenue without sessions"] += 2
    for row in rows[6:-2:41]:
        revenue, updated = float(row["revenue"]) * 0.92, published(row["revenue_date"], 5, 7)
        restated = {"revenue": f"{revenue:.4f}", "updated_at": to_microsecond(updated)}
        rows.append({**row, **restated})
        cases["ad revenue restated"] += 1
    return rows


def app_rows() -> list[dict]:
    """Return the list of apps."""
    return [
        {"app_id": APP_ID, "platform": platform, "app_name": "Stride Run"} for platform in SOURCES
    ]
