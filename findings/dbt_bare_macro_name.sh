#!/usr/bin/env bash
# A macro of a dbt package that calls another of its package by its bare name works there, and fails for who installs it.
#
# Guess before the run: inside a package a bare name means the package's own macro, whoever calls the outer one.
# Seen: the package's own model builds, as it does in the tests of the package itself. Called from a model of the project
# that installed it, the inner macro is undefined: bare names are looked up from the model. If that project happens to
# have a macro of that name, it is called in place of the package's, without a word.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==1.5.6
cd "$folder"
export DBT_PROFILES_DIR="$folder/caller" DBT_SEND_ANONYMOUS_USAGE_STATS=false DO_NOT_TRACK=1
mkdir -p caller/helper/macros caller/helper/models caller/models caller/macros
cat > caller/dbt_project.yml <<'YML'
name: caller
version: '1.0'
profile: caller
YML
cat > caller/profiles.yml <<'YML'
caller: {target: dev, outputs: {dev: {type: duckdb, path: 'out.duckdb'}}}
YML
cat > caller/packages.yml <<'YML'
packages: [{local: helper}]
YML
cat > caller/helper/dbt_project.yml <<'YML'
name: helper
version: '1.0'
YML
cat > caller/helper/macros/both.sql <<'SQL'
{% macro outer_value() %}{{ inner_value() }}{% endmacro %}
{% macro inner_value() %}'of the package'{% endmacro %}
SQL
echo "select {{ helper.outer_value() }} as value" > caller/helper/models/own.sql
cd caller
../venv/bin/dbt --quiet deps

value_of() {
    ../venv/bin/python -c "import duckdb; print(duckdb.connect('out.duckdb').execute('select value from $1').fetchone()[0])"
}

../venv/bin/dbt --quiet build
own="$(value_of own)"

echo "select {{ helper.outer_value() }} as value" > models/foreign_model.sql
if message="$(../venv/bin/dbt --quiet build 2>&1)"; then foreign="$(value_of foreign_model)"; else
    foreign="$(grep -o "'inner_value' is undefined" <<< "$message" | head -1)"
fi

echo "{% macro inner_value() %}'of the caller'{% endmacro %}" > macros/same_name.sql
../venv/bin/dbt --quiet build
own_after="$(value_of own)"
foreign_after="$(value_of foreign_model)"

echo "version: dbt-core $(../venv/bin/python -c 'from importlib.metadata import version; print(version("dbt-core"))')"
echo "seen: the package's model: $own"
echo "seen: the caller's model: $foreign"
echo "seen: with a macro of that name in the caller, the package's model: $own_after; the caller's: $foreign_after"
[[ "$own" == "of the package" && "$foreign" == "'inner_value' is undefined" ]]
[[ "$own_after" == "of the package" && "$foreign_after" == "of the caller" ]]
