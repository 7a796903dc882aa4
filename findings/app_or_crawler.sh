#!/usr/bin/env bash
# A detector of crawlers takes the usual HTTP clients of Android and cross-platform apps for robots, and not iOS's.
#
# Guess before the run: the user agents that apps send by themselves (okhttp, Dalvik, CFNetwork, Dart, Unity) are not
# those of crawlers, and a phone is a phone.
# Seen: crawlerdetect takes okhttp, Dart and Unity (for its libcurl) for crawlers, CFNetwork and Dalvik not, so that to
# drop crawlers is to drop much of Android and keep iOS. user-agents says that none is a bot, but an Android phone is a
# tablet where its text lacks the word Mobile, as Dalvik's does; the same phone's browser is a phone.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet crawlerdetect==0.4.2 user-agents==2.2.0 ua-parser==1.0.2 ua-parser-builtins==202610
cd "$folder"
venv/bin/python - <<'PY'
import sys
from importlib.metadata import version

import user_agents
from crawlerdetect import CrawlerDetect

phone = "Linux; Android 13; SM-G991B"
agents = {
    "iOS, CFNetwork": "ExampleApp/1 CFNetwork/1410.0.3 Darwin/22.6.0",
    "Android, okhttp": "okhttp/4.12.0",
    "Android, Dalvik": f"Dalvik/2.1.0 ({phone} Build/TP1A.220624.014)",
    "Flutter": "Dart/3.2 (dart:io)",
    "Unity": "UnityPlayer/2022.3.10f1 (UnityWebRequest/1.0, libcurl/8.1.1-DEV)",
    "the same phone's browser": f"Mozilla/5.0 ({phone}) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/119.0.0.0 Mobile Safari/537.36",
}
seen = {}
for name, text in agents.items():
    agent = user_agents.parse(text)
    kind = "tablet" if agent.is_tablet else "phone" if agent.is_mobile else "neither"
    seen[name] = (CrawlerDetect().isCrawler(text), agent.is_bot, kind)
expected = {
    "iOS, CFNetwork": (False, False, "phone"),
    "Android, okhttp": (True, False, "neither"),
    "Android, Dalvik": (False, False, "tablet"),
    "Flutter": (True, False, "neither"),
    "Unity": (True, False, "neither"),
    "the same phone's browser": (False, False, "phone"),
}
print(*(f"version: {name} {version(name)}" for name in ("crawlerdetect", "user-agents", "ua-parser")), sep="\n")
for name, (crawler, bot, kind) in seen.items():
    print(f"seen: {name}: crawler {crawler} by crawlerdetect; bot {bot} and {kind} by user-agents")
sys.exit("changed" if seen != expected else 0)
PY
