"""Any event in the layout of any provider: the row of its export, and what that row says.

`files` writes rows of `streams.py` as exports do, by the builders of the imaginary week. `said` is
what such a row means by docs/providers.md, in plain Python: what the reference is given. What a
layout cannot say of an event is in neither; an event of which it says nothing has no row.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from dbt_harness import PROJECT_DIR
from pipeline import Pipeline
from reference import known_text, load_event_types, usable_id
from streams import EVENT_TYPES, FileChange, Row, generic_csv_row, timestamp_text
from test_firebase import ga4, ndjson
from test_providers import DEFINITION, PULL, activity, columns, flyer, table
from week import LAYOUTS, text

SECOND = 1_000_000
COUNTRIES = {"DE": "Germany", "US": "United States", "FR": "France"}
TENJIN = {
    "events": "created_at,acquired_at,loaded_at,event,event_type,app_id,platform,advertising_id,"
    "developer_device_id,source_campaign_id,country,app_version,revenue",
    "ad_mediation_impressions": "created_at,acquired_at,loaded_at,app_id,platform,advertising_id,"
    "developer_device_id,source_campaign_id,country,app_version,revenue",
}
# what all layouts say, each under a name of its own
COMMON = ("provider", "app_id", "platform", "device_id", "user_id", "event_at", "country")
COMMON += ("app_version", "loaded_at")
# the project's seed says what names mean; those of `generic` are the streams' own
LAYOUT_EVENT_TYPES = EVENT_TYPES | {
    key: value
    for key, value in load_event_types(PROJECT_DIR / "seeds" / "event_types.csv").items()
    if key[0] != "generic"
}
Said = tuple[dict[str, Any], Row]


def said(row: Row) -> Row | None:
    """What the row of an event says in the layout of its provider; None where there is none."""
    found = ROWS[row["provider"]](row)
    return found and found[1]


def files(provider: str, name: str, rows: Sequence[Row]) -> dict[str, bytes]:
    """The files below `raw_path` in which a provider exports these events."""
    cells = [found[0] for row in rows if (found := ROWS[provider](row))]
    if provider == "generic":
        return {f"events/{name}.csv": table(list(generic_csv_row({})), cells).encode()}
    if provider == "tenjin":
        of_feed = {
            feed: [cell["cells"] for cell in cells if cell["feed"] == feed] for feed in TENJIN
        }
        return {
            f"tenjin/{feed}/{name}.csv": table(columns(TENJIN[feed]), of_feed[feed]).encode()
            for feed in TENJIN
        }
    if provider == "appsflyer":
        return {f"appsflyer/events/{name}.csv": table([*PULL, "loaded_at"], cells).encode()}
    if provider == "adjust":
        content = table([*DEFINITION, "loaded_at"], cells).encode()
        return {f"adjust/events/{name}.csv.gz": gzip.compress(content, mtime=0)}
    # a file without a row has no columns, so there is none
    return {f"firebase/events/{name}.ndjson": ndjson(cells)} if cells else {}


def folder_of(raw: Path, provider: str) -> Path:
    """Where below `raw_path` a provider's files are."""
    return raw / ("events" if provider == "generic" else provider)


def deliver(pipeline: Pipeline, changes: Iterable[FileChange]) -> None:
    """As `Pipeline.deliver`, of names such as `adjust/load_003`."""
    for name, rows in changes:
        provider, _, file = name.partition("/")
        if rows is None:
            for path in folder_of(pipeline.raw, provider).rglob(f"{file}.*"):
                path.unlink()
            continue
        for place, content in files(provider, file, rows).items():
            path, kept = pipeline.raw / place, pipeline.kept / place
            for folder in (path.parent, kept.parent):
                folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            shutil.copy2(path, kept)


# --------------------------------------------------------------------------- a row of each layout


