{#-
    Spark's part of offset_time_text: a Hive metastore on Derby takes no view of more than 32,700 characters, so it is
    said in regular expressions.
-#}
{% macro spark__offset_time_text(text) -%}
    {%- set steps = [] -%}
    {%- for names, offset in [
        ('UTC|GMT|Z', '+00:00'), ('PST', '-08:00'), ('PDT', '-07:00'), ('EST', '-05:00'), ('EDT', '-04:00'),
        ('CET', '+01:00'), ('CEST', '+02:00')
    ] -%}
        {%- do steps.append(('(?i)^(.*:..*[0-9]) *(' ~ names ~ ')$', '$1' ~ offset)) -%}
    {%- endfor -%}
    {#- +02, +0200 and a blank before them; then seconds, where there are none -#}
    {%- do steps.append(('^(.*:..*[^ ]) *([+-][0-9]{2})$', '$1$2:00')) -%}
    {%- do steps.append(('^(.*:..*[^ ]) *([+-][0-9]{2}):?([0-9]{2})$', '$1$2:$3')) -%}
    {%- do steps.append(('^(.{16})([+-][0-9]{2}:[0-9]{2})$', '$1:00$2')) -%}
    case
        when length({{ text }}) < 16 or {{ text }} rlike '^.{10}[ T][0-9:.]*$' then {{ text }}
        else {{ 'regexp_replace(' * steps | length ~ text }}
            {%- for pattern, replacement in steps %}, '{{ pattern }}', '{{ replacement }}'){% endfor %}
    end
{%- endmacro %}

{#- Databricks has no such bound. -#}
{% macro databricks__offset_time_text(text) -%}{{ return(app_sessions.default__offset_time_text(text)) }}{%- endmacro %}
