"""Pack the dashboard of this folder for Superset's import, with the path of the published file.

python ops/superset/bundle.py published/app_sessions.duckdb target/superset.zip
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

FOLDER = Path(__file__).parent
PLACEHOLDER = "/srv/app_sessions/published/app_sessions.duckdb"


def bundle(database: Path, target: Path) -> Path:
    """Write the zip file that Superset imports.

    Arguments:
        database: the DuckDB file as Superset sees it.
        target: the zip file.

    Returns:
        `target`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(FOLDER.rglob("*.yaml")):
            text = path.read_text().replace(PLACEHOLDER, database.absolute().as_posix())
            archive.writestr(f"app_sessions/{path.relative_to(FOLDER)}", text)
    return target


if __name__ == "__main__":
    print(bundle(Path(sys.argv[1]), Path(sys.argv[2])))
