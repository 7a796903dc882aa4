#!/usr/bin/env bash
# MetricFlow's weekly users of the running month are those of one day: the window goes on after the last data.
#
# Guess before the run: with `period_agg: last`, users of seven days, by month, are those of the month's last day; in the
# running month, whose data end on the tenth, those of the seven days until the tenth: seven, one new user a day.
# Seen: seven for the months before and one for the running one. The calendar goes on, and the last date whose window still
# touches data is the sixteenth: that window holds the tenth only. With a calendar that ends with the data it is seven.
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
days="from range(date '2025-01-01', date '2025-03-11', interval 1 day)"
echo "select cast(range as date) as happened_at, cast(range as varchar) as user_id $days" > models/sessions.sql
cat > models/metrics.yml <<'YML'
models: [{name: spine, time_spine: {standard_granularity_column: date_day}, columns: [{name: date_day, granularity: day}]}]
semantic_models:
  - name: sessions
    model: ref('sessions')
    primary_entity: session_row
    defaults: {agg_time_dimension: happened_at}
    dimensions: [{name: happened_at, type: time, type_params: {time_granularity: day}}]
    measures: [{name: users, agg: count_distinct, expr: user_id}]
metrics:
  - name: weekly_users
    label: weekly users
    type: cumulative
    type_params: {measure: users, cumulative_type_params: {window: 7 days, period_agg: last}}
YML
echo "version: dbt-metricflow 0.15.0, metricflow 0.213.0, duckdb 1.5.6"
for end in 2026-01-01 2025-03-11; do
    echo "select cast(range as date) as date_day from range(date '2025-01-01', date '$end', interval 1 day)" > models/spine.sql
    venv/bin/dbt --quiet build
    venv/bin/mf query --metrics weekly_users --group-by metric_time__month --order metric_time__month --csv "$end.csv" \
        >> log.txt 2>&1
    echo "calendar before $end: $(tr -d '\r' < "$end.csv" | awk -F, 'NR > 1 { print substr($1, 1, 7), $2 }' | paste -sd ';')"
done | tee seen.txt | sed 's/^/seen: /'
cat > expected.txt <<'TEXT'
calendar before 2026-01-01: 2025-01 7;2025-02 7;2025-03 1
calendar before 2025-03-11: 2025-01 7;2025-02 7;2025-03 7
TEXT
diff expected.txt seen.txt
