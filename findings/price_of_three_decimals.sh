#!/usr/bin/env bash
# A parser of prices reads three decimals as thousands: an ad impression of 0.079 dollars becomes 79.
#
# Guess before the run: a number with one dot is what it says; a sign stays, and so does an exponent: 0.079, -4.99, 7.9E-5.
# Seen: with three digits behind the dot the dot is taken for a mark of thousands, a leading zero or not: 0.079 is 79, 1.005 is
# 1005, while 0.0790 and 0.000079 are what they say. A refund of -4.99 is 4.99, and 7.9E-5 is 7.9. With decimal_separator="."
# 0.079 is 0.079; the sign and the exponent are lost all the same.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet price-parser==0.5.1 attrs==25.4.0
cd "$folder"
venv/bin/python - <<'PY'
import sys
from decimal import Decimal
from importlib.metadata import version

from price_parser import Price

expected = {
    "4.99": ("4.99", "4.99"),
    "0.079": ("79", "0.079"),
    "0.0790": ("0.0790", "0.0790"),
    "0.000079": ("0.000079", "0.000079"),
    "1.005": ("1005", "1.005"),
    "-4.99": ("4.99", "4.99"),
    "7.9E-5": ("7.9", "7.9"),
}
print("version: price-parser", version("price-parser"))
seen = {}
for text in expected:
    seen[text] = Price.fromstring(text).amount, Price.fromstring(text, decimal_separator=".").amount
    print(f"seen: {text} is {seen[text][0]}, and {seen[text][1]} where the dot is said to be the decimal one")
sys.exit("changed" if seen != {text: tuple(map(Decimal, amounts)) for text, amounts in expected.items()} else 0)
PY
