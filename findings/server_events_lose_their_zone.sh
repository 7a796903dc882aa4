#!/usr/bin/env bash
# A server's time of an event arrives as another instant, by vendor: an offset is dropped, a UTC time is five hours ahead.
#
# Guess before the run: a datetime with an offset is sent as its instant by all four. One without is UTC or the machine's
# local time, by library, and the same for every event of a library.
# Seen: Mixpanel's drops the offset of a property: 09:00+09:00 is 09:00. Segment's and RudderStack's take a time without an
# offset for UTC, unless it is less than five seconds old by the local clock, which the future is too: west of Greenwich a
# UTC time of now is taken for local, on a machine of UTC-5 five hours ahead, and one of six hours ago is right. PostHog's
# does so for local times of the last five seconds only. What the four take for local time is right in itself.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet mixpanel==5.4.1 posthog==7.91.1 rudder-sdk-python==2.1.9 segment-analytics-python==2.4.0
cd "$folder"
TZ="<-05>5" venv/bin/python -W ignore - <<'PY'
import json
import sys
from datetime import datetime, timedelta, timezone
from importlib.metadata import version

import mixpanel
import posthog
import rudderstack.analytics.client
import segment.analytics.client


def by_segment(moment):
    return segment.analytics.client.Client("key", send=False).track("user", "open", timestamp=moment)[1]["timestamp"]


def by_rudderstack(moment):
    return rudderstack.analytics.client.Client("key", send=False).track("user", "open", timestamp=moment)[1]["timestamp"]


def by_posthog(moment):
    kept = []  # what would be sent is looked at, and dropped
    client = posthog.Posthog("key", host="http://127.0.0.1:9", before_send=lambda event: kept.append(event), send=False)
    client.capture("open", distinct_id="user", timestamp=moment)
    return kept[0]["timestamp"]


def by_mixpanel(moment):
    kept = []
    consumer = type("Consumer", (), {"send": lambda self, endpoint, message, *more: kept.append(json.loads(message))})
    mixpanel.Mixpanel("key", consumer=consumer()).track("user", "open", {"opened_at": moment})
    return kept[0]["properties"]["opened_at"]


def hours_off(text, instant):
    """What is sent, an offset that is missing being UTC, less what was meant."""
    sent = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    sent = sent if sent.tzinfo else sent.replace(tzinfo=timezone.utc)
    return round((sent - instant).total_seconds() / 3600)


now = datetime.now(timezone.utc)
aware = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=9)))
earlier = now - timedelta(hours=6)
moments = {
    "09:00+09:00": (aware, aware),
    "local time, now": (now.astimezone().replace(tzinfo=None), now),
    "UTC without offset, now": (now.replace(tzinfo=None), now),
    "UTC without offset, six hours ago": (earlier.replace(tzinfo=None), earlier),
}
packages = {"segment-analytics-python": by_segment, "rudder-sdk-python": by_rudderstack, "posthog": by_posthog, "mixpanel": by_mixpanel}
print("version:", *(f"{name} {version(name)}" for name in packages))
seen = {name: [hours_off(send(moment), meant) for moment, meant in moments.values()] for name, send in packages.items()}
print("seen: hours too late, of", ", ".join(moments))
for name, hours in seen.items():
    print(f"seen: {name}: {hours}")
expected = {
    "segment-analytics-python": [0, 0, 5, 0],
    "rudder-sdk-python": [0, 0, 5, 0],
    "posthog": [0, 0, 0, 0],
    "mixpanel": [9, -5, 0, 0],
}
sys.exit("changed" if seen != expected else 0)
PY
