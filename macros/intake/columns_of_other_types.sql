{#-
    Where a loader put the values that did not fit a column's type: `revenue__v_double` beside `revenue`. One of them has a value. The
    places of these columns beside that of one, each its name or, in files of text with a header, its number.
-#}
{% macro _columns_of_other_types(place, columns) %}
    {%- set own = columns[place - 1] if place is integer else place -%}
    {%- set of_name = modules.re.escape(_name_without_type(own, columns) | lower) ~ '__v_[a-z]+' -%}
    {%- set places = [] -%}
    {%- for name in columns -%}
        {%- if name != own and modules.re.fullmatch(of_name, name | lower) -%}
            {%- do places.append(loop.index if place is integer else name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(places) }}
{% endmacro %}

{#- What a column is matched as: `revenue__v_double` as `revenue`, if it is the first such one and there is no `revenue`. -#}
{% macro _name_without_type(name, columns) %}
    {%- set parts = modules.re.fullmatch('(.+)__v_[a-z]+', name | lower) -%}
    {%- if parts and parts.group(1) not in columns | map('lower') -%}
        {%- for other in columns if modules.re.fullmatch(modules.re.escape(parts.group(1)) ~ '__v_[a-z]+', other | lower) -%}
            {{ return(parts.group(1) if other == name else name) }}
        {%- endfor -%}
    {%- endif -%}
    {{ return(name) }}
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
