{{ config(materialized='tracked_view') }}
select
    app_id,
    install_date,
    count(*) as install_count
from {{ ref('fct_installs') }}
where not is_reinstall
group by app_id, install_date
