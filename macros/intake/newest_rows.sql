{#- Reference: macros/_macros.yml (newest_rows). -#}
{% macro newest_rows(rows, id, times, texts) -%}
    {%- set order = [] -%}
    {%- for time in times -%}{%- do order.append("coalesce(" ~ time ~ ", " ~ _timestamp('1900-01-01 00:00:00') ~ ") desc") -%}{%- endfor -%}
    {%- for text in texts -%}{%- do order.append(binary_text("coalesce(" ~ text ~ ", '')") ~ " desc") -%}{%- endfor -%}
    select *
    from (
        select
            *,
            row_number() over (partition by {{ id }} order by {{ order | join(', ') }}) as place
        from {{ rows }}
    ) as placed
    where place = 1
{%- endmacro %}
