"""The pages of `make docs`: complete, and readable without a server or a network."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from dbt_harness import PROJECT_DIR, Dbt

COLIBRI = PROJECT_DIR / ".venv-docs" / "bin" / "colibri"
# what a page would fetch from a host as soon as it is opened
FETCHED = re.compile(
    r"""<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)=["'](?:https?:)?//[^"']*["']""",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def docs(built: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """dbt's folder after `dbt docs generate --static`, on a copy of the build."""
    dbt = built.copy(tmp_path_factory.mktemp("docs"))
    dbt("docs", "generate", "--static")
    return dbt.target_path


def test_one_file_holds_every_model_and_needs_nothing_else(docs: Path):
    page = (docs / "static_index.html").read_text()
    assert not FETCHED.findall(page)
    manifest = json.loads((docs / "manifest.json").read_text())
    for node in manifest["nodes"].values():
        if node["resource_type"] in ("model", "seed"):
            assert f'"{node["unique_id"]}"' in page
    assert (
        "lineage of columns" in manifest["docs"]["doc.app_sessions.__overview__"]["block_contents"]
    )


def test_columns_can_be_followed_from_the_marts_to_staging(docs: Path, tmp_path: Path):
    if not COLIBRI.exists():
        pytest.skip("dbt-colibri is not installed: `make docs` installs it into .venv-docs")
    finished = subprocess.run(
        [
            *(str(COLIBRI.with_name("python")), str(COLIBRI), "generate", "--light"),
            *("--disable-telemetry", "--output-dir", str(tmp_path)),
            *("--manifest", str(docs / "manifest.json"), "--catalog", str(docs / "catalog.json")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    said = finished.stdout + finished.stderr
    assert finished.returncode == 0, said
    assert "ERROR" not in said
    assert not FETCHED.findall((tmp_path / "index.html").read_text())
    edges = json.loads((tmp_path / "colibri-manifest.json").read_text())["lineage"]["edges"]
    parents: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for edge in edges:
        source, target = edge["source"].split(".")[-1], edge["target"].split(".")[-1]
        parents.setdefault((target, edge["targetColumn"]), set()).add(
            (source, edge["sourceColumn"])
        )

    def origins(column: tuple[str, str]) -> set[tuple[str, str]]:
        waiting, found = [column], set()
        while waiting:
            column = waiting.pop()
            if column not in found:
                found.add(column)
                waiting += parents.get(column, ())
        return found

    lateness = origins(("mart_data_quality", "lateness_p50_seconds"))
    assert ("stg_generic__events", "event_at") in lateness
    assert ("stg_tenjin__events", "loaded_at") in lateness
    assert ("int_event_log", "event_at") in origins(("mart_cpm_n_day", "app_open_count"))
    assert ("stg_tenjin__ad_spend", "spend") in origins(("fct_ad_spend", "spend_usd"))
