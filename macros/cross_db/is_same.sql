{#- SQL condition, never null, that two values are equal or both null. -#}
{% macro is_same(left, right) -%}
    {{ return(adapter.dispatch('is_same', 'app_sessions')(left, right)) }}
{%- endmacro %}

{% macro default__is_same(left, right) -%}
    {{ left }} is not distinct from {{ right }}
{%- endmacro %}

{#- Redshift has no `is distinct from`; true or false, never null. -#}
{% macro redshift__is_same(left, right) -%}
    coalesce({{ left }} = {{ right }}, {{ left }} is null and {{ right }} is null)
{%- endmacro %}
