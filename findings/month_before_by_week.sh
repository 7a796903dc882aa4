#!/usr/bin/env bash
# MetricFlow's "a month before" of a week is a week that begins a month before this one's Monday: mostly there is none.
#
# Guess before the run: a session a day and a metric `offset_window: 1 month`; by day, week and month alike each session is
# counted once, a month later.
# Seen: by month it is so, and by day it nearly is. By week 4 of 21 weeks have a value, those of March, since February has
# 28 days: a month before another Monday is no Monday. The other rows are null, or are not there if asked for alone,
# without a word.
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
days() { echo "select cast(range as date) as $1 from range(date '$2', date '$3', interval 1 day)"; }
days happened_at 2025-01-06 2025-06-02 > models/sessions.sql  # 21 weeks from a Monday on
days date_day 2024-12-30 2025-08-01 > models/spine.sql
cat > models/metrics.yml <<'YML'
models: [{name: spine, time_spine: {standard_granularity_column: date_day}, columns: [{name: date_day, granularity: day}]}]
semantic_models:
  - name: sessions
    model: ref('sessions')
    primary_entity: session_row
    defaults: {agg_time_dimension: happened_at}
    dimensions: [{name: happened_at, type: time, type_params: {time_granularity: day}}]
    measures: [{name: sessions, agg: count, expr: "1"}]
metrics:
  - {name: sessions, label: sessions, type: simple, type_params: {measure: sessions}}
  - name: month_before
    label: month before
    type: derived
    type_params: {expr: before, metrics: [{name: sessions, alias: before, offset_window: 1 month}]}
YML
venv/bin/dbt --quiet build
echo "version: dbt-metricflow 0.15.0, metricflow 0.213.0, duckdb 1.5.6"
for grain in day week month; do
    venv/bin/mf query --metrics sessions,month_before --group-by "metric_time__$grain" --csv "$grain.csv" >> log.txt 2>&1
    # rows with sessions, of these with a month before, and its sum over all rows
    tr -d '\r' < "$grain.csv" | awk -F, -v grain="$grain" \
        'NR > 1 { rows += $2 > 0; both += $2 > 0 && $3 > 0; all += $3 } END { print grain, rows, both, all }'
done | tee seen.txt | sed 's/^/seen: rows with sessions, with a month before, its sum: /'
printf 'day 147 116 146\nweek 21 4 28\nmonth 6 5 147\n' > expected.txt
diff expected.txt seen.txt
