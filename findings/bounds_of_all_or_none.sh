#!/usr/bin/env bash
# The interval of a share of all leaves that share out: statsmodels' Wilson bounds of 7 of 7 end below 1.
#
# Guess before the run: with the formula as it stands the lower bound of none of n is 0 and the upper one of all of n is 1, in
# statsmodels as in scipy.
# Seen: in scipy they are. In statsmodels the upper bound of 7 of 7 is 0.9999999999999999, so that the share is not in its
# own interval, and the lower one of 0 of 7 is 2.8e-17; so it is, at one end at least, for 905 of the counts up to 2,000.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet statsmodels==0.15.0 numpy==2.4.6 scipy==1.17.1 pandas==2.3.3
cd "$folder"
venv/bin/python - <<'PY'
import sys
from importlib.metadata import version

from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

counts = range(1, 2001)
none = {n: proportion_confint(0, n, method="wilson")[0] for n in counts}
everyone = {n: proportion_confint(n, n, method="wilson")[1] for n in counts}
print(*(f"version: {name} {version(name)}" for name in ("statsmodels", "scipy")), sep="\n")
print(f"seen: statsmodels: 0 of 7 from {none[7]}, 7 of 7 up to {everyone[7]}")
outside = [n for n in counts if none[n] > 0 or everyone[n] < 1]
print(f"seen: a share outside its interval for {len(outside)} of {len(counts)} counts: {outside[:8]} ...")
intervals = [binomtest(k, n).proportion_ci(method="wilson") for n in counts for k in (0, n)]
exact = sum(interval.low == 0 or interval.high == 1 for interval in intervals)
print(f"seen: scipy: a bound of exactly 0 or 1 for {exact} of {len(intervals)}")
sys.exit("changed" if not outside or exact != len(intervals) else 0)
PY