def base(row: Row) -> Row:
    """What every layout says of an event that happened at a whole second."""
    at = row["event_at"]
    known = dict.fromkeys(row) | {name: row[name] for name in COMMON}
    return known | {"event_at": None if at is None else at // SECOND * SECOND}


def time(at: int | None) -> str:
    """A time as most exports write it; blank where there is none."""
    return "" if at is None else text(at // SECOND)


def number(value: Decimal | None) -> str:
    """A number without an exponent; blank where there is none."""
    return "" if value is None else f"{value:f}"


def seconds(at: int | None) -> str:
    """Seconds since 1970; blank where there is none."""
    return "" if at is None else str(at // SECOND)


def whole(at: int | None) -> int | None:
    """The whole second of a time."""
    return None if at is None else at // SECOND * SECOND


def md5(parts: Iterable[Any]) -> str:
    """The hash of texts, nulls as blanks."""
    joined = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.md5(joined.encode()).hexdigest()


def generic(row: Row) -> Said:
    """All of it can be said."""
    return generic_csv_row(row), row


def tenjin(row: Row) -> Said | None:
    """Opens, purchases in cents, ads in a table of their own, custom events; no ids of events."""
    name = row["event_name"]
    if name in ("install", "app_close", "refund", "reengagement"):
        return None
    event = base(row) | {
        "event_name": {"app_open": "open"}.get(name, name),
        "campaign_id": row.get("campaign_id"),
        "installed_at": whole(row.get("installed_at")),
        "currency": "USD",
    }
    cells = {
        "created_at": time(row["event_at"]),
        "acquired_at": time(row.get("installed_at")),
        "loaded_at": timestamp_text(row["loaded_at"]),
        "app_id": row["app_id"],
        "platform": row["platform"],
        "advertising_id": row["device_id"],
        "developer_device_id": row["user_id"],
        "source_campaign_id": row.get("campaign_id"),
        "country": row.get("country"),
        "app_version": row.get("app_version"),
    }
    if name == "ad_impression":
        event["ad_revenue_usd"] = row.get("ad_revenue_usd")
        cents = None if row.get("ad_revenue_usd") is None else 100 * row["ad_revenue_usd"]
        return {
            "feed": "ad_mediation_impressions",
            "cells": cells | {"revenue": number(cents)},
        }, event
    cells |= {"event": event["event_name"], "event_type": "event"}
    if name == "purchase":
        event["revenue"] = row.get("revenue")
        cents = None if row.get("revenue") is None else 100 * row["revenue"]
        cells |= {"event": "iap", "event_type": "purchase", "revenue": number(cents)}
    return {"feed": "events", "cells": cells}, event


def appsflyer(row: Row) -> Said | None:
    """Reports of the Pull API: any row may have revenue; no close."""
    own = {"install": "install", "app_open": "launch", "ad_impression": "af_ad_revenue"}
    own |= {"purchase": "af_purchase", "reengagement": "re-engagement"}
    if row["event_name"] == "app_close":
        return None
    name = own.get(row["event_name"], row["event_name"])
    event = base(row) | {"event_name": name}
    is_ad = name == "af_ad_revenue"
    amount = row.get("ad_revenue_usd") if is_ad else row.get("revenue")
    if name == "refund" and amount is not None:
        amount = -abs(amount)
    is_usd = is_ad or row.get("currency") in (None, "", "USD")
    is_of_server = name in ("push_received", "attribution_update")
    cells = {
        "app_id": row["app_id"] or "",
        "appsflyer_id": row["device_id"] or "",
        "customer_user_id": row["user_id"] or "",
        "platform": row["platform"],
        "country_code": row.get("country") or "",
        "app_version": row.get("app_version") or "",
        "event_value": f'{{"id":"{row["event_id"]}"}}' if row.get("event_id") else "",
        "event_revenue": "" if is_usd else number(amount),
        "event_revenue_currency": "USD" if is_usd else row["currency"],
        "event_revenue_usd": number(amount) if is_usd else "",
        "event_source": "S2S" if is_of_server else "SDK",
        "install_time": time(row.get("installed_at")),
    }
    if name in ("install", "re-engagement"):
        cells |= {
            "campaign_id": row.get("campaign_id") or "",
            "media_source": row.get("channel") or "",
        }
        event["channel"] = row.get("channel")
        event["campaign_id"] = row.get("campaign_id") or (row.get("channel") and "(unattributed)")
    if name == "re-engagement":
        event["is_reengagement"] = True
    else:
        event["installed_at"] = whole(row.get("installed_at"))
    if row.get("is_reengagement"):  # the second copy of what is attributed twice
        cells["is_primary_attribution"] = "false"
        event["left_out_reason"] = "not_primary_attribution"
    if is_of_server:
        event["is_activity"] = False
    if is_ad:
        event |= {"event_kind": name, "ad_revenue_usd": amount}
    elif amount is not None:
        event |= {"revenue": amount, "currency": "USD" if is_usd else row["currency"]}
        event["event_kind"] = "purchase" if amount > 0 else "refund" if amount < 0 else None
    written = flyer({}, time(row["event_at"]) or " " * 15, name or "", **cells)
    if row["event_at"] is not None:
        ids = [known_text(row["app_id"]), known_text(row["device_id"]), None, None, None]
        texts = [cells["event_value"], cells["event_revenue"], cells["event_source"]]
        event["event_id"] = md5([*ids, name, time(row["event_at"]), *texts, None, None, None])
    return written | {"loaded_at": timestamp_text(row["loaded_at"])}, event


def adjust(row: Row) -> Said | None:
    """Kinds of activity, each with a nonce; no close."""
    kinds = {"install": "install", "app_open": "session", "ad_impression": "ad_revenue"}
    kinds |= {"reengagement": "reattribution", "push_received": "subscription"}
    kinds |= {"attribution_update": "att_update"}
    name = row["event_name"]
    if name == "app_close":
        return None
    kind = kinds.get(name, "event") if name else None
    event = base(row) | {"event_name": name if kind == "event" else kind, "event_kind": kind}
    cells = {
        "app_token": row["app_id"],
        "os_name": row["platform"],
        "adid": row["device_id"],
        "country": (row.get("country") or "").lower(),
        "app_version_short": row.get("app_version"),
        "environment": "sandbox" if row.get("is_reengagement") else "production",
        "installed_at": seconds(row.get("installed_at")),
        "received_at": seconds(row.get("received_at")),
    }
    if row.get("is_reengagement"):
        event["left_out_reason"] = "sandbox"
    if usable_id(row.get("event_id")):
        event["event_id"] = f"{kind}:{row['event_id']}"
    if kind in ("install", "session", "event", "ad_revenue"):
        event["installed_at"] = whole(row.get("installed_at"))
    if row.get("received_at") is not None:
        event["received_at"] = whole(row["received_at"])
        event["loaded_at"] = max(row["loaded_at"], event["received_at"])
    if kind in ("install", "reattribution"):
        campaign, channel = row.get("campaign_id"), row.get("channel")
        cells |= {
            "network_name": channel,
            "campaign_name": f"W ({campaign[1:]})" if campaign else "",
        }
        event["channel"] = channel
        event["campaign_id"] = campaign[1:] if campaign else channel and "(unattributed)"
    if kind == "reattribution":
        event["is_reengagement"] = True
    if kind == "ad_revenue" and row.get("ad_revenue_usd") is not None:
        event["ad_revenue_usd"] = row["ad_revenue_usd"]
        cells |= {"reporting_revenue": number(row["ad_revenue_usd"]), "reporting_currency": "USD"}
    if kind in ("event", "subscription") and row.get("revenue") is not None:
        amount = -abs(row["revenue"]) if name == "refund" else row["revenue"]
        currency = row.get("currency") or None
        if currency == "USD":
            cells |= {"reporting_revenue": number(amount), "reporting_currency": "USD"}
        else:
            cells |= {"revenue_float": number(amount), "currency": currency}
        event |= {"revenue": amount, "currency": currency}
        if amount < 0:
            event["event_kind"] = "refund"
        elif kind == "event" and amount > 0:
            event["event_kind"] = "purchase"
    written = activity({}, 0, kind or "", row.get("event_id") or "", **cells)
    return written | {
        "{event_name}": name if kind == "event" else "",
        "{created_at}": seconds(row["event_at"]),
        "[user_id]": row["user_id"],
        "loaded_at": timestamp_text(row["loaded_at"]),
    }, event


def firebase(row: Row) -> Said | None:
    """Microseconds, parameters, the vendor's sessions; no close, no re-engagement."""
    own = {"install": "first_open", "app_open": "session_start", "purchase": "purchase"}
    own |= {"push_received": "notification_receive", "attribution_update": "os_update"}
    if row["event_name"] in ("app_close", "reengagement"):
        return None
    name = own.get(row["event_name"], row["event_name"])
    event = base(row) | {
        "event_name": name,
        "event_at": row["event_at"],
        "user_id": None,
        "vendor_session_id": row.get("vendor_session_id"),
        "duration_seconds": row.get("duration_seconds"),
    }
    params: dict[str, Any] = {
        "event_id": row.get("event_id"),
        "ga_session_id": row.get("vendor_session_id"),
    }
    if row.get("duration_seconds") is not None:
        milliseconds = 1000 * row["duration_seconds"]
        is_whole = milliseconds == int(milliseconds)
        params["engagement_time_msec"] = int(milliseconds) if is_whole else float(milliseconds)
    usd = None
    if name == "ad_impression":
        usd = event["ad_revenue_usd"] = row.get("ad_revenue_usd")
    if name in ("purchase", "refund") and row.get("revenue") is not None:
        event["revenue"] = row["revenue"]
        event["currency"] = row.get("currency") or None
        if row.get("currency") == "USD":
            usd = row["revenue"]
        else:
            params |= {"value": float(row["revenue"]), "currency": row.get("currency") or None}
    elif name in ("purchase", "refund"):
        event["currency"] = row.get("currency") or None
        params["currency"] = event["currency"]
    source: dict[str, Any] = {"name": None, "medium": None, "source": None}
    if name == "first_open" and row.get("campaign_id"):
        source = {"name": row["campaign_id"], "medium": "cpc", "source": row.get("channel")}
        event |= {"campaign_id": row["campaign_id"], "channel": row.get("channel")}
    params = {key: value for key, value in params.items() if value is not None}
    written = ga4(
        name,
        text(0),
        row["device_id"],
        event_timestamp=row["event_at"],
        event_value_in_usd=None if usd is None else float(usd),
        user_id=row["user_id"],
        stream_id=None,
        app_info={"id": row["app_id"], "version": row.get("app_version")},
        geo={"country": COUNTRIES.get(row.get("country"), row.get("country"))},
        platform=row["platform"].upper(),
        traffic_source=source,
        **params,
    )
    texts = sorted(f"{key}={re.sub('[.]0+$', '', str(value))}" for key, value in params.items())
    own_columns = [row["device_id"], row["event_at"], name, None, None, None]
    event["event_id"] = md5([*own_columns, "\x1f".join(texts)])
    return written | {"loaded_at": timestamp_text(row["loaded_at"])}, event


ROWS = {
    "generic": generic,
    "tenjin": tenjin,
    "appsflyer": appsflyer,
    "adjust": adjust,
    "firebase": firebase,
}
assert set(ROWS) == set(LAYOUTS)
