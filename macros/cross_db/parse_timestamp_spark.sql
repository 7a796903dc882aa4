{#- Spark's part of parse_timestamp.sql. -#}
{% macro spark__parse_timestamp(column, data_type) -%}
    {%- set type = (data_type | lower).split('(')[0] | trim -%}
    {%- if type in ['timestamp', 'timestamp_ntz', 'date'] -%}
        case
            when
                {{ column }} >= timestamp '0001-01-01 00:00:00' and {{ column }} <= timestamp '9999-12-31 23:59:59.999999'
                then cast({{ column }} as timestamp)
        end
    {%- elif type in ['tinyint', 'smallint', 'int', 'integer', 'bigint', 'decimal', 'float', 'double'] -%}
        {{ _spark_epoch_number(column) }}
    {%- else -%}
        {%- set text = column if _is_text(data_type) else 'cast(' ~ column ~ ' as string)' -%}
        case
            when {{ text }} rlike '{{ _number_pattern() }}' then {{ _spark_epoch_number("replace(" ~ text ~ ", '_', '')") }}
            when
                {{ text }} rlike '^(0*[1-9][0-9]{0,3}([-/ ])[0-9]{1,2}\\2[0-9]{1,2}([ T]+[0-9]{1,2}:[0-9]{1,2}'
                    || '(:[0-9]{1,2}([.][0-9]*)?([+-][0-9]{2}:[0-9]{2}| [A-Za-z_]+/[A-Za-z_/+-]+)?)?)?)$'
                then try_cast(regexp_replace({{ text }}, '^0*([0-9]{1,4})[-/ ]([0-9]+)[-/ ]', '00$1-$2-') as timestamp)
        end
    {%- endif -%}
{%- endmacro %}

{#- The number is written once, as `n`. Spark's cast to a whole number would cut, not round. -#}
{% macro _spark_epoch_number(number) -%}
    element_at(transform(array(cast({{ number }} as decimal(26, 6))), n -> timestamp_micros(cast(
        case
            when n < -62135596800 then null
            when n < 100000000000 then n * 1000000
            when n < 100000000000000 then round(n * 1000)
            when n < 100000000000000000 then round(n)
            when n < 9000000000000000000 then n div 1000
        end as bigint
    ))), 1)
{%- endmacro %}
