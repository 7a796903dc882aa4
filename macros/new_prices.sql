{#- Says that purchases which the model's rates now give another price are noted as changes, like late events. -#}
{% macro notes_new_prices(log) -%}
    {%- if not execute -%}{%- do ref(log) -%}{%- endif -%}
    {%- if model.plan -%}{%- do model.plan.update({'notes_prices_of': log}) -%}{%- endif -%}
{%- endmacro %}

{#-
    A rate that changes changes the purchases that it prices, as if they had arrived anew: under the next number, which
    the log's row tells its consumers. A rate that prices nothing changes nothing.
-#}
{% macro _note_new_prices(rates, new_rates) %}
    {%- set repriced -%}
        select distinct events.user_key, events.event_at
        from {{ _relation_of(model.plan.notes_prices_of) }} as events
        left join {{ rates }} as old_rates
            on
                events.currency = old_rates.currency
                and cast(events.event_at as date) >= old_rates.valid_from
                and cast(events.event_at as date) < old_rates.valid_until
        left join {{ new_rates }} as new_rates
            on
                events.currency = new_rates.currency
                and cast(events.event_at as date) >= new_rates.valid_from
                and cast(events.event_at as date) < new_rates.valid_until
        where
            events.event_status = 'accepted'
            and events.revenue is not null
            and not ({{ is_same('old_rates.usd_per_unit', 'new_rates.usd_per_unit') }})
    {%- endset -%}
    {%- set log = _model_states().get(model.plan.notes_prices_of) -%}
    {%- set users, events = run_query("select count(distinct user_key), count(*) from (" ~ repriced ~ ") as repriced").rows[0] -%}
    {%- set repriced_text = events ~ ' purchase times of ' ~ users ~ ' users have another price' -%}
    {%- do model.plan.update({'reason': model.plan.reason ~ ', ' ~ repriced_text}) -%}
    {%- if not log or not events | int -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set next_seq = log.last_change_seq + 1 -%}
    {{ return([
        'insert into ' ~ _relation_of('state_changes') ~ ' (change_seq, user_key, event_at) select ' ~ next_seq
        ~ ', repriced.user_key, repriced.event_at from (' ~ repriced ~ ') as repriced',
        _write_model_state(
            next_seq, log.rebuild_count, log.upstream_rebuild_count, log.built_from,
            name=model.plan.notes_prices_of
        )
    ]) }}
{% endmacro %}
