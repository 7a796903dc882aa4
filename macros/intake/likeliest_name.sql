{#- Whether a header is a message that was saved in place of a file: a sentence, an object of JSON, or a page. -#}
{% macro _is_text_of_words(names) %}
    {%- set first = names | first | default('', true) -%}
    {{ return(first.count(' ') > 2 or first[:1] == '<' or first[:2] in ['{"', '["']) }}
{% endmacro %}

{#- The name of a list that is most like another: by the pairs of letters that both have; none if they have few. -#}
{% macro _likeliest_name(wanted, names) %}
    {%- set best = {'name': none, 'score': 0.45} -%}
    {%- set pairs = _letter_pairs(_plain_name(wanted)) -%}
    {%- for name in names -%}
        {%- set others = _letter_pairs(_plain_name(name)) -%}
        {%- set common = pairs | select('in', others) | list | length -%}
        {%- set score = 2 * common / ([pairs | length + others | length, 1] | max) -%}
        {%- if score > best.score -%}{%- do best.update({'name': name, 'score': score}) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(best.name) }}
{% endmacro %}

{% macro _letter_pairs(text) %}
    {%- set pairs = [] -%}
    {%- for place in range([text | length - 1, 0] | max) -%}{%- do pairs.append(text[place:place + 2]) -%}{%- endfor -%}
    {{ return(pairs | unique | list) }}
{% endmacro %}
