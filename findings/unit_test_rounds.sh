#!/usr/bin/env bash
# A unit test of dbt passes with a wrong number: what is expected is cast to the type of the model's column first.
#
# Guess before the run: a unit test compares the values that the model gives with those that the test expects, so that a
# model with 111.11 and 9000 fails a test that expects 111.106 or 8999.6.
# Seen: it passes, since 111.106 is cast to decimal(18, 2) and 8999.6 to integer. So does a date that is expected with a time of
# day, and 7 for true. 111.12 fails.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export DBT_PROFILES_DIR="$folder" DBT_SEND_ANONYMOUS_USAGE_STATS=false DO_NOT_TRACK=1
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==1.5.6
mkdir "$folder/models"
cd "$folder"
printf 'name: shop\nversion: "1.0"\nprofile: shop\n' > dbt_project.yml
echo 'shop: {target: dev, outputs: {dev: {type: duckdb, path: out.duckdb}}}' > profiles.yml
echo "select 1000 as spend, 9000 as opens, timestamp '2026-03-01 10:00:00' as seen_at" > models/events.sql
cat > models/cpm.sql <<'SQL'
select
    cast(1000.0 * spend / opens as decimal(18, 2)) as cpm,
    cast(opens as integer) as opens,
    cast(seen_at as date) as day,
    opens > 0 as is_paid
from {{ ref('events') }}
SQL
row() { echo "  - {name: $1, model: cpm, given: [{input: ref('events'), rows: [$given]}], expect: {rows: [{$2}]}}"; }
given="{spend: 1000, opens: 9000, seen_at: '2026-03-01 10:00:00'}"
{
    echo "unit_tests:"
    row a_exact "cpm: 111.11"
    row b_less "cpm: 111.106"
    row c_more "cpm: 111.11499"
    row d_other "cpm: 111.12"
    row e_share_of_an_open "opens: 8999.6"
    row f_time_of_day "day: '2026-03-01 23:59:59'"
    row g_seven "is_paid: 7"
} > models/tests.yml
venv/bin/dbt --quiet run
venv/bin/dbt test > log.txt 2>&1 || true
echo "version: dbt-core 1.11.16, dbt-duckdb 1.11.1, duckdb 1.5.6"
venv/bin/python - <<'PY' | tee seen.txt | sed 's/^/seen: /'
import json

results = json.load(open("target/run_results.json"))["results"]
for result in sorted(results, key=lambda result: result["unique_id"]):
    print(result["unique_id"].split(".")[-1], result["status"])
PY
cat > expected.txt <<'TEXT'
a_exact pass
b_less pass
c_more pass
d_other fail
e_share_of_an_open pass
f_time_of_day pass
g_seven pass
TEXT
diff expected.txt seen.txt
