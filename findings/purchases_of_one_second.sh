#!/usr/bin/env bash
# A loader of AppsFlyer's events has the user, the event's name and its second for a key: of two purchases one is kept.
#
# Guess before the run: the report has no id of an event and its times are seconds, so the tap names no key, and a target
# that merges by keys has both purchases of a second, 3 and 4 dollars.
# Seen: the tap sends both, with a key of `event_time`, `event_name` and `appsflyer_id`; the target loads one row, the
# second purchase. The first one's 3 dollars are gone, and no line of the log says so.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for name in tap target; do python3 -m venv "$name"; done
tap/bin/pip install --quiet setuptools==80.9.0 wheel==0.45.1
tap/bin/pip install --quiet tap-appsflyer==1.0.0
target/bin/pip install --quiet target-duckdb==0.8.0 duckdb==1.5.6
cat > answer.py <<'PY'
# The tap's own sync of in-app events; what AppsFlyer would answer is given to it in place of the network.
import csv
import datetime
import io

import requests
from singer import metadata
from tap_appsflyer import Client, discover, sync
from tap_appsflyer.streams import abstracts

yesterday = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
report = io.StringIO()
rows = csv.DictWriter(report, abstracts.fieldnames, restval="")
rows.writerow({name: name.replace("_", " ").title() for name in abstracts.fieldnames})
for product, dollars in (("gems", 3), ("coins", 4)):
    rows.writerow({
        "event_time": yesterday.strftime("%Y-%m-%d 10:00:00"), "event_name": "af_purchase", "appsflyer_id": "1772445600123-1",
        "event_value": f'{{"af_content_id":"{product}"}}', "event_revenue": dollars, "event_revenue_currency": "USD",
        "event_revenue_usd": dollars, "app_id": "id123456789", "platform": "ios", "wifi": "true", "is_retargeting": "false",
    })


def send(request):
    response = requests.Response()
    response.status_code, response.raw = 200, io.BytesIO(report.getvalue().encode())
    return response


abstracts.SESSION.send = send
catalog = discover()
for stream in catalog.streams:
    chosen = metadata.to_map(stream.metadata)
    for place in chosen if stream.stream == "in_app_events" else []:
        metadata.write(chosen, place, "selected", True)
    stream.metadata = metadata.to_list(chosen)
config = {"app_id": "id123456789", "api_token": "none", "start_date": "2020-01-01T00:00:00Z"}
sync(Client(config), config, catalog, {})
PY
tap/bin/python answer.py > messages.json 2> log.txt
echo '{"path": "out.duckdb", "default_target_schema": "raw"}' > target.json
target/bin/target-duckdb --config target.json < messages.json >> log.txt 2>&1
echo "version: tap-appsflyer 1.0.0, target-duckdb 0.8.0, duckdb 1.5.6"
sent="$(grep -c '"RECORD"' messages.json)" keys="$(grep -o '"key_properties": \[[^]]*\]' messages.json)"
query="select string_agg(event_revenue, ', ') from raw.in_app_events"
loaded="$(target/bin/python -c "import duckdb; print(duckdb.connect('out.duckdb').execute(\"$query\").fetchone()[0])")"
echo "seen: $sent purchases sent, $keys; revenue of the rows loaded: $loaded"
[[ "$sent" == 2 && "$keys" == '"key_properties": ["event_time", "event_name", "appsflyer_id"]' && "$loaded" == 4 ]]
