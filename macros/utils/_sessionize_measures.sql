{#- Checks what sessionize was given; returns {measure: how parts of a session are merged}. -#}
{% macro _sessionize_measures(relation, user_key, timeout_seconds, close_grace_seconds, constants, counts, sums, minima, maxima) %}
    {%- for argument, value in [
        ('timeout_seconds', timeout_seconds), ('close_grace_seconds', close_grace_seconds)
    ] -%}
        {%- do app_sessions._require(
            (value is integer and value >= (1 if argument == 'timeout_seconds' else 0))
            or (value is string and value | trim and (value | trim)[0] not in '-0123456789'),
            'sessionize',
            argument ~ " must be a whole number of seconds"
            ~ (" above 0" if argument == 'timeout_seconds' else "")
            ~ " or an SQL expression of one, got '" ~ value ~ "'"
        ) -%}
    {%- endfor -%}
    {%- do app_sessions._require(
        relation, 'sessionize',
        "relation must be a relation or the name of a CTE, got '" ~ relation ~ "'"
    ) -%}
    {%- set reserved = [
        'started_at', 'ended_at', 'chain_started_at', 'start_reason', user_key,
        'user_key', 'slot_number', 'first_us', 'last_us', 'timeout_us', 'grace_us', 'chain_us', 'session_us',
        'previous_last_us', 'next_first_us', 'is_first', 'is_lone', 'is_chain_start', 'is_chain_end',
        'first_close_us', 'last_open_us', 'instant_us', 'start_us', 'next_start_us'
    ] -%}
    {%- set measures = {} -%}
    {%- for group, merge in [(constants, 'any'), (counts, 'sum'), (sums, 'sum'), (minima, 'min'), (maxima, 'max')] -%}
        {%- do app_sessions._require(
            group is mapping, 'sessionize',
            "constants, counts, sums, minima and maxima must be mappings of column name to SQL expression, got '"
            ~ group ~ "'"
        ) -%}
        {%- for name in group -%}
            {%- do app_sessions._require(
                name not in reserved, 'sessionize',
                "the column name '" ~ name ~ "' is taken by sessionize itself"
            ) -%}
            {%- do app_sessions._require(
                name not in measures, 'sessionize', "the column '" ~ name ~ "' is asked for twice"
            ) -%}
            {%- do measures.update({name: merge}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(measures) }}
{% endmacro %}

{#- The measures as aggregates over events, each with a comma before it. -#}
{% macro _sessionize_aggregates(constants, counts, sums, minima, maxima) -%}
    {%- for name, value in constants.items() %},
        {{ dbt.any_value(value) }} as {{ name }}
    {%- endfor -%}
    {%- for name, condition in counts.items() %},
        count(case when {{ condition }} then 1 end) as {{ name }}
    {%- endfor -%}
    {%- for name, value in sums.items() %},
        sum({{ value }}) as {{ name }}
    {%- endfor -%}
    {%- for name, value in minima.items() %},
        min({{ value }}) as {{ name }}
    {%- endfor -%}
    {%- for name, value in maxima.items() %},
        max({{ value }}) as {{ name }}
    {%- endfor -%}
{%- endmacro %}

{#- The measures whose values may be text ({name: expression}), and the least and greatest values that are none. -#}
{% macro _sessionize_texts(texts, constants, minima, maxima) -%}
    {%- set found = {'texts': constants.copy(), 'minima': minima.copy(), 'maxima': maxima.copy()} -%}
    {%- for name in texts -%}
        {%- do app_sessions._require(
            name in minima or name in maxima, 'sessionize',
            "texts must name columns of minima or maxima, got '" ~ name ~ "'"
        ) -%}
        {%- do found.texts.update({name: (found.minima if name in minima else found.maxima).pop(name)}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
