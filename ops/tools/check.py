"""Judge a folder of raw files without building: `make check RAW=folder`.

Takes what would be dbt's --vars, with `raw_path` and `providers`. A check costs what dbt needs to
start: the project is parsed once, since the folder is no variable but an argument of the operation
`check_input`; and the database, which holds aliases and names of events, is kept.
"""

from __future__ import annotations

import gc
import json
import os
import shlex
import sys
from pathlib import Path

import yaml
from dbt.cli.main import dbtRunner

PROJECT_DIR = Path(__file__).resolve().parents[2]
CHECK_DIR = PROJECT_DIR / "target" / "check"
SEEDS = ("seeds/column_aliases.csv", "seeds/event_types.csv", "dbt_project.yml")


def main(text: str) -> int:
    """Say how each file of the folder is read; 1 where a build would stop."""
    variables = yaml.safe_load(text)
    folder, providers = variables["raw_path"], variables["providers"]
    CHECK_DIR.mkdir(parents=True, exist_ok=True)
    os.chdir(PROJECT_DIR)
    database = CHECK_DIR / "check.duckdb"
    os.environ["DUCKDB_PATH"] = str(database)
    # a process of a few seconds has no use for it
    gc.disable()
    options = {"vars": json.dumps({"providers": providers, "raw_path": "the argument's"})}
    # and once for all folders of the same providers
    options["target-path"] = str(CHECK_DIR / "_".join(providers).replace("/", ""))
    newest = max((PROJECT_DIR / name).stat().st_mtime for name in SEEDS)
    if not database.exists() or database.stat().st_mtime <= newest:
        database.unlink(missing_ok=True)
        if not run("seed", options | {"select": "column_aliases event_types"}):
            database.unlink(missing_ok=True)
            return 1
    if not run("run-operation", options | {"args": json.dumps({"folder": folder})}, "check_input"):
        return 1
    named = "" if providers == ["generic"] else f" PROVIDERS={shlex.quote(json.dumps(providers))}"
    print(f"The same with publishing: make build RAW={shlex.quote(folder)}{named}")
    return 0


def run(command: str, options: dict[str, str], *words: str) -> bool:
    """Whether a command of dbt went well; what it has to say it prints itself."""
    flags = ["--warn-error", "--quiet", "--no-write-json", "--log-level-file", "none"]
    pairs = [part for name, value in options.items() for part in (f"--{name}", value)]
    return dbtRunner().invoke([*flags, command, *words, *pairs]).success


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
