"""Build the sample with other versions of Python, dbt and DuckDB, and compare: make test-matrix.

Each leg has an environment of its own in target/matrix/, the locked one but for what its line in
LEGS says. It builds the sample with all tests; its tables of core and marts must equal those that
the project's own environment builds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb

PROJECT_DIR = Path(__file__).resolve().parents[2]
FOLDER = PROJECT_DIR / "target" / "matrix"
# name: version of Python (none: that of .venv), what is installed beside the locked packages, and
# in place of them, without what that would bring
LEGS: dict[str, tuple[str | None, list[str], list[str]]] = {
    "locked": (None, [], []),
    "python-3.12": ("3.12", [], []),
    "python-3.13": ("3.13", [], []),
    # its new parser has no wheel on PyPI
    "dbt-1.12": (
        None,
        ["metricflow==0.213.0", "opentelemetry-api==1.45.2", "python-dotenv==1.2.1"],
        ["dbt-core==1.12.6"],
    ),
    "duckdb-2.0": (None, [], ["duckdb==2.0.1"]),
}
EXPORT = """
import sys
import duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
for schema, table in connection.execute(
    "select table_schema, table_name from information_schema.tables"
    " where table_schema in ('core', 'marts') order by all"
).fetchall():
    connection.execute(f"copy {schema}.{table} to '{sys.argv[2]}/{schema}.{table}.parquet'")
"""


def interpreter(version: str | None) -> str | None:
    """A Python of a version: of PATH, or of pyenv; None where there is none."""
    if version is None:
        return sys.executable
    # pyenv's first: what it puts on PATH may name a version that is not switched on
    pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    return str(pyenv[-1]) if pyenv else shutil.which(f"python{version}")


def build(leg: str, python: str, beside: list[str], instead: list[str]) -> Path:
    """Make the leg's environment, build the sample with it, and give the folder of its tables."""
    folder = FOLDER / leg
    shutil.rmtree(folder, ignore_errors=True)
    tables = folder / "tables"
    tables.mkdir(parents=True)
    subprocess.run([python, "-m", "venv", folder / "venv"], check=True)
    pip = [folder / "venv/bin/python", "-m", "pip", "-qq", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--require-hashes", "-r", "requirements/run.txt"], check=True)
    if beside:
        subprocess.run([*pip, *beside], check=True)
    if instead:
        subprocess.run([*pip, "--no-deps", *instead], check=True)
    database = folder / "app_sessions.duckdb"
    environment = {
        **os.environ,
        "DUCKDB_PATH": str(database),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    # warnings are none of a leg's business: dbt 1.12 has one about the semantic layer
    command = [folder / "venv/bin/dbt", "--quiet", "build"]
    subprocess.run(command, check=True, env=environment)
    subprocess.run([folder / "venv/bin/python", "-c", EXPORT, database, tables], check=True)
    return tables


def differences(one: Path, other: Path) -> list[str]:
    """Tables of which a row is in one folder only."""
    names = sorted({path.name for folder in (one, other) for path in folder.glob("*.parquet")})
    found = []
    for name in names:
        if not ((one / name).exists() and (other / name).exists()):
            found.append(f"{name}: only in one")
            continue
        a, b = (f"from '{folder / name}'" for folder in (one, other))
        ((count,),) = duckdb.sql(
            f"select count(*) from (({a} except all {b}) union all ({b} except all {a}))"
        ).fetchall()
        if count:
            found.append(f"{name}: {count} rows are in one only")
    return found


def main() -> int:
    """Run the legs that the command line names, or all; the exit code says whether all passed."""
    os.chdir(PROJECT_DIR)
    legs = sys.argv[1:] or list(LEGS)
    unknown = sorted(set(legs) - set(LEGS))
    if unknown:
        sys.exit(f"No such leg: {', '.join(unknown)}; there are {', '.join(LEGS)}.")
    failed = []
    expected: Path | None = None
    for leg in dict.fromkeys(["locked", *legs]):
        version, beside, instead = LEGS[leg]
        python = interpreter(version)
        started = time.monotonic()
        if python is None:
            print(f"{leg:12} not run: there is no python{version} on PATH or in ~/.pyenv")
            failed.append(leg)
            continue
        print(f"{leg:12} ...", flush=True)
        try:
            tables = build(leg, python, beside, instead)
        except subprocess.CalledProcessError as error:
            print(f"{leg:12} failed: {' '.join(map(str, error.cmd))}")
            failed.append(leg)
            continue
        expected = expected or tables
        found = differences(expected, tables)
        print("\n".join(f"{leg:12} {line}" for line in found), end="\n" if found else "")
        failed += [leg] if found else []
        count = len(list(tables.glob("*.parquet")))
        verdict = "differs" if found else f"{count} tables equal"
        print(f"{leg:12} {verdict}, {time.monotonic() - started:.0f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
