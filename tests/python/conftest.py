"""Fixtures of all Python tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from dbt_harness import PROJECT_DIR, Dbt


@pytest.fixture(scope="session")
def project_dir() -> Path:
    """The repository's root."""
    return PROJECT_DIR


@pytest.fixture
def dbt(tmp_path: Path) -> Dbt:
    """dbt on this project, with an empty database of the test's own."""
    return Dbt(tmp_path)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """The project built on its bundled sample; for reading only.

    The database named by APP_SESSIONS_DB, which `make test` has just built, or else one
    built here.
    """
    given = os.environ.get("APP_SESSIONS_DB")
    folder = tmp_path_factory.mktemp("built")
    if given:
        dbt = Dbt(folder, database=Path(given).resolve())
    else:
        dbt = Dbt(folder)
        dbt("build")
    dbt.is_read_only = True
    return dbt
