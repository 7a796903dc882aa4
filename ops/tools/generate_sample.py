"""Write the bundled sample exports below `seeds/sample/`.

    python ops/tools/generate_sample.py [--out seeds/sample] [--check]

Two companies' exports over 60 days, 2025-03-01 .. 2025-04-29, in about 20,000 events:

* Tenjin DataVault layout (`sample_tenjin_*.csv`): two games, three store listings. Times to the
  second, money in US cents, ids in lower case without hyphens, events without a dependable id.
  Harbor Words has impression-level ad revenue, Pixel Orchard only daily network revenue.
* `generic` layout (`sample_generic_*.csv`): one fitness app on iOS, Android and the web. Times to
  the microsecond. Ad revenue is impression-level on iOS and daily network revenue on Android; the
  web has none.

Every company, campaign, person and figure is invented. Users' lifetimes follow a retention curve,
their sessions the local time of day; hourly loads bring 95 % of the sessions within the hour or
little more, 4 % within a day, 0.9 % within three days and 0.1 % within 58 days (an assumption:
nobody publishes how late events are). The same bytes come out on every machine: see
`sample/dice.py`.

`--check` writes nothing: it generates into a temporary directory and exits with 1 if the files in
`--out`, or the table below, differ from what comes out.

Awkward cases are added by hand to what is simulated. In the generic export their actors have
device ids that begin with `case-` and all their rows the device model `case`; in Tenjin's their
advertising or vendor ids begin with `ca5e` and their device is `case`; duplicates are taken from
simulated users. Every number counts occurrences.

case                                           generic  tenjin
---------------------------------------------- -------  ------
gap of exactly the timeout                           3       1
gap just below the timeout                           3       1
gap just above the timeout                           3       1
gap between two settings' timeouts                   1       -
reopen within the grace                              2       -
reopen after the grace                               4       -
close and open at one instant                        1       -
event between close and reopen                       1       -
close, then a timeout, then an open                  1       -
open twice without a close                           1       -
events at one instant                                3       3
session of one instant                               1       -
session of one event                                 1       1
session across midnight                              3       2
session of 26 hours                                  1       1
late event joins two sessions                        1       1
late event moves a start earlier                     1       1
late close adds a reopen                             1       -
late open undoes a reopen                            1       -
session 30 days late                                 1       1
late event before the first session                  1       -
event 60 days late                                   1       2
install row two days late                            1       -
event later than its load, within the skew           2       2
unusable id, another usable                          5       3
text with unicode, quotes and a comma                2       1
platform blank or unknown                            3       2
platform in capitals                                 1       -
actor whose install is not in the export             3       1
non-activity between two sessions                    1       -
non-activity after the last session                  1       -
actor without any activity                           1       -
reinstall within 90 days                             2       2
re-engagement by flag                                1       -
re-engagement by event                               1       -
re-engagement derived after 10 days                  1       1
another campaign after 3 days only                   1       1
campaign that no other table has                     2       2
activity before the install                          1       1
purchase without currency                            1       1
purchase at 0                                        1       1
purchase without revenue                             1       1
purchase of 49,900 won                               1       -
explicit duration on a single event                  1       -
explicit duration of 0                               1       -
rejected: missing_loaded_at                          2       2
rejected: unparsable_loaded_at                       2       2
rejected: missing_app_id                             2       2
rejected: unknown_app                                2       2
rejected: missing_actor                              3       4
rejected: missing_event_name                         2       2
rejected: missing_event_at                           2       2
rejected: unparsable_event_at                        3       2
rejected: event_at_in_future                         2       2
time in 2099                                         1       1
rejected: event_at_too_old                           2       2
rejected: invalid_revenue                            6       5
rejected: unknown_currency                           2       -
rejected: invalid_duration                           3       -
rejected: invalid_flag                               2       -
rejected: loaded_at_in_future                        2       -
event without an id                                 22       -
event without an id, delivered again                 3       -
delivered again later                               19      18
late event delivered again                           4       -
delivered a second and a third time                  2       -
same id, other content, later                        5       -
same id, other content, same load                    3       -
purchase given back                                  5       -
spend without installs, days                         5       5
spend without a campaign, days                       2       2
paid campaign at zero spend, days                    3      40
spend restated                                       7       8
ad revenue without sessions                          2       3
ad revenue restated                                  5       6
advertising id lost half-way                         -       1
install before the first day                         -       3
price in an unknown currency, revenue in USD         -       1
one uuid on two events                               -       1
rejected: invalid_installed_at                       -       3
same content twice in one load                       -       2
spend of an unknown campaign, days                   -       3
"""

