#!/usr/bin/env bash
# CurrencyConverter fills a day without a rate from the days on both sides of it, so the future decides the past.
#
# Guess before the run: asked to fall back where a day has no rate (a weekend), it takes the last rate before it.
# Seen: its default is a line between the rate before and the rate after. The value of Saturday's spend in dollars is not
# known before Monday's rate is, and changes the day that rate arrives: with a file that ends on Friday the same call
# fails. fallback_on_missing_rate_method='last_known' does what was guessed.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet currencyconverter==0.18.23
cd "$folder"
venv/bin/python - <<'PY'
import datetime
import sys
from importlib.metadata import version

from currency_converter import CurrencyConverter

head = "Date,USD,\n"
monday, friday = "2024-01-08,1.2000,\n", "2024-01-05,1.0000,\n"
with open("until_monday.csv", "w") as file:
    file.write(head + monday + friday)
with open("until_friday.csv", "w") as file:
    file.write(head + friday)


def dollars(name, day, **options):
    try:
        converter = CurrencyConverter(name, fallback_on_missing_rate=True, **options)
        return round(converter.convert(100, "EUR", "USD", date=datetime.date(2024, 1, day)), 6)
    except Exception as error:
        return type(error).__name__


seen = {
    "Friday": dollars("until_monday.csv", 5),
    "Saturday": dollars("until_monday.csv", 6),
    "Sunday": dollars("until_monday.csv", 7),
    "Monday": dollars("until_monday.csv", 8),
    "Saturday, before Monday's rate is there": dollars("until_friday.csv", 6),
    "Saturday, last_known": dollars("until_monday.csv", 6, fallback_on_missing_rate_method="last_known"),
}
print("version: currencyconverter", version("currencyconverter"))
for case, value in seen.items():
    print(f"seen: 100 euros, {case}: {value}")
expected = {
    "Friday": 100.0,
    "Saturday": 106.666667,
    "Sunday": 113.333333,
    "Monday": 120.0,
    "Saturday, before Monday's rate is there": "RateNotFoundError",
    "Saturday, last_known": 100.0,
}
sys.exit("changed" if seen != expected else 0)
PY
