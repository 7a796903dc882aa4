{{ config(**table_layout(date='cohort_start_date', keys=['app_id', 'campaign_id'])) }}
{{ _cohorts_by_period('month_start_date') }}
