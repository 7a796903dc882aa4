"""Answer a question about metrics in the terminal, with MetricFlow: `make metrics Q=...`.

Without arguments it lists the questions that models/semantic/ has names for. One name answers that
question; options are those of `mf query`, such as `--metrics dau --group-by metric_time__day`.
`list metrics` and other commands of `mf` go through as they are.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import update_checker
from dbt.cli.main import dbtRunner

PROJECT_DIR = Path(__file__).resolve().parents[2]


def command(words: list[str]) -> list[str]:
    """The command line of `mf` for a question."""
    if not words:
        return ["list", "saved-queries"]
    if words[0].startswith("-"):
        return ["query", "--quiet", *words]
    if len(words) > 1 and not words[1].startswith("-"):
        return words
    order = [] if "--order" in words else ["--order", ",".join(cut_by(words[0]))]
    return ["query", "--quiet", "--saved-query", *words, *order]


def cut_by(question: str) -> list[str]:
    """What the answer has a row for, by which it is put in order."""
    manifest = json.loads((PROJECT_DIR / "target" / "semantic_manifest.json").read_text())
    for saved in manifest["saved_queries"]:
        if saved["name"] == question:
            # TimeDimension('metric_time', 'day') is metric_time__day
            asked = saved["query_params"]["group_by"]
            return ["__".join(re.findall(r"'(\w+)'", each)) for each in asked]
    names = ", ".join(sorted(saved["name"] for saved in manifest["saved_queries"]))
    sys.exit(f"There is no question {question}. There are: {names}")


def main() -> None:
    """Parse the project, then ask."""
    os.chdir(PROJECT_DIR)
    # mf reads the semantic manifest from target/ of the project, wherever else dbt may write
    parsed = dbtRunner().invoke(["--quiet", "parse", "--target-path", "target"])
    if not parsed.success:
        sys.exit(f"The project does not parse: {parsed.exception}")
    # mf asks the package index for a newer version each time
    update_checker.UpdateChecker.check = lambda *_, **__: None
    from dbt_metricflow.cli.main import cli

    cli(command(sys.argv[1:]))


if __name__ == "__main__":
    main()
