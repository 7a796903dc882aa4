{#- Where a loader put the values that did not fit a column's type: `revenue__v_double` beside `revenue`. One of them has a value. -#}
{% macro _columns_of_other_types(place, columns) %}
    {%- set names = [] -%}
    {%- for name in columns if modules.re.fullmatch(modules.re.escape(place | lower) ~ '__v_[a-z]+', name | lower) -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {{ return(names) }}
{% endmacro %}

{#- The value of a column and of those beside it that hold its values of other types, as text; `types` is {column: type}. -#}
{% macro _value_of_any_type(places, types) %}
    {%- set texts = [] -%}
    {%- for place in places -%}
        {%- do texts.append(
            nested_as_json(identifier(place)) if _is_nested(types[place])
            else whole_number_text(identifier(place), types[place]) | trim
        ) -%}
    {%- endfor -%}
    {{ return('coalesce(' ~ texts | join(', ') ~ ')') }}
{% endmacro %}
