#!/usr/bin/env bash
# Babel's number of digits of a currency is not ISO 4217's for thirteen of them: the fils of the dinar are gone.
#
# Guess before the run: get_currency_precision is the minor unit of ISO 4217, for each currency that has one, and
# py-moneyed's sub_unit is its power of ten.
# Seen: py-moneyed agrees with the iso4217 package. Babel has CLDR's digits, which say how money is shown: none for the
# Iraqi dinar (ISO: three), and for twelve others, Serbia's and Madagascar's among them (ISO: two). An amount in
# minor units that is divided by ten to that power is a hundred or a thousand times too large, and one that is formatted
# loses its cents: 1234.567 dinars are 1,235.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet babel==2.18.0 iso4217==1.16.20260101 py-moneyed==3.0
cd "$folder"
venv/bin/python - <<'PY'
import sys
from importlib.metadata import version

import moneyed
from babel.numbers import format_currency, get_currency_precision
from iso4217 import Currency

currencies = {currency.code: currency.exponent for currency in Currency if currency.exponent is not None}
by_babel = {
    code: (digits, get_currency_precision(code))
    for code, digits in currencies.items()
    if get_currency_precision(code) != digits
}
by_moneyed = [
    code
    for code, digits in currencies.items()
    if code in moneyed.CURRENCIES and moneyed.get_currency(code).sub_unit != 10**digits
]
shown = format_currency(1234.567, "IQD", locale="en_US")
print(*(f"version: {name} {version(name)}" for name in ("babel", "iso4217", "py-moneyed")), sep="\n")
print(f"seen: {len(currencies)} currencies with a minor unit; py-moneyed differs for {by_moneyed}")
for code, (digits, shown_digits) in sorted(by_babel.items()):
    print(f"seen: {code} has {digits} digits in ISO 4217, {shown_digits} in Babel")
print(f"seen: 1234.567 dinars formatted: {shown}")
two = ("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER")
expected = {code: (2, 0) for code in two} | {"IQD": (3, 0)}
sys.exit("changed" if by_babel != expected or by_moneyed or shown != "IQD1,235" else 0)
PY
