#!/usr/bin/env bash
# Apple Search Ads by a loader: the second sync of the same day turns 60 dollars of three countries into 90 of one.
#
# Guess before the run: the report is by campaign, day and country, so these three are its key; days that are read again
# replace themselves, and a second sync with the same answers leaves the table as it was.
# Seen: the key is campaign and day. The first sync has three countries with 10, 20 and 30 dollars. The second one, which
# reads the last thirty days again, merges by that key: each of the three rows becomes the last country's, 90 dollars of GB.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet airbyte==0.71.3 airbyte-cdk==7.39.1 duckdb==1.4.3 requests-mock==1.12.1
"$folder/venv/bin/pip" install --quiet --no-deps airbyte-source-apple-search-ads==0.1.20
cd "$folder"
export HOME="$folder" DO_NOT_TRACK=1 AIRBYTE_OFFLINE_MODE=1 AIRBYTE_LOGGING_ROOT="$folder/logs"
cat > sync.py <<'PY'
# The connector's own manifest; what Apple would answer is given to it in place of the network.
import importlib.util
import json
from pathlib import Path

import airbyte
import requests_mock
import yaml
from airbyte.caches import DuckDBCache

package = Path(importlib.util.find_spec("source_apple_search_ads").submodule_search_locations[0])
stream = "campaigns_report_daily"
manifest = yaml.safe_load((package / "manifest.yaml").read_text())
manifest["definitions"][f"{stream}_stream"]["schema_loader"] = {
    "type": "InlineSchemaLoader", "schema": json.loads((package / "schemas" / f"{stream}.json").read_text()),
}
spec = yaml.safe_load((package / "spec.yaml").read_text())
manifest["spec"] = {"type": "Spec", "connection_specification": spec["connectionSpecification"]}


def report(request, _):
    spend = {"DE": "10", "FR": "20", "GB": "30"}
    day = request.json()["startTime"]
    return {"data": {"reportingDataResponse": {"row": [
        {
            "other": False,
            "metadata": {"campaignId": 123456789, "countryOrRegion": country},
            "granularity": [{"date": day, "localSpend": {"amount": amount, "currency": "USD"}}],
        }
        for country, amount in spend.items()
    ]}}}


with requests_mock.Mocker() as web:
    web.post("https://appleid.apple.com/auth/oauth2/token", json={"access_token": "none", "expires_in": 3600})
    web.post("https://api.searchads.apple.com/api/v4/reports/campaigns", json=report)
    source = airbyte.get_source(
        "source-apple-search-ads", source_manifest=manifest, streams=[stream],
        config={
            "org_id": 1, "client_id": "none", "client_secret": "none", "start_date": "2026-03-02", "end_date": "2026-03-02"
        },
    )
    source.read(cache=DuckDBCache(db_path="out.duckdb", schema_name="raw"))
PY
seen=()
for _ in first second; do
    venv/bin/python -W ignore sync.py >> log.txt 2>&1
    seen+=("$(venv/bin/python - <<'PY'
import duckdb

rows = duckdb.connect("out.duckdb").execute(
    "select metadata ->> '$.countryOrRegion' as country, granularity ->> '$[0].localSpend.amount'"
    " from raw.campaigns_report_daily order by all"
).fetchall()
print(*(f"{country} {amount}" for country, amount in rows), sep=", ")
PY
)")
done
echo "version: airbyte 0.71.3, airbyte-source-apple-search-ads 0.1.20, duckdb 1.4.3"
echo "seen: after the first sync: ${seen[0]}"
echo "seen: after the second: ${seen[1]}"
[[ "${seen[0]}" == "DE 10, FR 20, GB 30" && "${seen[1]}" == "GB 30, GB 30, GB 30" ]]
