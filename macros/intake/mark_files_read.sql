{#- What state_files says of files whose rows the event log holds. -#}

{#- In a list, the statement that marks files as read whose rows the log has now. -#}
{% macro _mark_files_read(plan) %}
    {%- if plan.files is none or not plan.open.count -%}{{ return([]) }}{%- endif -%}
    {{ return([_files_read_statement(_in_list(plan.names))]) }}
{% endmacro %}

{#- In a list, the statement that counts the refused rows of files again, where rows of files of before were judged again. -#}
{% macro _count_files_again(plan) %}
    {%- set statement -%}
    update {{ _relation_of('state_files') }} as files
    set rejected_count = counted.rejected_count
    from (
        select file_name, count(case when event_status = 'rejected' then 1 end) as rejected_count
        from {{ this }}
        group by file_name
    ) as counted
    where files.file_name = counted.file_name and files.rejected_count <> counted.rejected_count
    {%- endset -%}
    {{ return([] if plan.files is none else [statement]) }}
{% endmacro %}

{#- What to say of a file that has exactly as many rows as its export gives at most. -#}
{% macro _reason_of_a_cut_file() %}
    {%- set cases = [] -%}
    {%- for provider, feed in _raw_feeds() -%}
        {%- for limit in _raw_feed(provider, feed).row_limits -%}
            {%- do cases.append(
                " when files.provider = " ~ text_literal(provider) ~ " and files.feed = " ~ text_literal(feed)
                ~ " and counted.row_count = " ~ limit ~ " then " ~ text_literal("probably cut: it has exactly "
                ~ _grouped(limit) ~ " rows, as many as the export gives at most. Export a shorter time at once")
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return('case' ~ cases | join ~ ' end' if cases else 'null') }}
{% endmacro %}

{% macro _files_read_statement(names) %}
    {%- set these = "file_name in " ~ names if names else "status = 'pending' and provider in "
        ~ _in_list(var('providers')) -%}
    {%- set statement -%}
    update {{ _relation_of('state_files') }} as files
    set
        status = 'read',
        row_count = coalesce(counted.row_count, 0),
        reason = {{ _reason_of_a_cut_file() }},
        rejected_count = coalesce(counted.rejected_count, 0)
    from (
        select known.file_name, logged.row_count, logged.rejected_count
        from {{ ref('state_files') }} as known
        left join (
            select file_name, count(*) as row_count, count(case when event_status = 'rejected' then 1 end) as rejected_count
            from {{ this }}
            {{ 'where file_name in ' ~ names if names }}
            group by file_name
        ) as logged
            on known.file_name = logged.file_name
    ) as counted
    where files.file_name = counted.file_name and files.{{ these }}
    {%- endset -%}
    {{ return(statement) }}
{% endmacro %}
