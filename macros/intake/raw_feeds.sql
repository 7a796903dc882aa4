{#- What feeds there are, and where. -#}

{#-
    What a raw feed is, as its source in models/staging/<provider>/ says: {columns, required, is_events, folder}. `required`
    holds names, or lists of names of which one is enough.
-#}
{% macro _raw_feed(provider, feed) %}
    {%- for node in graph.sources.values() if node.source_name == provider and node.name == feed -%}
        {%- set meta = node.config.meta or node.meta -%}
        {{ return({
            'columns': node.columns.keys() | list,
            'required': meta.get('required', []),
            'is_events': meta.get('is_events', false),
            'folder': ('' if provider == 'generic' else provider ~ '/') ~ feed
        }) }}
    {%- endfor -%}
{% endmacro %}

{#- [(provider, feed)] of all providers in use. -#}
{% macro _raw_feeds() %}
    {%- set feeds = [] -%}
    {%- for node in graph.sources.values() if node.source_name in var('providers') -%}
        {%- do feeds.append((node.source_name, node.name)) -%}
    {%- endfor -%}
    {{ return(feeds | unique | sort) }}
{% endmacro %}

{#- raw_path with one slash at its end; `~` is the home folder. -#}
{% macro _raw_root() %}
    {%- set path = var('raw_path') | string -%}
    {%- if path == '~' or path.startswith('~/') -%}
        {%- set path = env_var('HOME', '~') ~ path[1:] -%}
    {%- endif -%}
    {{ return(path.rstrip('/') ~ '/') }}
{% endmacro %}
