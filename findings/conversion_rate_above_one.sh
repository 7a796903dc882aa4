#!/usr/bin/env bash
# MetricFlow's conversion rate counts conversions, not who converted: a user who buys three times is three of them.
#
# Guess before the run: of four installs one user buys three times within the window of 7 days and another just within it:
# two of four converted, 0.5, and a rate is never above 1.
# Seen: four conversions, a rate of 1.0; of the first user alone the rate is 3.0. Distinct users on both sides (measures of
# count_distinct) give the two of four.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export DBT_PROFILES_DIR="$folder" DBT_SEND_ANONYMOUS_USAGE_STATS=false DO_NOT_TRACK=1
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet dbt-metricflow==0.15.0 metricflow==0.213.0 dbt-core==1.11.16 dbt-duckdb==1.11.1 \
    duckdb==1.5.6
mkdir "$folder/models"
cd "$folder"
printf 'name: shop\nversion: "1.0"\nprofile: shop\n' > dbt_project.yml
echo 'shop: {target: dev, outputs: {dev: {type: duckdb, path: out.duckdb}}}' > profiles.yml
rows() { echo "select 'u' || u as user_id, cast(t as timestamp) as happened_at from (values $1) as t(u, t)"; }
rows "(1, '2025-01-01 20:00'), (2, '2025-01-01 20:00'), (3, '2025-01-01 20:00'), (4, '2025-01-01 20:00')" \
    > models/installs.sql
rows "(1, '2025-01-02 21:00'), (1, '2025-01-03 21:00'), (1, '2025-01-04 21:00'), (2, '2025-01-07 19:00')" \
    > models/purchases.sql
echo "select cast(range as date) as date_day from range(date '2025-01-01', date '2025-02-01', interval 1 day)" \
    > models/spine.sql
side() {
    cat <<YML
  - name: $1
    model: ref('$1')
    primary_entity: $1_row
    defaults: {agg_time_dimension: happened_at}
    entities: [{name: user, type: foreign, expr: user_id}]
    dimensions: [{name: happened_at, type: time, type_params: {time_granularity: day}}]
    measures: [{name: $1, agg: count, expr: "1"}, {name: users_of_$1, agg: count_distinct, expr: user_id}]
YML
}
rate() {
    echo "  - name: $1"
    echo "    label: $1"
    echo "    type: conversion"
    echo "    type_params: {conversion_type_params: {base_measure: $2, conversion_measure: $3, entity: user, window: 7 days,"
    echo "        calculation: conversion_rate}}"
}
{
    echo "models: [{name: spine, time_spine: {standard_granularity_column: date_day},"
    echo "  columns: [{name: date_day, granularity: day}]}]"
    echo "semantic_models:"
    side installs
    side purchases
    echo "metrics:"
    rate rate_of_rows installs purchases
    rate rate_of_users users_of_installs users_of_purchases
} > models/metrics.yml
venv/bin/dbt --quiet build
venv/bin/mf query --metrics rate_of_rows,rate_of_users --csv total.csv > log.txt 2>&1
venv/bin/mf query --metrics rate_of_rows --group-by user --order user --csv users.csv >> log.txt 2>&1
echo "version: dbt-metricflow 0.15.0, metricflow 0.213.0, duckdb 1.5.6"
total="$(tail -1 total.csv | tr -d '\r')" first="$(grep u1 users.csv | tr -d '\r')"
echo "seen: rate of rows and of users: $total; of the first user: $first"
[[ "$total" == "1.0,0.5" && "$first" == "u1,3.0" ]]