from __future__ import annotations

import argparse
import csv
import filecmp
import sys
import tempfile
from collections import Counter
from pathlib import Path

from sample import generic, tenjin
from sample.world import simulate


def generate(out: Path) -> tuple[dict[Path, int], str]:
    """Write all files; return the number of rows of each, and the table of cases."""
    out.mkdir(parents=True, exist_ok=True)
    counts = {}
    generic_export, files = generic.GenericExport(), {}

    sessions, installs = simulate(generic.apps(), 200)
    generic_export.play(sessions)
    generic_export.add_cases()
    files["generic_apps"] = generic.app_rows()
    files["generic_events"] = generic_export.events.rows()
    files["generic_ad_spend"] = generic.ad_spend(installs, generic_export.cases)
    files["generic_ad_revenue"] = generic.ad_revenue(sessions, generic_export.cases)

    tenjin_export = tenjin.TenjinExport()
    sessions, installs = simulate(tenjin.APPS, 100)
    tenjin_export.play(sessions)
    tenjin_export.add_cases()
    files["tenjin_ad_networks"] = tenjin.ad_network_rows()
    files["tenjin_apps"] = tenjin.app_rows()
    files["tenjin_campaigns"] = tenjin.campaign_rows()
    files["tenjin_publisher_apps"] = tenjin.publisher_app_rows()
    files["tenjin_events"] = tenjin_export.events.rows()
    files["tenjin_ad_mediation_impressions"] = tenjin_export.impressions.rows()
    files["tenjin_daily_spend"] = tenjin.daily_spend(installs, tenjin_export.cases)
    files["tenjin_daily_ad_revenue"] = tenjin.daily_ad_revenue(sessions, tenjin_export.cases)

    for name, rows in files.items():
        path = out / f"sample_{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        counts[path] = len(rows)
    return counts, case_table(generic_export.cases, tenjin_export.cases)


def case_table(in_generic: Counter, in_tenjin: Counter) -> str:
    """Return the table of cases as the docstring has it."""
    names = [name for name, count in (in_generic | in_tenjin).items() if count]
    lines = [f"{'case':<46} generic  tenjin", f"{'-' * 46} -------  ------"]
    for name in names:
        lines.append(f"{name:<46} {in_generic[name] or '-':>7}  {in_tenjin[name] or '-':>6}")
    return "\n".join(lines)


def differences(out: Path, fresh: Path, table: str) -> list[str]:
    """Return in what the files in `out`, and the docstring, differ from fresh ones."""
    found = []
    for path in sorted(fresh.iterdir()):
        if not (out / path.name).exists():
            found.append(f"{out / path.name} is missing")
        elif not filecmp.cmp(path, out / path.name, shallow=False):
            found.append(f"{out / path.name} is not what the generator writes")
    for path in sorted(out.glob("*.csv")):
        if not (fresh / path.name).exists():
            found.append(f"{path} is not a file of the generator's")
    if table not in __doc__:
        found.append(f"the docstring of {Path(__file__).name} has another table of cases")
    return found


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("seeds/sample"), metavar="DIRECTORY")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing there")
    options = parser.parse_args()
    if options.check:
        with tempfile.TemporaryDirectory() as fresh:
            _, table = generate(Path(fresh))
            found = differences(options.out, Path(fresh), table)
        print("\n".join(found or [f"{options.out} is what the generator writes"]))
        return 1 if found else 0
    counts, table = generate(options.out)
    for path, count in counts.items():
        print(f"{count:>7,} rows  {path}")
    print(f"{sum(path.stat().st_size for path in counts) / 1e6:.2f} MB in all\n\n{table}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
