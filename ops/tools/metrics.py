"""Answer a question about metrics in the terminal, with MetricFlow: `make metrics Q=...`.

Without arguments it lists the questions that models/semantic/ has names for. One name answers that
question; options are those of `mf query`, such as `--metrics dau --group-by metric_time`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import update_checker
from dbt.cli.main import dbtRunner

PROJECT_DIR = Path(__file__).resolve().parents[2]


def command(words: list[str]) -> list[str]:
    """The command line of `mf` for a question."""
    if not words:
        return ["list", "saved-queries"]
    if len(words) == 1 and not words[0].startswith("-"):
        return ["query", "--quiet", "--saved-query", words[0]]
    if words[0].startswith("-"):
        return ["query", "--quiet", *words]
    if words[1].startswith("-"):
        return ["query", "--quiet", "--saved-query", *words]
    return words


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
