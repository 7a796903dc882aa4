"""Put the packages of packages.yml into dbt_packages/, with or without a package hub.

Runs `dbt deps` in a folder of its own and moves the result in whole, so that a failure half-way
leaves dbt_packages/ as it was. Where the hub is out of reach, the stand-in for dbt_expectations
from ops/dbt_expectations_standin/ takes the package's place until a run that reaches the hub.
An installed real package is never touched: delete dbt_packages/ to have it fetched again.
Prints one line that says what is there now.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

PROJECT_DIR = Path(__file__).resolve().parents[2]
STANDIN_DIR = PROJECT_DIR / "ops" / "dbt_expectations_standin"
STANDIN_MARK = "STANDIN.md"
PACKAGE = "dbt_expectations"
CONNECT_SECONDS = 3
DEPS_SECONDS = 120


def installed(packages_dir: Path) -> str | None:
    """What holds the package's place in `packages_dir`: `real`, `stand-in`, or None."""
    package_dir = packages_dir / PACKAGE
    if not (package_dir / "dbt_project.yml").is_file():
        return None
    return "stand-in" if (package_dir / STANDIN_MARK).is_file() else "real"


def hub_is_reachable() -> bool:
    """Whether a connection to dbt's package hub opens within CONNECT_SECONDS.

    `dbt deps` takes five tries to find out. Through a proxy only a request would tell, so
    there the answer is yes and `dbt deps` has to find out for itself.
    """
    if os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy"):
        return True
    # the address is dbt's own default, or the mirror named by dbt's DBT_PACKAGE_HUB_URL
    from dbt.clients.registry import DEFAULT_REGISTRY_BASE_URL

    hub = urlsplit(DEFAULT_REGISTRY_BASE_URL)
    port = hub.port or (443 if hub.scheme == "https" else 80)
    try:
        with socket.create_connection((hub.hostname, port), timeout=CONNECT_SECONDS):
            return True
    except OSError:
        return False


def run_dbt_deps(project_dir: Path, packages_dir: Path) -> bool:
    """Fetch the packages and move them into `packages_dir`; False when they cannot be had."""
    with tempfile.TemporaryDirectory(dir=project_dir, prefix=".deps-") as scratch:
        scratch_dir = Path(scratch)
        shutil.copy(project_dir / "packages.yml", scratch_dir)
        (scratch_dir / "dbt_project.yml").write_text("name: deps\nprofile: none\n")
        command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "deps"]
        command += ["--project-dir", scratch, "--log-path", scratch]
        environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        try:
            finished = subprocess.run(
                command, env=environment, capture_output=True, timeout=DEPS_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        fetched = scratch_dir / "dbt_packages"
        if finished.returncode != 0 or not (fetched / PACKAGE).is_dir():
            return False
        packages_dir.mkdir(exist_ok=True)
        for package_dir in fetched.iterdir():
            replace(packages_dir / package_dir.name, package_dir)
    return True


def replace(old: Path, new: Path) -> None:
    """Rename `new` to `old`, which may exist; both are on one file system."""
    if old.is_symlink() or old.exists():
        aside = new.with_name(new.name + ".old")
        old.rename(aside)
        new.rename(old)
        if aside.is_dir() and not aside.is_symlink():
            shutil.rmtree(aside)
        else:
            aside.unlink()
    else:
        new.rename(old)


def same_files(one: Path, other: Path) -> bool:
    """Whether two folders hold the same files with the same bytes."""
    files = {path.relative_to(one) for path in one.rglob("*") if path.is_file()}
    if files != {path.relative_to(other) for path in other.rglob("*") if path.is_file()}:
        return False
    return all(filecmp.cmp(one / name, other / name, shallow=False) for name in files)


def put_standin(packages_dir: Path) -> None:
    """Copy the stand-in to its place, unless it is there already, byte for byte."""
    place = packages_dir / PACKAGE
    if place.is_dir() and same_files(STANDIN_DIR, place):
        return
    packages_dir.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=packages_dir.parent, prefix=".deps-") as scratch:
        copy = Path(scratch) / PACKAGE
        shutil.copytree(STANDIN_DIR, copy)
        replace(place, copy)


def install(project_dir: Path = PROJECT_DIR) -> str:
    """Install the packages of `project_dir`, and return the line that says which.

    Raises:
        OSError: dbt_packages/ cannot be written.
    """
    packages_dir = project_dir / "dbt_packages"
    if installed(packages_dir) == "real":
        return "dbt_expectations: the real package, installed earlier"
    reason = "the package hub is out of reach"
    if hub_is_reachable():
        if run_dbt_deps(project_dir, packages_dir):
            return "dbt_expectations: the real package, from `dbt deps`"
        reason = "`dbt deps` failed (run it to see why)"
    put_standin(packages_dir)
    return f"dbt_expectations: the stand-in, since {reason}"


if __name__ == "__main__":
    print(install())
