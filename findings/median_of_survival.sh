#!/usr/bin/env bash
# The median of a Kaplan-Meier curve is another user's day in three libraries, though each user's day is known.
#
# Guess before the run: of users who left on day 1, 2, ... n, none censored and n even, half are left on day n / 2; the
# median is the first day on which no more than half are left, n / 2 in all three.
# Seen: for each even n up to 58 but three at least one of them has another day. The curve is a product of rounded
# shares, a little above a half where it is one: of six users lifelines says day 4 and statsmodels day 4, the curve of
# scikit-survival day 3; of four 2, 3 and 2; of ten 5, 6 and 5.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet lifelines==0.30.3 scikit-survival==0.28.0 statsmodels==0.15.0 numpy==2.4.6 scipy==1.17.1 \
    pandas==2.3.3
cd "$folder"
venv/bin/python -W ignore - <<'PY'
import sys
from importlib.metadata import version

import numpy
from lifelines import KaplanMeierFitter
from sksurv.nonparametric import kaplan_meier_estimator
from statsmodels.api import SurvfuncRight

seen = {}
for users in range(2, 60, 2):
    days, left = numpy.arange(1, users + 1), numpy.ones(users, dtype=bool)
    at, share = kaplan_meier_estimator(left, days)
    seen[users] = [
        int(KaplanMeierFitter().fit(days, left).median_survival_time_),
        int(at[share <= 0.5][0]),
        int(SurvfuncRight(days, left).quantile(0.5)),
    ]
print(*(f"version: {name} {version(name)}" for name in ("lifelines", "scikit-survival", "statsmodels")), sep="\n")
for users in (4, 6, 10):
    print(f"seen: of {users} users: lifelines, scikit-survival's curve and statsmodels: {seen[users]}")
for place, name in enumerate(("lifelines", "scikit-survival", "statsmodels")):
    print("seen:", name, "has a day later for", [users for users in seen if seen[users][place] != users // 2])
PY
