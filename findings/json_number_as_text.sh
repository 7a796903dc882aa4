#!/usr/bin/env bash
# DuckDB gives the number of a JSON file by way of a double even to a column that is asked for as text or as a decimal.
#
# Guess before the run: read_json with a given schema keeps the digits. A column of text gets what the file says, and a
# decimal(38, 2) is exact; only a read without a schema uses doubles.
# Seen: text gets the digits of the nearest double ("1.10" is "1.1", "1e2" is "100.0"), the decimal is wrong from the
# sixteenth digit, and 1.005 is 1.00 as a decimal but 1.01 by way of text. Functions on a JSON text do the same. Whole
# numbers keep their digits at any length if a schema asks for text. Without a schema they are doubles from 2^64 on, so
# that two ids become one. A text in quotes keeps everything.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==1.5.6
cd "$folder"
venv/bin/python - <<'PY'
import sys

import duckdb

with open("money.json", "w") as file:
    for amount in ("1.10", "1e2", "1.005", "123456789012345678.07", '"123456789012345678.07"'):
        file.write('{"amount": %s}\n' % amount)
with open("ids.json", "w") as file:
    file.write('{"id": 12345678901234567890123}\n{"id": 12345678901234567890124}\n')

db = duckdb.connect()


def column(query):
    return [str(row[0]) for row in db.execute(query).fetchall()]


def money(kind, cast="varchar"):
    return column(f"select cast(amount as {cast}) from read_json('money.json', columns = {{amount: '{kind}'}})")


seen = {
    "as text": money("varchar"),
    "as decimal": money("decimal(38, 2)"),
    "text, then decimal": money("varchar", "decimal(38, 2)"),
    "a function": column("select json_extract_string('{\"amount\": 123456789012345678.07}', '$.amount')"),
    "ids, no schema": column("select count(distinct id) from read_json('ids.json')"),
    "ids, as text": column("select id from read_json('ids.json', columns = {id: 'varchar'})"),
}
expected = {
    "as text": ["1.1", "100.0", "1.005", "1.2345678901234568e+17", "123456789012345678.07"],
    "as decimal": ["1.10", "100.00", "1.00", "123456789012345671.68", "123456789012345678.07"],
    "text, then decimal": ["1.10", "100.00", "1.01", "123456789012345680.00", "123456789012345678.07"],
    "a function": ["123456789012345680.0"],
    "ids, no schema": ["1"],
    "ids, as text": ["12345678901234567890123", "12345678901234567890124"],
}
print("version: duckdb", duckdb.__version__)
for case, values in seen.items():
    print(f"seen: {case}: {values}")
sys.exit("changed" if seen != expected else 0)
PY
